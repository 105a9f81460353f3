"""How often a bracket of `refutable.deciding.onsets` is wrong, and what it costs.

``python -m refutable.calibration.onsets [--runs N] [--workers N] [--only WORD] [--out FILE]``
searches curves whose onset is known. A run *misses* if anything that it says is wrong: that the
expectation fails at some value, or holds at some other. The bracket is two such statements, and
that a curve is not monotone is three. Whether the rate of misses is at most nominal is decided by
the Bernoulli kernel.
``tests/benchmarks/onset_cost.py`` measures its cost beside a fixed grid and beside ProBABLI.

The file is written after every case, and the rows of as many runs that it holds are not run again:
the command goes on where it was stopped. Remove the file where the search has changed.

The JSON is ``{"schema": 1, "seed": int, "alpha": float, "onsets": [row]}``; a row is an `OnsetRow`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from refutable.claims.arrays import Columns
from refutable.claims.expectations import Expectation, Mean, Probability
from refutable.deciding.estimating import Status
from refutable.deciding.kernels import Interval, bernoulli
from refutable.deciding.onsets.line import Line
from refutable.deciding.onsets.search import Ending, Search

ALPHA = 0.05
"""Nominal error of a bracket: large, so that a rule that is wrong is seen to be."""

ERROR = 0.001
"""Error probability of each finding."""

SCHEMA = 1
RUNS = 2_000
BLOCK = 32
BUDGET = 20_000
EDGE = 0.5
"""What the curve must reach to hold; it is the edge of the region."""

Curve = Callable[[float, float], float]
"""The expected outcome at a place, of a curve whose onset lies at another."""


def logistic(x: float, at: float, slope: float) -> float:
    """Return a logistic curve through `EDGE` at the onset."""
    return 1.0 / (1.0 + math.exp(-slope * (x - at)))


def step(x: float, at: float) -> float:
    """Return a jump from 0.3 to 0.7; it holds at the onset itself."""
    return 0.7 if x >= at else 0.3


def plateau(x: float, at: float) -> float:
    """Return a curve that rests on the edge of the region for a fifth of the range."""
    rise = 1.5
    return EDGE + rise * min(x - at, 0.0) if x < at + 0.2 else EDGE + rise * (x - at - 0.2)


def three_times(x: float, at: float) -> float:
    """Return a curve that crosses the edge upwards, downwards, and upwards again."""
    return float(EDGE + 40.0 * (x - at + 0.25) * (x - at) * (x - at - 0.25))


def bump(x: float, at: float) -> float:
    """Return a curve that holds in the middle alone, so that its ends agree."""
    return float(0.9 - 12.0 * (x - at) ** 2)


@dataclass(frozen=True)
class Case:
    """A curve, and the outcomes that have it for their mean."""

    name: str
    curve: Curve
    tolerance: float
    outcome: str = "event"
    block: int = BLOCK

    @property
    def expectation(self) -> Expectation:
        """What is to hold."""
        if self.outcome == "event":
            return Probability("x").at_least(EDGE)
        return Mean("x", bounds=(0, 1)).at_least(EDGE)

    def mean(self, place: float, at: float) -> float:
        """Return the expected outcome, within [0.001, 0.999] unless it is on the edge."""
        return float(min(max(self.curve(place, at), 0.001), 0.999))

    def draw(self, mean: float, rng: np.random.Generator) -> Columns:
        """Return a block: events, or Beta outcomes of a third of the greatest variance."""
        if self.outcome == "event":
            return {"x": rng.random(self.block) < mean}
        return {"x": rng.beta(2.0 * mean, 2.0 * (1.0 - mean), self.block)}


def cases() -> tuple[Case, ...]:
    """Return the cases: six curves, each with events and with bounded outcomes."""
    curves: tuple[tuple[str, Curve, float], ...] = (
        ("logistic, slope 8", partial(logistic, slope=8.0), 0.1),
        ("logistic, slope 20", partial(logistic, slope=20.0), 0.05),
        ("logistic, slope 60", partial(logistic, slope=60.0), 0.05),
        ("step", step, 0.05),
        ("plateau on the edge", plateau, 0.05),
        ("crosses three times", three_times, 0.05),
        ("holds in the middle", bump, 0.05),
    )
    return tuple(Case(*curve, kind) for kind in ("event", "bounded") for curve in curves)


@dataclass(frozen=True)
class Outcome:
    """One search: whether it missed, how it ended and what it cost."""

    missed: bool
    ending: str
    replicates: int
    width: float
    visited: int


@dataclass(frozen=True)
class OnsetRow:
    """One line of the table.

    Parameters
    ----------
    curve, outcome : str
    alpha : float
        Nominal.
    tolerance : float
        Width asked for, of a range of 1.
    runs, missed : int
    lower, upper : float
        Interval of the rate of misses at error 0.001.
    finding : str
        `holds`, `broken` or `open`.
    endings : dict of str to int
    replicates, width, visited : float
        Means; the width over the runs with a bracket, None where no run has one.
    """

    curve: str
    outcome: str
    alpha: float
    tolerance: float
    runs: int
    missed: int
    lower: float
    upper: float
    finding: str
    endings: dict[str, int]
    replicates: float
    width: float | None
    visited: float


def run(case: Case, rng: np.random.Generator) -> Outcome:
    """Search one curve whose onset is drawn."""
    at = float(rng.uniform(0.3, 0.7))
    line = Line("u", 0.0, 1.0, False, case.tolerance)
    search = Search(line, {}, case.expectation, ALPHA, BUDGET, case.block)
    while not search.done:
        for wanted in list(search.needs()):
            search.feed(wanted, case.draw(case.mean(float(wanted.cell.u), at), rng))
    said = {value: point.status for value, point in search.points.items() if not point.open}
    wrong = any((case.mean(v, at) >= EDGE) != (s is Status.INSIDE) for v, s in said.items())
    pair = search.bracket() if search.ending is not Ending.NOT_MONOTONE else None
    width = abs(search.value_of(pair[1]) - search.value_of(pair[0])) if pair else math.nan
    return Outcome(wrong, str(search.ending), search.replicates, width, len(search.points))


def row(case: Case, seed: int, runs: int) -> OnsetRow:
    """Return the row of a case; each has a stream of its own, whatever else runs."""
    name = f"{case.name}/{case.outcome}".encode()
    rng = np.random.default_rng([seed, zlib.crc32(name)])
    found = [run(case, rng) for _ in range(runs)]
    missed = sum(one.missed for one in found)
    rate = bernoulli.interval(missed, runs, ERROR)
    widths = [one.width for one in found if not math.isnan(one.width)]
    return OnsetRow(
        curve=case.name,
        outcome=case.outcome,
        alpha=ALPHA,
        tolerance=case.tolerance,
        runs=runs,
        missed=missed,
        lower=rate.lower,
        upper=rate.upper,
        finding=_finding(rate),
        endings=dict(Counter(one.ending for one in found)),
        replicates=float(np.mean([one.replicates for one in found])),
        width=float(np.mean(widths)) if widths else None,
        visited=float(np.mean([one.visited for one in found])),
    )


def _finding(rate: Interval) -> str:
    if rate.inside(0.0, ALPHA):
        return "holds"
    return "broken" if rate.disjoint(0.0, ALPHA) else "open"


def study(
    seed: int, runs: int, workers: int, wanted: Sequence[Case] | None = None
) -> Iterator[OnsetRow]:
    """Yield the rows of the cases that are wanted, of every case by default."""
    chosen = cases() if wanted is None else wanted
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(row, chosen, itertools.repeat(seed), itertools.repeat(runs))


class Table:
    """The rows by case, and the file that holds them.

    Parameters
    ----------
    seed : int
        Of the study; a file of another one is written over.
    path : Path or None
        None to keep no file.
    """

    def __init__(self, seed: int, path: Path | None) -> None:
        self.seed, self.path = seed, path
        self.rows: dict[tuple[str, str], OnsetRow] = {}
        if path is not None and path.exists():
            stored = json.loads(path.read_text(encoding="utf-8"))
            if (stored["schema"], stored["seed"], stored["alpha"]) == (SCHEMA, seed, ALPHA):
                known = [OnsetRow(**one) for one in stored["onsets"]]
                self.rows = {(one.curve, one.outcome): one for one in known}

    def lacks(self, case: Case, runs: int) -> bool:
        """Say whether a case has no row of as many runs."""
        known = self.rows.get((case.name, case.outcome))
        return known is None or known.runs < runs

    def add(self, one: OnsetRow) -> None:
        """Take a row in place of the one before; write the file."""
        self.rows[one.curve, one.outcome] = one
        if self.path is not None:
            order = [(case.name, case.outcome) for case in cases()]
            rows = [asdict(self.rows[key]) for key in order if key in self.rows]
            table = {"schema": SCHEMA, "seed": self.seed, "alpha": ALPHA, "onsets": rows}
            self.path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, write the JSON; return 1 if the rule is found broken, else 0."""
    parser = argparse.ArgumentParser(prog="python -m refutable.calibration.onsets")
    parser.add_argument("--runs", type=int, default=RUNS, help="searches of each curve")
    parser.add_argument("--seed", type=int, default=1, help="of the study")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", default="", help="cases with this word in 'curve outcome'")
    parser.add_argument("--out", type=Path, help="JSON file to write, or to go on with")
    options = parser.parse_args(arguments)
    table = Table(options.seed, options.out)
    meant = [case for case in cases() if options.only in f"{case.name} {case.outcome}"]
    wanted = [case for case in meant if table.lacks(case, options.runs)]
    for one in study(options.seed, options.runs, options.workers, wanted):
        table.add(one)
        print(_line(one), flush=True)
    return int(any(one.finding == "broken" for one in table.rows.values()))


def _line(one: OnsetRow) -> str:
    endings = ", ".join(f"{many} {ending}" for ending, many in sorted(one.endings.items()))
    width = "-" if one.width is None else f"{one.width:.3f}"
    return (
        f"{one.curve:20} {one.outcome:8} {one.alpha:g}: {one.missed:4d} of {one.runs} miss, "
        f"[{one.lower:.4f}, {one.upper:.4f}] {one.finding}; {one.replicates:8.0f} replicates, "
        f"width {width}, {one.visited:.1f} values; {endings}"
    )


if __name__ == "__main__":
    sys.exit(main())
