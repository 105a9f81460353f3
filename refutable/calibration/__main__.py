"""Run the study: ``python -m refutable.calibration [--quick] [--seed N] [--out FILE]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from refutable.calibration.cases import KERNEL, cases, rare_cases
from refutable.calibration.economy import Saving, savings
from refutable.calibration.study import Row, rare_study, study

QUICK, FULL = 1_000, 150_000
HORIZON, QUICK_HORIZON = 1024, 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, write the JSON; return 1 if a kernel is found broken, else 0."""
    options = _parser().parse_args(arguments)
    most, horizon = (QUICK, QUICK_HORIZON) if options.quick else (FULL, HORIZON)
    rows = []
    print(_HEAD)
    for row in _all(options.seed, horizon, most):
        print(_line(row), flush=True)
        rows.append(row)
    economy = savings(options.seed)
    print("\n" + "\n".join(_economy_line(saving) for saving in economy))
    if options.out:
        _write(options.out, options.seed, horizon, rows, economy)
    return int(any(row.role == KERNEL and row.finding == "broken" for row in rows))


def _all(seed: int, horizon: int, most: int) -> Iterator[Row]:
    yield from rare_study(rare_cases(), seed, horizon, most)
    yield from study(cases(), seed, horizon, most)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m refutable.calibration", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help=f"at most {QUICK} short sequences per case"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the study (default 1)")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    return parser


def _write(path: Path, seed: int, horizon: int, rows: list[Row], economy: list[Saving]) -> None:
    table = {
        "schema": 1,
        "seed": seed,
        "horizon": horizon,
        "calibration": [asdict(row) for row in rows],
        "economy": [asdict(saving) for saving in economy],
    }
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


_HEAD = (
    f"{'expectation':22} {'decided by':23} {'law':22} {'region':8} {'nominal':>7} "
    f"{'wrong':>6} {'of':>7} {'rate':>8}  interval of the rate   finding"
)


def _line(row: Row) -> str:
    return (
        f"{row.expectation:22} {row.kernel:23} {row.law:22} {row.region:8} {row.nominal:7.0e} "
        f"{row.wrong:6d} {row.sequences:7d} {row.rate:8.2e}  "
        f"[{row.lower:.2e}, {row.upper:.2e}]   {row.finding}, {row.method}"
    )


def _economy_line(saving: Saving) -> str:
    return (
        f"{saving.case:58} look every {saving.look_every:2d}: fixed n {saving.fixed:5d}, "
        f"sequential {saving.sequential:7.1f}: "
        f"{saving.ratio:6.1f}x fewer (told the truth: {saving.told:.1f})"
    )


if __name__ == "__main__":
    sys.exit(main())
