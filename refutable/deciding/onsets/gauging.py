r"""How tight a bound is: what was found as a share of what was claimed, cell by cell.

Where theory says that a functional is at most *b*, the *ratio* is the functional over *b*, with a
confidence sequence divided by *b*. The *constant that suffices* is the smallest *c* such that a
replicate exceeds *c b* with probability at most *q*: an onset in *c*, and the ``1 - q`` quantile of
the outcome over *b*, so that one inverted Bernoulli sequence holds for every *c* at once and
nothing need be searched. For a lower bound it is the largest *c*, the *q* quantile.

Each of the intervals owns an equal share of the error: two in each cell.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from refutable.claims.arrays import Columns
from refutable.claims.asking import check_parameter, others, stated
from refutable.claims.cells import Cell
from refutable.claims.claim import Claim
from refutable.claims.expectations import Expectation, Mean, Quantile
from refutable.claims.records import Effort
from refutable.claims.tightness import Tightness
from refutable.deciding.estimating import Accumulator, start
from refutable.deciding.kernels.interval import Interval
from refutable.deciding.onsets.points import anywhere
from refutable.deciding.onsets.rounds import Rounds
from refutable.deciding.onsets.setting import size_of
from refutable.deciding.results import finite
from refutable.errors import MisuseError

PER_CELL = 2
"""Intervals in a cell: of the ratio, and of the constant."""


class Gauge:
    """The ratio and the constant in one cell.

    Parameters
    ----------
    cell : Cell
    expectation : Expectation
        A bound: its region has one end in this cell, which is positive.
    q : float
    most : int
        Replicates after which it takes no more.

    Raises
    ------
    MisuseError
        If it is no bound there.
    """

    def __init__(self, cell: Cell, expectation: Expectation, q: float, most: int) -> None:
        region = expectation.region.at(cell)
        self.upper = math.isinf(region.lower)
        self.bound = region.upper if self.upper else region.lower
        functional = expectation.functional
        if math.isinf(region.lower) == math.isinf(region.upper) or not self.bound > 0:
            raise MisuseError(
                f"{functional.label} {region.label} in cell {cell.label} is no bound of one "
                "positive end, so it has no tightness."
            )
        self.cell, self.most = cell, most
        self.value = start(functional, cell)
        level = 1.0 - q if self.upper else q
        self.single: Accumulator | None = None
        if isinstance(functional, Mean):
            self.single = start(Quantile(functional.outcome, level), cell)
        self.blocks = self.replicates = 0

    @property
    def exhausted(self) -> bool:
        """Whether it has what was asked for."""
        return self.replicates >= self.most

    def feed(self, columns: Columns, size: int) -> None:
        """Take the next block of this cell."""
        self.blocks += 1
        self.replicates += size
        self.value.add(columns)
        if self.single is not None:
            self.single.add(columns)

    def estimate(self, alpha: float) -> float | None:
        """Return the estimated ratio."""
        found = self.value.look(alpha).estimate
        return None if found is None else found / self.bound

    def ratio(self, alpha: float) -> Interval:
        """Return the interval of the functional over its bound."""
        return self._over(self.value.look(alpha).interval.intersect(self.value.refine(alpha)))

    def constant(self, alpha: float) -> Interval | None:
        """Return the interval of the constant that suffices; None but for means."""
        if self.single is None:
            return None
        return self._over(self.single.look(alpha).interval)

    def _over(self, found: Interval) -> Interval:
        return Interval(found.lower / self.bound, found.upper / self.bound)


class Gauging(Rounds[Gauge, bool]):
    """Gauges of one bound, each of which takes as many replicates."""

    def __init__(
        self,
        claim: str,
        expectation: Expectation,
        cells: Sequence[Cell],
        asked: Tightness,
        size: int,
    ) -> None:
        self.claim, self.expectation, self.asked, self.size = claim, expectation, asked, size
        self.gauges = [Gauge(cell, expectation, asked.q, asked.replicates) for cell in cells]
        # rounds grow by an eighth, so that the last of a gauge may take more than was asked for
        blocks = 2 * -(-asked.replicates // size)
        self.budget, self.computed = len(cells) * blocks * size, False
        self.look_on, self.ending = None, None
        self._begin()

    @property
    def key(self) -> str:
        """What its statement depends on."""
        said = {
            "claim": self.claim,
            "holds": self.expectation.functional.label,
            "cells": [[dict(gauge.cell), gauge.bound] for gauge in self.gauges],
            "q": self.asked.q,
            "draws": [self.asked.replicates, self.size],
        }
        return f"tightness {json.dumps(said)}"

    def _steps(self) -> Generator[list[Gauge], None, bool]:
        while waiting := [gauge for gauge in self.gauges if not gauge.exhausted]:
            yield waiting
        return True


@dataclass(frozen=True)
class Gauged:
    """What was found in one cell.

    Parameters
    ----------
    cell : mapping
    bound : float
        What is claimed there.
    ratio : float or None
        The estimate over the bound.
    interval : pair of float
        Of the ratio.
    constant : pair of float or None
        Interval of the constant that suffices.
    replicates : int
    guarantee : str
        The ground of the ratio's interval.
    """

    cell: Mapping[str, Any]
    bound: float
    ratio: float | None
    interval: tuple[float, float]
    constant: tuple[float, float] | None
    replicates: int
    guarantee: str


@dataclass(frozen=True)
class GaugesFound:
    """How tight a bound is over a grid; all intervals hold at once with the stated error.

    Parameters
    ----------
    claim, functional : str
    upper : bool
        Whether it is an upper bound.
    q, alpha : float
    seed : int
    cells : tuple of Gauged
    """

    claim: str
    functional: str
    upper: bool
    q: float
    alpha: float
    seed: int
    cells: tuple[Gauged, ...]

    def growth(self, along: str) -> tuple[float, float]:
        """Return an interval of the exponent with which the ratio grows along a parameter.

        The least-squares slope of the logarithm of the ratio on that of the parameter, over cells
        that are alike in all else; it holds with the error that all intervals own together.

        Raises
        ------
        MisuseError
            If there are not two cells that differ in this parameter alone, or it is not positive.
        """
        alike = {json.dumps({**g.cell, along: None}): None for g in self.cells if along in g.cell}
        if len(alike) != 1 or len(self.cells) < 2:
            raise MisuseError(f"growth along {along!r} needs cells that differ in it alone.")
        sizes = np.array([float(gauged.cell[along]) for gauged in self.cells])
        if not (sizes > 0).all():
            raise MisuseError(f"growth along {along!r} needs positive values.")
        low, high = np.array([gauged.interval for gauged in self.cells]).T
        centred = np.log(sizes) - np.log(sizes).mean()
        weights = centred / (centred @ centred)
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(low, 0.0)), np.log(np.maximum(high, 0.0))
        least = np.where(weights > 0, weights * logs[0], weights * logs[1])
        most = np.where(weights > 0, weights * logs[1], weights * logs[0])
        return float(least.sum()), float(most.sum())

    @property
    def growths(self) -> dict[str, tuple[float, float]]:
        """`growth` along the one parameter in which the cells differ; empty if it is not one."""
        names = dict.fromkeys(name for gauged in self.cells for name in gauged.cell)
        varied = [n for n in names if len({gauged.cell.get(n) for gauged in self.cells}) > 1]
        values = [gauged.cell.get(varied[0]) for gauged in self.cells] if len(varied) == 1 else []
        if not values or not all(isinstance(v, int | float) and v > 0 for v in values):
            return {}
        return {varied[0]: self.growth(varied[0])}

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        plain: dict[str, Any] = finite({**asdict(self), "growths": self.growths})
        return plain

    @property
    def sentence(self) -> str:
        """What was found, in a sentence or two."""
        low = min(gauged.interval[0] for gauged in self.cells)
        high = max(gauged.interval[1] for gauged in self.cells)
        many = f"{len(self.cells)} cells" if len(self.cells) > 1 else "its cell"
        said = f"{self.functional} is between {low:.3g} and {high:.3g} of its bound in {many}"
        ends = [gauged.constant for gauged in self.cells if gauged.constant is not None]
        if ends:
            suffices = max(c[1] for c in ends) if self.upper else min(c[0] for c in ends)
            said += (
                f"; {suffices:.3g} times the bound suffices for all but a share of {self.q:g} of "
                "the replicates"
            )
        return f"{said} (error at most {self.alpha:g})."


def gauging_for(claim: Claim, asked: Tightness) -> Gauging:
    """Return the gauges of a bound of a claim.

    Raises
    ------
    MisuseError
        If it is not clear what is meant, or the expectation is no bound in some cell.
    """
    own = claim.worlds(Effort.STANDARD)[0]
    if own.computed:
        raise MisuseError(f"{claim.id} is computed: its report states the ratio to its bound.")
    expectation = stated(claim, asked.holds)
    cells = tuple(cell for cell in own.cells if expectation.speaks_of(cell))
    if asked.over:
        cells = _product(claim, asked)
        expectation = anywhere(expectation, *expectation.functional.where)
    return Gauging(claim.id, expectation, cells, asked, size_of(own, asked))


def _product(claim: Claim, asked: Tightness) -> tuple[Cell, ...]:
    for name in asked.over:
        check_parameter(claim, name)
    fixed = others(claim, asked.at, tuple(asked.over))
    points = itertools.product(*asked.over.values())
    return tuple(Cell({**fixed, **dict(zip(asked.over, p, strict=True))}) for p in points)


def gauged_by(gauging: Gauging, claim: str, seed: int) -> GaugesFound:
    """Return what gauges have found so far."""
    each = gauging.asked.alpha / (PER_CELL * len(gauging.gauges))

    def of(gauge: Gauge) -> Gauged:
        ratio, constant = gauge.ratio(each), gauge.constant(each)
        return Gauged(
            cell=dict(gauge.cell),
            bound=gauge.bound,
            ratio=gauge.estimate(each),
            interval=(ratio.lower, ratio.upper),
            constant=None if constant is None else (constant.lower, constant.upper),
            replicates=gauge.replicates,
            guarantee=gauge.value.guarantee.label,
        )

    return GaugesFound(
        claim,
        gauging.expectation.functional.label,
        gauging.gauges[0].upper,
        gauging.asked.q,
        gauging.asked.alpha,
        seed,
        tuple(map(of, gauging.gauges)),
    )
