"""Run the study: ``python -m refutable.calibration [--quick] [--seed N] [--out FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from refutable.calibration.cases import KERNEL, cases
from refutable.calibration.economy import Saving, savings
from refutable.calibration.study import Row, study

QUICK, FULL = 4_000, 600_000
HORIZON = 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, write the JSON; return 1 if a kernel is found broken, else 0."""
    options = _parser().parse_args(arguments)
    most = QUICK if options.quick else FULL
    rows = []
    print(_HEAD)
    for row in study(cases(), options.seed, HORIZON, most):
        print(_line(row), flush=True)
        rows.append(row)
    economy = savings(options.seed)
    print("\n" + "\n".join(_economy_line(saving) for saving in economy))
    if options.out:
        _write(options.out, options.seed, rows, economy)
    return int(any(row.role == KERNEL and row.finding == "broken" for row in rows))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m refutable.calibration", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK} sequences per case")
    parser.add_argument("--seed", type=int, default=1, help="of the study (default 1)")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    return parser


def _write(path: Path, seed: int, rows: list[Row], economy: list[Saving]) -> None:
    table = {
        "schema": 1,
        "seed": seed,
        "horizon": HORIZON,
        "calibration": [asdict(row) for row in rows],
        "economy": [asdict(saving) for saving in economy],
    }
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


_HEAD = (
    f"{'expectation':22} {'decided by':23} {'law':11} {'region':8} {'nominal':>7} "
    f"{'wrong':>6} {'of':>7} {'rate':>8}  interval of the rate   finding"
)


def _line(row: Row) -> str:
    return (
        f"{row.expectation:22} {row.kernel:23} {row.law:11} {row.region:8} {row.nominal:7.3f} "
        f"{row.wrong:6d} {row.sequences:7d} {row.rate:8.5f}  "
        f"[{row.lower:.5f}, {row.upper:.5f}]   {row.finding}"
    )


def _economy_line(saving: Saving) -> str:
    return (
        f"{saving.case:58} look every {saving.look_every:2d}: fixed n {saving.fixed:5d}, "
        f"sequential {saving.sequential:7.1f}: "
        f"{saving.ratio:6.1f}x fewer (told the truth: {saving.told:.1f})"
    )


if __name__ == "__main__":
    sys.exit(main())
