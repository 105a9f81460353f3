"""Write docs/full-effort.md: what the claims come to at standard and full effort.

``python docs/full_effort.py STORE ...`` takes the results of stores into ``baseline/efforts.json``,
beside those of earlier runs, and writes the page; without arguments it writes the page alone. A
whole run at full effort takes hours, so that it is put together from several.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from refutable import Effort, Verdict
from refutable.storing.store import Store

ROOT = Path(__file__).resolve().parents[1]
KEPT, PAGE = ROOT / "baseline" / "efforts.json", ROOT / "docs" / "full-effort.md"
SMOKE = ROOT / "baseline" / "smoke"

Entry = Mapping[str, Any]
Kept = dict[str, dict[str, Entry]]
"""By effort and claim."""

EFFORTS = (Effort.STANDARD, Effort.FULL)

HEAD = """\
# What more effort finds

Every claim is decided at smoke effort whenever anything changes; this page holds what was found
with larger grids and more replicates, put together from several runs. A claim may have been mended
since: `refutable run CLAIM --effort full` decides it as it is now. Seconds are those of its blocks,
added up over workers, on a machine that was busy with other work. What is not run is yet to be, or
wants data that cannot be shipped.
`python docs/full_effort.py STORE` takes the results of a store in and writes this page.

"""


def taken(store: Path) -> Iterator[tuple[str, str, Entry]]:
    """Yield effort, claim, and what was found, of every result of a store."""
    opened, told = Store(store, create=False), ("verdict", "expected", "reason", "fingerprint")
    for claim, found in opened.results().items():
        if found.effort not in EFFORTS or found.verdict == Verdict.NOT_RUN:
            continue
        entry = {key: getattr(found, key) for key in told}
        seconds = round(opened.cost(claim)["seconds"], 1)
        yield found.effort, claim, entry | {"replicates": found.replicates, "seconds": seconds}


def kept() -> Kept:
    """Return what earlier runs found."""
    if not KEPT.exists():
        return {effort: {} for effort in EFFORTS}
    found: Kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def claims() -> list[str]:
    """Return the ids of all claims of the suite, those of the smoke baseline."""
    return sorted(path.name.removesuffix(".json") for path in SMOKE.glob("*.json"))


def page(found: Kept, ids: Iterable[str]) -> str:
    """Return the page.

    Parameters
    ----------
    found : dict
        See `kept`.
    ids : iterable of str
        All claims; what was found of others is passed over.
    """
    papers: dict[str, list[str]] = {}
    for claim in ids:
        papers.setdefault(claim.partition(".")[0], []).append(claim)
    head = "| paper | claims | standard | its seconds | full | its seconds |\n"
    rows = [head, "| --- | ---: | --- | ---: | --- | ---: |\n"]
    rows += [_row(f"`{paper}`", members, found) for paper, members in sorted(papers.items())]
    rows.append(_row(f"all {len(papers)}", [c for m in papers.values() for c in m], found))
    known = {claim for members in papers.values() for claim in members}
    sections = [_others(effort, found[effort], known) for effort in EFFORTS]
    return HEAD + "".join(rows) + "".join(sections)


def _row(name: str, members: list[str], found: Kept) -> str:
    cells = [f"{len(members)}"]
    for effort in EFFORTS:
        entries = [found[effort][claim] for claim in members if claim in found[effort]]
        counts = Counter(entry["verdict"] for entry in entries)
        words = [f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]]
        missing = len(members) - len(entries)
        words += [f"{missing} {Verdict.NOT_RUN}"] * bool(missing)
        seconds = math.fsum(entry["seconds"] for entry in entries)
        cells += [", ".join(words), f"{seconds:,.0f}" if entries else ""]
    return f"| {name} | {' | '.join(cells)} |\n"


def _others(effort: str, found: Mapping[str, Entry], known: set[str]) -> str:
    """Return a section on the verdicts that are not the expected ones."""
    odd = [
        f"| `{claim}` | {entry['verdict']} | {entry['expected']} | {_plain(entry['reason'])} |\n"
        for claim, entry in sorted(found.items())
        if claim in known and entry["verdict"] != entry["expected"]
    ]
    head = f"\n## Not as expected at {effort} effort\n\n"
    if not odd:
        return f"{head}None of the {len(known & set(found))} that were run.\n"
    return head + "| claim | verdict | expected | why |\n| --- | --- | --- | --- |\n" + "".join(odd)


def _plain(words: str) -> str:
    return words.replace("|", "\\|").replace("\n", " ")


def main(stores: Iterable[str]) -> None:
    """Take in stores and write what is kept, and the page."""
    found = kept()
    for store in stores:
        for effort, claim, entry in taken(Path(store)):
            found[effort][claim] = entry
    KEPT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(found, claims()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
