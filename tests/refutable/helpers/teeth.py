"""Which claims of the suite have functionals without a control, or controls that logic refutes.

``python tests/refutable/helpers/teeth.py`` prints both lists by name; with ``--shrink`` it takes
away from
`controls_to_mend.json` what has been mended. Nothing is ever added to that file.
"""

import json
import sys
from pathlib import Path

from refutable.claims.teeth import deciding, excluded, untouched
from refutable.running.registry import discover

TO_MEND = Path(__file__).with_name("controls_to_mend.json")


def gaps(claims):
    """Return, by claim, untouched functionals without a reason and controls refuted by logic."""
    bare = {c.id: untouched(c) for c in claims if not c.untouched_because}
    vain = {c.id: excluded(c) for c in claims}
    found = {"untouched": bare, "refuted by logic": vain}
    return {kind: {k: v for k, v in named.items() if v} for kind, named in found.items()}


def counted(found):
    """Return how many there are in each claim."""
    return {kind: {k: len(v) for k, v in named.items()} for kind, named in found.items()}


def to_mend():
    """Return what is known to be wanting."""
    return json.loads(TO_MEND.read_text())


def shrunk(listed, found):
    """Return what is listed and still wanting; never more than was listed."""
    return {
        kind: {k: min(n, found[kind][k]) for k, n in named.items() if k in found[kind]}
        for kind, named in listed.items()
    }


def main():
    """Print both lists."""
    claims = list(discover().claims.values())
    found = gaps(claims)
    for kind, named in found.items():
        print(f"\n{kind}: {sum(map(len, named.values()))} in {len(named)} of {len(claims)} claims")
        for claim, names in sorted(named.items()):
            print(f"  {claim}: {'; '.join(names)}")
    print(f"\ndeciding functionals: {sum(len(deciding(c)) for c in claims)}")
    print(f"false theories: {sum(len(c.false_theories) for c in claims)}")
    none = [c.id for c in claims if len(excluded(c)) == len(c.controls)]
    print(f"claims with no other control: {len(none)}: {', '.join(sorted(none))}")
    if "--shrink" in sys.argv:
        kept = shrunk(to_mend(), counted(found))
        TO_MEND.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
