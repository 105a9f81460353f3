"""What the verdict of a claim will take, told before anything of it runs.

The spread of a replicate and the time it takes come from one pilot block per cell, drawn from a
stream of its own that no verdict ever uses.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from claimcheck import ledger, planning, seeds
from claimcheck.cells import Cell, at_effort
from claimcheck.checks import Check, expand
from claimcheck.claim import OWN, Claim, World
from claimcheck.expectations import (
    Distribution,
    Functional,
    Mean,
    Probability,
    Quantile,
    RatioOfMeans,
    Slope,
)
from claimcheck.outcomes import Columns, check_computed, check_simulated
from claimcheck.records import Effort
from claimcheck.threads import one_blas_thread


@dataclass(frozen=True)
class Prospect:
    """What is expected of one check.

    Parameters
    ----------
    group : str
        `claim`, or the name of the control.
    functional, cell, region : str
        Which check.
    replicates : float
        Expected until the decision, at the prediction (or at the pilot's estimate without one).
    seconds : float
        They take, on one worker.
    supported : float
        Probability of `inside` by the cap.
    refuted : float
        Probability of `outside` by the cap.
    detects : str
        The smallest violation that the cap refutes with 80 % power.
    """

    group: str
    functional: str
    cell: str
    region: str
    replicates: float
    seconds: float
    supported: float
    refuted: float
    detects: str


@dataclass(frozen=True)
class Pilot:
    """One block of a cell, for planning only."""

    columns: Columns
    seconds: float


@dataclass(frozen=True)
class Terms:
    """The terms on which a check is decided."""

    check: Check
    cap: int
    block: int

    @property
    def ends(self) -> tuple[float, float]:
        """The region."""
        return self.check.region.lower, self.check.region.upper

    def predicted(self, fallback: float) -> float:
        """Return the predicted value if theory names one, else the pilot's estimate."""
        named = self.check.region.predicted
        return fallback if named is None else named


Forecast = tuple[planning.Outlook, str]


def prospects(claim: Claim, effort: Effort, seed: int = 0) -> Iterator[Prospect]:
    """Yield what to expect of every check of a claim and of its controls."""
    alpha = ledger.alpha_per_check(claim, effort)
    cap = at_effort(claim.cap, effort)
    for world in claim.worlds(effort):
        pilots = {cell: _pilot(claim, world, cell, seed) for cell in world.cells}
        groups = {world.name: world.expect}
        if world.name == OWN:
            groups |= {theory.name: theory.expect for theory in claim.false_theories}
        for name, expectations in groups.items():
            for check in expand(expectations, world.cells, alpha, effort):
                if check.decides:
                    terms = Terms(check, cap, claim.block)
                    yield _prospect(name, terms, pilots[check.cell], world)


def _pilot(claim: Claim, world: World, cell: Cell, seed: int) -> Pilot:
    start = time.perf_counter()
    with one_blas_thread():
        if world.compute is not None:
            return Pilot(check_computed(world.compute(cell)), time.perf_counter() - start)
        assert world.simulate is not None
        rng = seeds.generator(seed, f"{claim.id} pilot", cell, 0)
        columns = check_simulated(world.simulate(cell, rng, claim.block), claim.block)
    return Pilot(columns, time.perf_counter() - start)


def _prospect(group: str, terms: Terms, pilot: Pilot, world: World) -> Prospect:
    check = terms.check
    if world.compute is not None:
        outlook, detects, each = planning.Outlook(1, 1, 0), "any beyond the tolerance", 1
    else:
        outlook, detects = forecast(check.expectation.functional, terms, pilot.columns)
        each = terms.block
    return Prospect(
        group=group,
        functional=check.expectation.functional.label,
        cell=check.cell.label,
        region=check.region.label,
        replicates=outlook.replicates,
        seconds=outlook.replicates / each * pilot.seconds,
        supported=outlook.supported,
        refuted=outlook.refuted,
        detects=detects,
    )


@functools.singledispatch
def forecast(functional: Functional, terms: Terms, columns: Columns) -> Forecast:
    """Return outlook and smallest detectable violation; by default every replicate is needed."""
    del functional, columns
    return planning.Outlook(terms.cap, math.nan, math.nan), "one replicate outside"


@forecast.register
def _(functional: Probability, terms: Terms, columns: Columns) -> Forecast:
    events = columns[functional.outcome]
    rate = terms.predicted((events.sum() + 0.5) / (len(events) + 1))
    (lower, upper), alpha = terms.ends, terms.check.spent
    rate = min(max(rate, 0.0), 1.0)
    outlook = planning.probability_outlook(rate, lower, upper, alpha, terms.cap, terms.block)
    rates = planning.detectable_rates(lower, upper, alpha, terms.cap)
    said = " or ".join(f"{rate:.4g}" for rate in rates if rate is not None)
    return outlook, f"a probability of {said}" if said else "nothing at this cap"


@forecast.register
def _(functional: Mean, terms: Terms, columns: Columns) -> Forecast:
    values = columns[functional.outcome].astype(float)
    return _mean(terms, values, terms.predicted(float(values.mean())), *terms.ends)


@forecast.register
def _(functional: Slope, terms: Terms, columns: Columns) -> Forecast:
    values = functional.slopes(terms.check.cell, columns)
    return _mean(terms, values, terms.predicted(float(values.mean())), *terms.ends)


@forecast.register
def _(functional: RatioOfMeans, terms: Terms, columns: Columns) -> Forecast:
    a, b = (columns[name].astype(float) for name in functional.outcomes)
    ratio = terms.predicted(float(a.mean() / b.mean()))
    lower, upper = (b.mean() * (end - ratio) for end in terms.ends)
    return _mean(terms, a - ratio * b, 0.0, lower, upper, float(b.mean()))


def _mean(
    terms: Terms,
    values: NDArray[np.float64],
    mean: float,
    lower: float,
    upper: float,
    unit: float = 1.0,
) -> Forecast:
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    if sd == 0.0:
        nothing = planning.Outlook(terms.cap, 0.0, 0.0)
        return nothing, "nothing: the pilot's replicates are constant, so use Exact"
    alpha, rng = terms.check.spent, np.random.default_rng(0)
    most = min(terms.cap, 200_000)  # beyond, a plan would take longer than the run
    outlook = planning.mean_outlook(mean, sd, lower, upper, alpha, most, terms.block, rng=rng)
    shift = planning.detectable_shift(sd, alpha, terms.cap) / unit
    return outlook, f"{shift:.3g} beyond the region"


@forecast.register
def _(functional: Quantile, terms: Terms, columns: Columns) -> Forecast:
    values, (lower, upper) = columns[functional.outcome], terms.ends
    below = float((values < lower).mean()) if math.isfinite(lower) else 0.0
    above = float((values <= upper).mean()) if math.isfinite(upper) else 1.0
    q, alpha = functional.q, terms.check.spent
    outlook = planning.quantile_outlook(
        q, min(below, q), max(above, q), alpha, terms.cap, terms.block
    )
    rates = planning.detectable_rates(q, q, alpha, terms.cap)
    said = " or ".join(f"{rate:.4g}" for rate in rates if rate is not None)
    return outlook, f"a region's end at quantile {said}"


@forecast.register
def _(functional: Distribution, terms: Terms, columns: Columns) -> Forecast:
    del functional, columns
    eps, alpha = terms.check.region.upper, terms.check.spent
    distance = planning.detectable_distance(eps, alpha, terms.cap)
    return planning.distance_outlook(eps, alpha, terms.cap), f"a distance of {distance:.3g}"


def total_seconds(found: list[Prospect]) -> float:
    """Return the expected time of a claim on one worker: the slowest check of each cell."""
    slowest: dict[Any, float] = {}
    for prospect in found:
        key = prospect.group, prospect.cell
        slowest[key] = max(slowest.get(key, 0.0), prospect.seconds)
    return sum(slowest.values())
