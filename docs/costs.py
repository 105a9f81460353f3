"""Write docs/costs.md: what each paper costs at smoke, from the accepted baseline.

`python docs/costs.py` rewrites the page; the tests compare it.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASELINE, PAGE = ROOT / "baseline" / "smoke", ROOT / "docs" / "costs.md"

HEAD = """\
# What each paper costs

Seconds that the blocks of the baseline took at smoke effort, added up over workers, in an
environment where nothing was compiled before: the first claim that calls a compiled solver pays for
its compilation. Other work on the machine adds to them, so compare papers with each other rather
than with a clock of yours. `python docs/costs.py` writes this page from `baseline/`.

| paper | claims | replicates | seconds | dearest claim | its seconds |
| --- | ---: | ---: | ---: | --- | ---: |
"""


def page(baseline: Path = BASELINE) -> str:
    """Return the page: a row for each paper, the dearest first, and one for all of them."""
    claims, replicates = Counter[str](), Counter[str]()
    seconds: dict[str, dict[str, float]] = {}
    for path in sorted(baseline.glob("*.json")):
        entry = json.loads(path.read_text(encoding="utf-8"))
        paper, _, name = entry["claim"].partition(".")
        claims[paper] += 1
        replicates[paper] += entry["replicates"]
        seconds.setdefault(paper, {})[name] = entry["seconds"]
    sums = {paper: math.fsum(each.values()) for paper, each in seconds.items()}
    rows = []
    for paper in sorted(sums, key=lambda name: (-sums[name], name)):
        name, most = max(seconds[paper].items(), key=lambda item: (item[1], item[0]))
        rows.append(
            f"| `{paper}` | {claims[paper]} | {replicates[paper]:,} | {sums[paper]:.1f} | "
            f"`{name}` | {most:.1f} |\n"
        )
    together = f"{claims.total()} | {replicates.total():,} | {math.fsum(sums.values()):.0f}"
    return HEAD + "".join(rows) + f"| all {len(sums)} | {together} | | |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
