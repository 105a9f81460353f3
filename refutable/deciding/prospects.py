"""What the verdict of a claim will take, told before anything of it runs.

The spread of a replicate and the time it takes come from one pilot block per cell, drawn from a
stream of its own that no verdict ever uses. What the claim predicts is taken for the truth about
the claim and its false theories; of a broken world, and where nothing is predicted, the pilot's
estimate is all there is.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.claim import OWN, Claim, World
from refutable.claims.expectations import (
    Distribution,
    Exact,
    Expectation,
    Functional,
    Mean,
    Probability,
    Quantile,
    RateOfMean,
    RatioOfMeans,
    Slope,
)
from refutable.claims.records import Effort
from refutable.deciding import ledger, planning, seeds
from refutable.deciding.checks import Check, expand
from refutable.deciding.estimating import Status, start
from refutable.deciding.estimating.rates import contributions
from refutable.deciding.estimating.slopes import slopes
from refutable.deciding.outcomes import check_computed, check_simulated
from refutable.threads import one_blas_thread


@dataclass(frozen=True)
class Prospect:
    """What is expected of one check.

    Parameters
    ----------
    group : str
        `claim`, or the name of the control.
    world : str
        Whose data: `claim`, or the name of a broken world.
    functional, cell, region : str
        Which check.
    replicates : float
        Expected until the decision.
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
    world: str
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
class Premises:
    """What a forecast of a check starts from.

    Parameters
    ----------
    check : Check
    cap, block : int
        Most replicates of a cell, and replicates between two looks.
    truth : float or None
        What the functional is taken to be; None where only the pilot knows.
    own : bool
        Whether the check is the claim's own, and so taken to hold.
    """

    check: Check
    cap: int
    block: int
    truth: float | None = None
    own: bool = True

    @property
    def ends(self) -> tuple[float, float]:
        """The region."""
        return self.check.region.lower, self.check.region.upper

    @property
    def spent(self) -> float:
        """The error of the interval that is to decide: inside for the claim, outside else."""
        return self.check.spent_inside if self.own else self.check.spent

    def taken(self, estimate: float) -> float:
        """Return the value that is taken for true, or else the pilot's estimate."""
        return estimate if self.truth is None else self.truth


Forecast = tuple[planning.Outlook, str]


class Judged(NamedTuple):
    """What is judged on the data of a world: the claim, or a control."""

    group: str
    expect: tuple[Expectation, ...]
    theory: tuple[Expectation, ...]


def prospects(claim: Claim, effort: Effort, seed: int = 0) -> Iterator[Prospect]:
    """Yield what to expect of every check of a claim and of its controls."""
    for world in claim.worlds(effort):
        pilots = {cell: _pilot(claim, world, cell, seed) for cell in world.cells}
        for judged in _judged(claim, world):
            levels = _levels(claim, effort, judged, world)
            for check in expand(judged.expect, world.cells, levels, effort):
                if check.decides:
                    truth, own = _truth(judged.theory, check), judged.group == OWN
                    premises = Premises(check, world.cap, world.block, truth, own)
                    yield _prospect(judged.group, premises, pilots[check.cell], world)


def _levels(claim: Claim, effort: Effort, judged: Judged, world: World) -> ledger.Levels:
    if judged.group == OWN:
        return ledger.own_levels(claim, effort)
    return ledger.control_levels(claim, judged.expect, world.cells)


def _judged(claim: Claim, world: World) -> Iterator[Judged]:
    if world.name != OWN:
        yield Judged(world.name, world.expect, ())
        return
    yield Judged(OWN, claim.expect, claim.expect)
    for control in claim.false_theories:
        yield Judged(control.name, control.expect, claim.expect)


def _truth(theory: Iterable[Expectation], check: Check) -> float | None:
    """Return what a theory predicts of the functional of a check in its cell."""
    functional = check.expectation.functional
    for part in (part for expectation in theory for part in expectation.parts):
        if part.functional.identity == functional.identity and part.selects(check.cell):
            predicted = part.region.at(check.cell).predicted
            if predicted is not None:
                return predicted
    return None


def _pilot(claim: Claim, world: World, cell: Cell, seed: int) -> Pilot:
    start = time.perf_counter()
    with one_blas_thread():
        if world.compute is not None:
            return Pilot(check_computed(world.compute(cell)), time.perf_counter() - start)
        assert world.simulate is not None
        rng = seeds.generator(seed, f"{claim.id} pilot", cell, 0)
        columns = check_simulated(world.simulate(cell, rng, world.size), world.size)
    return Pilot(columns, time.perf_counter() - start)


def _prospect(group: str, premises: Premises, pilot: Pilot, world: World) -> Prospect:
    check = premises.check
    if world.computed:
        outlook, detects = _computed(check, pilot), "any beyond the tolerance"
    else:
        outlook, detects = forecast(check.expectation.functional, premises, pilot.columns)
    return Prospect(
        group=group,
        world=world.name,
        functional=check.expectation.functional.label,
        cell=check.cell.label,
        region=check.region.label,
        replicates=outlook.replicates,
        seconds=outlook.replicates / world.size * pilot.seconds,
        supported=outlook.supported,
        refuted=outlook.refuted,
        detects=detects,
    )


def _computed(check: Check, pilot: Pilot) -> planning.Outlook:
    """Return the outlook of a computed check: its only evaluation is the pilot itself."""
    check.feed(pilot.columns, 1)
    check.close()
    inside, outside = (check.status is status for status in (Status.INSIDE, Status.OUTSIDE))
    return planning.Outlook(1.0, float(inside), float(outside))


@functools.singledispatch
def forecast(functional: Functional, premises: Premises, columns: Columns) -> Forecast:
    """Return outlook and smallest detectable violation; by default every replicate is needed."""
    del functional, columns
    return planning.Outlook(premises.cap, math.nan, math.nan), "one replicate outside"


@forecast.register
def _(functional: Exact, premises: Premises, columns: Columns) -> Forecast:
    values, (lower, upper) = columns[functional.outcome].astype(float), premises.ends
    outside = bool(((values < lower) | (values > upper)).any())
    outlook = planning.Outlook(premises.cap, math.nan, math.nan)
    if outside:
        outlook = planning.Outlook(premises.block, 0.0, 1.0)
    return outlook, "one replicate outside"


@forecast.register
def _(functional: Probability, premises: Premises, columns: Columns) -> Forecast:
    events = columns[functional.outcome]
    rate = premises.taken(_share(events))
    (lower, upper), alpha = premises.ends, premises.spent
    rate = min(max(rate, 0.0), 1.0)
    outlook = planning.probability_outlook(rate, lower, upper, alpha, premises.cap, premises.block)
    rates = planning.detectable_rates(lower, upper, alpha, premises.cap)
    said = " or ".join(f"{rate:.4g}" for rate in rates if rate is not None)
    return outlook, f"a probability of {said}" if said else "nothing at this cap"


@forecast.register
def _(functional: Mean, premises: Premises, columns: Columns) -> Forecast:
    values = columns[functional.outcome].astype(float)
    return _mean(premises, values, premises.taken(float(values.mean())), *premises.ends)


@forecast.register
def _(functional: Slope, premises: Premises, columns: Columns) -> Forecast:
    return _quantile(premises, slopes(functional, premises.check.cell, columns), 0.5)


@forecast.register
def _(functional: RateOfMean, premises: Premises, columns: Columns) -> Forecast:
    rate = start(functional, premises.check.cell)
    rate.add(columns)
    slope = rate.look(premises.check.spent).estimate
    if slope is None:
        return planning.Outlook(premises.cap, math.nan, math.nan), "the pilot's means are zero"
    values = slope + contributions(functional, columns)
    return _mean(premises, values, premises.taken(slope), *premises.ends)


@forecast.register
def _(functional: RatioOfMeans, premises: Premises, columns: Columns) -> Forecast:
    a, b = (columns[name].astype(float) for name in functional.outcomes)
    ratio = premises.taken(float(a.mean() / b.mean()))
    lower, upper = (b.mean() * (end - ratio) for end in premises.ends)
    return _mean(premises, a - ratio * b, 0.0, lower, upper, float(b.mean()))


def _mean(
    premises: Premises,
    values: FloatArray,
    mean: float,
    lower: float,
    upper: float,
    unit: float = 1.0,
) -> Forecast:
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    if sd == 0.0:
        nothing = planning.Outlook(premises.cap, 0.0, 0.0)
        return nothing, "nothing: the pilot's replicates are constant, so use Exact"
    alpha, rng = premises.spent, np.random.default_rng(0)
    most = min(premises.cap, 200_000)  # beyond, a plan would take longer than the run
    outlook = planning.mean_outlook(mean, sd, lower, upper, alpha, most, premises.block, rng=rng)
    shift = planning.detectable_shift(sd, alpha, premises.cap) / unit
    return outlook, f"{shift:.3g} beyond the region"


@forecast.register
def _(functional: Quantile, premises: Premises, columns: Columns) -> Forecast:
    return _quantile(premises, columns[functional.outcome], functional.q)


def _quantile(premises: Premises, values: FloatArray, q: float) -> Forecast:
    lower, upper = premises.ends
    below = _share(values < lower) if math.isfinite(lower) else 0.0
    above = _share(values <= upper) if math.isfinite(upper) else 1.0
    alpha = premises.spent
    if premises.own:
        below, above = min(below, q), max(above, q)
    outlook = planning.quantile_outlook(q, below, above, alpha, premises.cap, premises.block)
    rates = planning.detectable_rates(q, q, alpha, premises.cap)
    said = " or ".join(f"{rate:.4g}" for rate in rates if rate is not None)
    return outlook, f"a region's end at quantile {said}"


def _share(events: NDArray[np.bool_]) -> float:
    """Return a rate that a pilot without or full of events does not make certain."""
    return float((events.sum() + 0.5) / (len(events) + 1))


@forecast.register
def _(functional: Distribution, premises: Premises, columns: Columns) -> Forecast:
    eps, alpha = premises.check.region.upper, premises.spent
    detectable = planning.detectable_distance(eps, alpha, premises.cap)
    apart = 0.0 if premises.own else _distance(functional, premises.check.cell, columns)
    outlook = planning.distance_outlook(eps, alpha, premises.cap, distance=apart)
    return outlook, f"a distance of {detectable:.3g}"


def _distance(functional: Distribution, cell: Cell, columns: Columns) -> float:
    """Return the pilot's distance less what chance alone gives, 0 for a pilot too small."""
    sample = start(functional, cell)
    sample.add(columns)
    found = sample.look(0.5).estimate or 0.0
    return max(0.0, found - 1.0 / math.sqrt(len(columns[functional.outcome])))


def total_seconds(found: list[Prospect]) -> float:
    """Return the expected time of a claim on one worker: the slowest check of each cell.

    A control is done with as soon as one of its checks is refuted.
    """
    slowest: dict[Any, float] = {}
    for prospect in found:
        key = prospect.world, prospect.cell
        end = _control_ends(found, prospect.group)
        seconds = prospect.seconds * min(1.0, end / prospect.replicates)
        slowest[key] = max(slowest.get(key, 0.0), seconds)
    return sum(slowest.values())


def _control_ends(found: list[Prospect], group: str) -> float:
    """Return the replicates per cell after which a control is likely refuted."""
    if group == OWN:
        return math.inf
    refuted = [p.replicates for p in found if p.group == group and p.refuted > 0.5]
    return min(refuted, default=math.inf)
