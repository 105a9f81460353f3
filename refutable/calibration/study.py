"""The study: simulate until the Bernoulli kernel has decided whether each rate holds.

A rate that is computed needs no simulation; see `refutable.calibration.rare`.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from refutable.calibration.cases import APPROXIMATE, KERNEL, NOMINAL, Case, RareCase
from refutable.calibration.rare import SCALE
from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import Interval, bernoulli

ERROR = 0.001
"""Error probability of each finding."""
BATCH = 1000
"""Sequences simulated at once."""


@dataclass(frozen=True)
class Row:
    """One line of the table; the fields are those of the JSON (`refutable.calibration`)."""

    expectation: str
    kernel: str
    role: str
    law: str
    region: str
    nominal: float
    sequences: int = 0
    wrong: int = 0
    rate: float = 0.0
    lower: float = 0.0
    upper: float = 1.0
    finding: str = "open"
    method: str = "simulated"
    scale: float = 1.0

    def updated(self, wrong: NDArray[np.bool_]) -> Row:
        """Return the row with more sequences counted, and its finding; a finding stands."""
        if self.finding != "open":
            return self
        total, bad = self.sequences + wrong.size, self.wrong + int(wrong.sum())
        counted = bernoulli.interval(bad, total, ERROR)
        scaled = Interval(counted.lower * self.scale, counted.upper * self.scale)
        now = Interval(self.lower, self.upper).intersect(scaled)
        return replace(
            self,
            sequences=total,
            wrong=bad,
            rate=bad / total * self.scale,
            lower=now.lower,
            upper=now.upper,
            finding=_finding(now, self.nominal),
        )


def _finding(rate: Interval, nominal: float) -> str:
    if rate.inside(0.0, nominal):
        return "holds"
    return "broken" if rate.disjoint(0.0, nominal) else "open"


def study(cases: Iterable[Case], seed: int, horizon: int, most: int) -> Iterator[Row]:
    """Yield the rows of every case.

    Parameters
    ----------
    cases : iterable of Case
    seed : int
        Of the study; each case has a stream of its own, whatever else runs.
    horizon : int
        Replicates in a sequence, a multiple of 8.
    most : int
        Sequences after which a row stays open; a quarter for what is known to fail.
    """
    for case in cases:
        promised = case.role in (KERNEL, APPROXIMATE)
        yield from _rows(case, seed, horizon, most if promised else -(-most // 4))


def rare_study(cases: Iterable[RareCase], seed: int, horizon: int, most: int) -> Iterator[Row]:
    """Yield a row for every case that is not counted; the parameters are those of `study`."""
    for case in cases:
        row = Row(
            case.expectation,
            case.kernel,
            case.role,
            case.law,
            case.region,
            case.nominal,
            method=case.method,
        )
        if case.exact is not None:
            yield _computed(row, case.exact(horizon))
        else:
            yield _counted(row, case, seed, horizon, most)


def _computed(row: Row, rate: float) -> Row:
    """Return the row with its rate, which a bound leaves open towards 0."""
    lower = 0.0 if row.method == "bound" else rate
    finding = _finding(Interval(lower, rate), row.nominal)
    return replace(row, rate=rate, lower=lower, upper=rate, finding=finding)


def _counted(row: Row, case: RareCase, seed: int, horizon: int, most: int) -> Row:
    assert case.count is not None
    rng = _stream(seed, row)
    row = replace(row, scale=SCALE * row.nominal)
    for _ in range(0, most, BATCH):
        row = row.updated(case.count(rng, min(BATCH, most), horizon))
        if row.finding != "open":
            break
    return row


def _stream(seed: int, row: Row) -> np.random.Generator:
    name = f"{row.expectation}/{row.kernel}/{row.law}"
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _rows(case: Case, seed: int, horizon: int, most: int) -> list[Row]:
    rows = [
        Row(case.expectation, case.kernel, case.role, case.law.name, region, nominal)
        for region in case.regions
        for nominal in case.nominal
    ]
    rng = _stream(seed, rows[0])
    for _ in range(0, most, BATCH):
        found = case.simulate(case.law, rng, min(BATCH, most), horizon)
        rows = [row.updated(_wrong(found, row)) for row in rows]
        # what is rarer is counted as long as the others are not decided, and no longer
        if all(row.finding != "open" for row in rows if row.nominal in NOMINAL):
            break
    return rows


def _wrong(found: FloatArray, row: Row) -> NDArray[np.bool_]:
    """Which sequences give a wrong verdict; one-sided regions spend twice on either end."""
    if row.region == "within":
        return np.asarray(found.max(axis=1) >= -math.log(row.nominal))
    side = found[:, 0] if row.region == "at_least" else found[:, 1]
    return np.asarray(side >= -math.log(2.0 * row.nominal))
