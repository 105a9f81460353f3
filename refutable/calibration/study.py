"""The study: simulate until the Bernoulli kernel has decided whether each rate holds."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from refutable.calibration.cases import Case
from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import Interval, bernoulli

NOMINAL = (0.01, 0.001)
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

    def updated(self, wrong: NDArray[np.bool_]) -> Row:
        """Return the row with more sequences counted, and its finding; a finding stands."""
        if self.finding != "open":
            return self
        total, bad = self.sequences + wrong.size, self.wrong + int(wrong.sum())
        before = Interval(self.lower, self.upper)
        now = before.intersect(bernoulli.interval(bad, total, ERROR))
        return replace(
            self,
            sequences=total,
            wrong=bad,
            rate=bad / total,
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
        Sequences after which a row stays open.
    """
    for case in cases:
        yield from _rows(case, seed, horizon, most)


def _rows(case: Case, seed: int, horizon: int, most: int) -> list[Row]:
    name = f"{case.expectation}/{case.kernel}/{case.law.name}"
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    rows = [
        Row(case.expectation, case.kernel, case.role, case.law.name, region, nominal)
        for region in case.regions
        for nominal in NOMINAL
    ]
    for _ in range(0, most, BATCH):
        found = case.simulate(case.law, rng, BATCH, horizon)
        rows = [row.updated(_wrong(found, row)) for row in rows]
        if all(row.finding != "open" for row in rows):
            break
    return rows


def _wrong(found: FloatArray, row: Row) -> NDArray[np.bool_]:
    """Which sequences give a wrong verdict; one-sided regions spend twice on either end."""
    if row.region == "within":
        return np.asarray(found.max(axis=1) >= -math.log(row.nominal))
    side = found[:, 0] if row.region == "at_least" else found[:, 1]
    return np.asarray(side >= -math.log(2.0 * row.nominal))
