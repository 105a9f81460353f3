"""What is wanting in the suite: controls, and grounds of error probabilities.

``python tests/refutable/helpers/teeth.py`` prints, by name, the claims with functionals that no
control touches, the controls that logic alone refutes, and the checks that are approximate.
"""

from collections import Counter

from refutable.claims.records import Effort, Evidence
from refutable.claims.teeth import excluded, untouched
from refutable.deciding.checks import expand
from refutable.running.registry import discover


def gaps(claims):
    """Return, by claim, untouched functionals without a reason and controls refuted by logic."""
    bare = {c.id: untouched(c) for c in claims if not c.untouched_because}
    vain = {c.id: excluded(c) for c in claims}
    found = {"untouched": bare, "refuted by logic": vain}
    return {kind: {k: v for k, v in named.items() if v} for kind, named in found.items()}


def grades(claim, effort=Effort.SMOKE):
    """Return the grade of every statistical check that decides a claim, with its label."""
    if claim.deterministic:
        return []
    cells = claim.worlds(effort)[0].cells
    checks = expand(claim.expect, cells, 1e-6, effort)
    return [
        (check.accumulator.guarantee.grade, check.expectation.functional.label)
        for check in checks
        if check.decides and check.expectation.functional.evidence is Evidence.STATISTICAL
    ]


def main():
    """Print the lists."""
    claims = list(discover().claims.values())
    for kind, named in gaps(claims).items():
        print(f"\n{kind}: {sum(map(len, named.values()))} in {len(named)} of {len(claims)} claims")
        for claim, names in sorted(named.items()):
            print(f"  {claim}: {'; '.join(names)}")
    found = {claim.id: grades(claim) for claim in claims}
    weak = {k: [label for grade, label in v if grade == "approximate"] for k, v in found.items()}
    counts = Counter(grade for graded in found.values() for grade, _ in graded)
    print(f"\nstatistical checks: {dict(counts)}")
    for claim, labels in sorted(weak.items()):
        if labels:
            print(f"  {claim}: {len(labels)} approximate: {'; '.join(sorted(set(labels)))}")


if __name__ == "__main__":
    main()
