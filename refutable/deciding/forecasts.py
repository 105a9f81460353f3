"""What a check is expected to do, by the type of its functional, from a pilot of its replicates."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are used
from numpy.typing import NDArray

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell
from refutable.claims.expectations import (
    Distribution,
    Exact,
    Functional,
    Mean,
    Probability,
    Quantile,
    RateOfMean,
    RatioOfMeans,
    Slope,
)
from refutable.claims.expectations.means import bounds_at
from refutable.claims.regions import at_cell
from refutable.deciding import planning
from refutable.deciding.checks import Check
from refutable.deciding.estimating import start
from refutable.deciding.estimating.rates import contributions
from refutable.deciding.estimating.slopes import slopes
from refutable.deciding.wealth import pilot_law

PILOT_ERROR = 0.05
"""Error probability of the range that is quoted from a pilot."""

Outlooks = Callable[[float], planning.Outlook]
"""The outlook of a check as a function of the truth."""


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
        Whether the check is the claim's own.
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

    @property
    def margin(self) -> float | None:
        """Half the width of the region, or how far inside it the prediction lies, if it does."""
        (lower, upper), predicted = self.ends, self.check.region.predicted
        if math.isfinite(upper - lower):
            return (upper - lower) / 2.0 or None
        if predicted is None:
            return None
        return max(min(predicted - lower, upper - predicted), 0.0) or None


@dataclass(frozen=True)
class Chance:
    """What the cap can do for one truth.

    Parameters
    ----------
    where : str
        Where that truth lies, in words.
    at : float
        The truth.
    supported : float
        Probability of `inside` by the cap.
    """

    where: str
    at: float
    supported: float


@dataclass(frozen=True)
class Forecast:
    """What is expected of one check; the fields are those of `refutable.deciding.prospects`."""

    outlook: planning.Outlook
    detects: str
    truth: str
    edge: bool = False
    needs: int | None = None
    power: tuple[Chance, ...] = ()


@dataclass(frozen=True)
class Taken:
    """The value that is taken for true, and the range in which a pilot leaves it.

    Parameters
    ----------
    value, low, high : float
    known : bool
        Whether theory says so; low and high are then the value itself.
    """

    value: float
    low: float
    high: float
    known: bool = False

    @property
    def words(self) -> str:
        """How it is quoted."""
        if self.known:
            return f"{self.value:.4g}, predicted"
        return f"{self.low:.2g} to {self.high:.2g}, pilot"

    def at_edge(self, ends: tuple[float, float]) -> bool:
        """Tell whether the truth may lie on an end of the region, or on either side of it."""
        if self.known:
            return any(math.isclose(self.value, end, abs_tol=1e-300) for end in ends)
        return any(self.low <= end <= self.high for end in ends)


def _unless_edge(taken: Taken, premises: Premises, outlook: Outlooks) -> planning.Outlook:
    """Return the outlook at what is taken for true; a pilot that may err by an end has none."""
    if taken.at_edge(premises.ends) and not taken.known:
        return planning.Outlook(
            premises.cap, math.nan, math.nan, "a pilot at an edge, up to its cap"
        )
    return outlook(taken.value)


def _taken(truth: float | None, value: float, low: float, high: float) -> Taken:
    return Taken(value, low, high) if truth is None else Taken(truth, truth, truth, known=True)


@functools.singledispatch
def forecast(functional: Functional, premises: Premises, columns: Columns) -> Forecast:
    """Return what to expect; by default every replicate is needed."""
    del functional, columns
    outlook = planning.Outlook(premises.cap, math.nan, math.nan)
    return Forecast(outlook, "one replicate outside", "every replicate inside")


@forecast.register
def _(functional: Exact, premises: Premises, columns: Columns) -> Forecast:
    values, (lower, upper) = columns[functional.outcome].astype(float), premises.ends
    if bool(((values < lower) | (values > upper)).any()):
        outlook = planning.Outlook(premises.block, 0.0, 1.0)
        return Forecast(outlook, "one replicate outside", "the pilot: one lies outside")
    outlook = planning.Outlook(premises.cap, math.nan, math.nan)
    return Forecast(outlook, "one replicate outside", "every replicate inside")


@forecast.register
def _(functional: Probability, premises: Premises, columns: Columns) -> Forecast:
    events, alpha, cap = columns[functional.outcome], premises.spent, premises.cap
    lower, upper = ends = _within_unit(*premises.ends)
    truth = None if premises.truth is None else min(max(premises.truth, 0.0), 1.0)
    taken = _taken(truth, _share(events), *_share_range(events))

    def outlook(rate: float) -> planning.Outlook:
        return planning.probability_outlook(rate, lower, upper, alpha, cap, premises.block)

    rates = planning.detectable_rates(lower, upper, alpha, cap)
    said = " or ".join(f"{rate:.4g}" for rate in rates if rate is not None)
    return Forecast(
        _unless_edge(taken, premises, outlook),
        f"a probability of {said}" if said else "nothing at this cap",
        taken.words,
        taken.at_edge(ends),
        _events_needed(events, ends, alpha),
        _power(premises, ends, taken.value, outlook, _half_the_limit(ends)),
    )


def _within_unit(lower: float, upper: float) -> tuple[float, float]:
    """Return the ends of a region that a probability could be beyond."""
    return lower if lower > 0.0 else -math.inf, upper if upper < 1.0 else math.inf


def _events_needed(
    events: NDArray[np.bool_], ends: tuple[float, float], alpha: float
) -> int | None:
    """Return how many replicates decide if they go on as a pilot that saw nothing else."""
    happened, (lower, upper) = int(events.sum()), ends
    if happened == 0:
        limit = upper if upper < 1.0 else lower
    elif happened == len(events):
        limit = 1.0 - (lower if lower > 0.0 else upper)
    else:
        return None
    return planning.events_needed(limit, alpha) if 0.0 < limit <= 1.0 else None


def _half_the_limit(ends: tuple[float, float]) -> tuple[str, float]:
    """Return the margin of a one-sided region without a prediction, and its name."""
    lower, upper = ends
    if math.isinf(lower):
        return "half way to 0", upper / 2.0
    return "half way to 1", (1.0 - lower) / 2.0


def _power(
    premises: Premises,
    ends: tuple[float, float],
    value: float,
    outlook: Outlooks,
    otherwise: tuple[str, float] | None,
) -> tuple[Chance, ...]:
    """Return the chances of support at the nearer end of the region and one margin inside.

    `otherwise` names the margin where the region has none.
    """
    if not premises.own:
        return ()
    end = min(ends, key=lambda end: abs(end - value))
    if math.isinf(end):
        return ()
    inward = 1.0 if end == ends[0] else -1.0
    inside = ("one margin inside", premises.margin) if premises.margin else otherwise
    points = [("at the edge", end)]
    if inside is not None and inside[1]:
        points.append((inside[0], end + inward * inside[1]))
    return tuple(Chance(where, at, outlook(at).supported) for where, at in points)


@forecast.register
def _(functional: Mean, premises: Premises, columns: Columns) -> Forecast:
    values, cell = columns[functional.outcome].astype(float), premises.check.cell
    if functional.bounds is not None:
        return _bounded(premises, values, bounds_at(functional.bounds, cell))
    variance = at_cell(functional.variance_at_most, cell)
    # Catoni's interval is as wide as the variance that is declared, whatever it is in truth
    sd = None if variance is None else math.sqrt(variance)
    return _mean(premises, values, float(values.mean()), sd)


def _bounded(premises: Premises, values: FloatArray, bounds: tuple[float, float]) -> Forecast:
    """Forecast a mean between bounds, for the pilot's law tilted to a mean."""
    low, width = bounds[0], bounds[1] - bounds[0]
    scaled, alpha, ends = np.clip((values - low) / width, 0.0, 1.0), premises.spent, premises.ends
    mean, reach = float(values.mean()), _reach(values)
    least, most = max(low, mean - reach), min(bounds[1], mean + reach)
    taken = _taken(premises.truth, mean, least, most)
    lower, upper = ((end - low) / width for end in ends)

    def outlook(truth: float) -> planning.Outlook:
        law = pilot_law(scaled, min(max((truth - low) / width, 0.0), 1.0))
        return planning.bounded_outlook(law, lower, upper, alpha, premises.cap, premises.block)

    return Forecast(
        _unless_edge(taken, premises, outlook),
        _detected(scaled, ends, bounds, premises),
        taken.words,
        taken.at_edge(ends),
        power=_power(premises, ends, taken.value, outlook, None),
    )


def _detected(
    scaled: FloatArray, ends: tuple[float, float], bounds: tuple[float, float], premises: Premises
) -> str:
    """Return the nearest means beyond the region that the cap refutes, in words."""
    low, width = bounds[0], bounds[1] - bounds[0]
    found = [
        planning.detectable_mean(scaled, (end - low) / width, above, premises.spent, premises.cap)
        for end, above in zip(ends, (False, True), strict=True)
        if low < end < bounds[1]
    ]
    said = [f"{low + width * mean:.4g}" for mean in found if mean is not None]
    return f"a mean of {' or '.join(said)}" if said else "nothing at this cap"


def _reach(values: FloatArray) -> float:
    """Return how far a pilot's average may err, by the t."""
    if len(values) < 2:
        return math.inf
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return float(scipy.stats.t.isf(PILOT_ERROR / 2, len(values) - 1)) * error


@forecast.register
def _(functional: Slope, premises: Premises, columns: Columns) -> Forecast:
    return _quantile(premises, slopes(functional, premises.check.cell, columns), 0.5)


@forecast.register
def _(functional: RateOfMean, premises: Premises, columns: Columns) -> Forecast:
    rate = start(functional, premises.check.cell)
    rate.add(columns)
    slope = rate.look(premises.spent).estimate
    if slope is None:
        outlook = planning.Outlook(premises.cap, math.nan, math.nan)
        return Forecast(outlook, "nothing: the pilot's means are zero", "-")
    return _mean(premises, slope + contributions(functional, columns), slope)


@forecast.register
def _(functional: RatioOfMeans, premises: Premises, columns: Columns) -> Forecast:
    a, b = (columns[name].astype(float) for name in functional.outcomes)
    estimate = float(a.mean() / b.mean())
    ratio = estimate if premises.truth is None else premises.truth
    return _mean(premises, (a - ratio * b) / float(b.mean()), estimate)  # Fieller's replicates


def _mean(
    premises: Premises, values: FloatArray, estimate: float, declared: float | None = None
) -> Forecast:
    """Forecast an average whose replicates scatter as `values` do, or as is declared."""
    found = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    sd = found if declared is None else declared
    if sd == 0.0:
        nothing = planning.Outlook(premises.cap, 0.0, 0.0)
        return Forecast(nothing, "nothing: the pilot's replicates are constant, so use Exact", "-")
    reach = _reach(values)
    taken = _taken(premises.truth, estimate, estimate - reach, estimate + reach)
    alpha, ends = premises.spent, premises.ends

    def outlook(mean: float) -> planning.Outlook:
        rng = np.random.default_rng(0)
        return planning.mean_outlook(mean, sd, *ends, alpha, premises.cap, premises.block, rng=rng)

    shift = planning.detectable_shift(sd, alpha, premises.cap)
    inside = ("as far inside as is detected", shift) if math.isfinite(shift) else None
    return Forecast(
        _unless_edge(taken, premises, outlook),
        f"{shift:.3g} beyond the region",
        taken.words,
        taken.at_edge(ends),
        power=_power(premises, ends, taken.value, outlook, inside),
    )


@forecast.register
def _(functional: Quantile, premises: Premises, columns: Columns) -> Forecast:
    return _quantile(premises, columns[functional.outcome].astype(float), functional.q)


def _quantile(premises: Premises, values: FloatArray, q: float) -> Forecast:
    alpha = premises.spent
    value = float(np.quantile(values, q))
    taken = _taken(premises.truth, value, *_quantile_range(values, q))

    def outlook(truth: float) -> planning.Outlook:
        """Return the outlook for the pilot's law, moved to have its quantile there."""
        shares = _shares(values + (truth - value), q, truth, premises.ends)
        return planning.quantile_outlook(q, *shares, alpha, premises.cap, premises.block)

    rates = planning.detectable_rates(q, q, alpha, premises.cap)
    said = " or ".join(f"{rate:.4g}" for rate in rates if rate is not None)
    return Forecast(
        _unless_edge(taken, premises, outlook),
        f"a region's end at quantile {said}",
        taken.words,
        taken.at_edge(premises.ends),
        power=_power(premises, premises.ends, taken.value, outlook, None),
    )


def _shares(
    values: FloatArray, q: float, truth: float, ends: tuple[float, float]
) -> tuple[float, float]:
    """Return the probabilities of a value below the region and of one at most its upper end.

    A pilot too small to have a value near an end knows its side of the quantile all the same.
    """
    lower, upper = ends
    below = _share(values < lower) if math.isfinite(lower) else 0.0
    above = _share(values <= upper) if math.isfinite(upper) else 1.0
    below = min(below, q) if truth >= lower else max(below, q)
    above = max(above, q) if truth <= upper else min(above, q)
    return below, above


def _quantile_range(values: FloatArray, q: float) -> tuple[float, float]:
    """Return order statistics that hold the quantile with the range's probability."""
    count = scipy.stats.binom(len(values), q)
    low, high = (int(count.ppf(p)) for p in (PILOT_ERROR / 2, 1 - PILOT_ERROR / 2))
    ordered = np.concatenate([[-np.inf], np.sort(values), [np.inf]])
    return float(ordered[low]), float(ordered[high + 1])


def _share(events: NDArray[np.bool_]) -> float:
    """Return a rate that a pilot without or full of events does not make certain."""
    return float((events.sum() + 0.5) / (len(events) + 1))


def _share_range(events: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the range of Clopper & Pearson (1934)."""
    k, n, half = int(events.sum()), len(events), PILOT_ERROR / 2
    low = float(scipy.stats.beta.ppf(half, k, n - k + 1)) if k else 0.0
    return low, float(scipy.stats.beta.isf(half, k + 1, n - k)) if k < n else 1.0


@forecast.register
def _(functional: Distribution, premises: Premises, columns: Columns) -> Forecast:
    eps, alpha, cap = premises.check.region.upper, premises.spent, premises.cap
    detectable = planning.detectable_distance(eps, alpha, cap)
    outlook = functools.partial(planning.distance_outlook, eps, alpha, cap)
    apart = 0.0 if premises.own else _distance(functional, premises.check.cell, columns)
    power = [("at the edge", eps), ("at the law itself", 0.0)] if premises.own else []
    return Forecast(
        outlook(distance=apart),
        f"a distance of {detectable:.3g}",
        "0, predicted" if premises.own else f"{apart:.3g}, pilot",
        power=tuple(Chance(where, at, outlook(distance=at).supported) for where, at in power),
    )


def _distance(functional: Distribution, cell: Cell, columns: Columns) -> float:
    """Return the pilot's distance less what chance alone gives, 0 for a pilot too small."""
    sample = start(functional, cell)
    sample.add(columns)
    found = sample.look(0.5).estimate or 0.0
    return max(0.0, found - 1.0 / math.sqrt(len(columns[functional.outcome])))
