"""What a verdict is expected to cost, and the smallest violation that a cap could detect.

Everything here is computed before anything runs, from the prediction, the region, the error
probability of the check and, for averages, the standard deviation of a replicate. Bernoulli plans
are exact (a forward recursion over all paths of the number of successes); plans for means simulate
the kernel on normal block means; plans for distributions use the exact law of the distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are used

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import _validate, blocks, empirical, student
from refutable.deciding.kernels.boundary import fewest_for, most_against

POWER = 0.8
"""Probability with which the smallest detectable violation is refuted by the cap."""

_NEVER = 1e-290
"""Rates below are taken for 0: SciPy's binomial law overflows there, and no cap sees them."""


@dataclass(frozen=True)
class Outlook:
    """What to expect of one check.

    Parameters
    ----------
    replicates : float
        Expected number until the decision, or the cap if there is none.
    supported, refuted : float
        Probabilities of these decisions by the cap.
    """

    replicates: float
    supported: float
    refuted: float


def probability_outlook(
    rate: float, lower: float, upper: float, alpha: float, cap: int, block: int = 1
) -> Outlook:
    """Return the exact outlook of a probability.

    Parameters
    ----------
    rate : float
        The true rate, in [0, 1].
    lower, upper : float
        The region; infinite, or beyond [0, 1], where it has no end.
    alpha : float
        Error probability of the check's interval.
    cap : int
        Most replicates.
    block : int
        Replicates between two looks.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    rate = _validate.probability("rate", rate)
    rate = 0.0 if rate < _NEVER else rate
    cap, block = _validate.count("cap", cap, 1), _validate.count("block", block, 1)
    walk = _Walk(lower, upper, math.log(2.0 / _validate.error_rate(alpha)), cap)
    expected = 0.0
    for start in range(0, cap, block):
        size = min(block, cap - start)
        expected += walk.alive * size
        walk.step(scipy.stats.binom.pmf(np.arange(size + 1), size, rate))
        walk.look(start + size)
        if walk.alive < 1e-9:
            break
    return Outlook(expected, walk.supported, walk.refuted)


class _Walk:
    """Law of the successes of undecided paths, by which end of the region is already cleared.

    A running intersection remembers, so a path inside a two-sided region may clear its two ends
    at different looks: state 0 has cleared neither, 1 the lower, 2 the upper end.
    """

    def __init__(self, lower: float, upper: float, bar: float, cap: int) -> None:
        n = np.arange(cap + 1)
        never_low, never_high = np.full(cap + 1, -1), n + 1
        free_low, free_high = lower <= 0.0, upper >= 1.0
        self.above_lower = n * 0 if free_low else fewest_for(min(lower, 1.0), n, bar)
        self.below_lower = never_low if free_low else most_against(min(lower, 1.0), n, bar)
        self.below_upper = n if free_high else most_against(max(upper, 0.0), n, bar)
        self.above_upper = never_high if free_high else fewest_for(max(upper, 0.0), n, bar)
        self.paths = np.zeros((3, 1))
        self.paths[0, 0] = 1.0
        self.supported = self.refuted = 0.0

    @property
    def alive(self) -> float:
        return float(self.paths.sum())

    def step(self, pmf: FloatArray) -> None:
        """Add the successes of one more block, of law `pmf`."""
        self.paths = np.stack([np.convolve(path, pmf) for path in self.paths])

    def look(self, n: int) -> None:
        """Move every path on by what the kernel says at *n* trials."""
        k = np.arange(n + 1)
        outside = (k <= self.below_lower[n]) | (k >= self.above_upper[n])
        self.refuted += float(self.paths[:, outside].sum())
        self.paths[:, outside] = 0.0
        low, high = k >= self.above_lower[n], k <= self.below_upper[n]
        neither, lower_done, upper_done = self.paths
        self.supported += float(
            neither[low & high].sum() + lower_done[high].sum() + upper_done[low].sum()
        )
        self.paths = np.stack(
            [
                np.where(low | high, 0.0, neither),
                np.where(high, 0.0, lower_done + np.where(low, neither, 0.0)),
                np.where(low, 0.0, upper_done + np.where(high, neither, 0.0)),
            ]
        )


def mean_outlook(
    mean: float,
    sd: float,
    lower: float,
    upper: float,
    alpha: float,
    cap: int,
    block: int = blocks.SIZE,
    *,
    rng: np.random.Generator,
    paths: int = 400,
) -> Outlook:
    """Return the simulated outlook of a mean, a paired difference or a slope.

    Parameters
    ----------
    mean, sd : float
        The true mean, and the standard deviation of one replicate, positive.
    lower, upper : float
        The region; infinite where it has no end.
    alpha, cap, block
        As in `probability_outlook`.
    rng : Generator
        Of the simulated paths of normal block means.
    paths : int
        How many.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    _validate.finite("mean", mean)
    if _validate.finite("sd", sd) <= 0.0:
        raise ValueError(f"sd must be positive, got {sd}; constant data need no plan")
    bar, most = -math.log(_validate.error_rate(alpha)), max(_validate.count("cap", cap, 1), 16)
    n = np.arange(1, most // blocks.SIZE + 1)
    values = rng.normal(mean, sd / math.sqrt(blocks.SIZE), (paths, n.size))
    average = np.cumsum(values, axis=1) / n
    scatter = np.maximum(np.cumsum((values - mean) ** 2, axis=1) - n * (average - mean) ** 2, 0.0)

    def first(end: float, side: float) -> FloatArray:
        """Replicates at which the running interval has left `end` on one side."""
        if math.isinf(end):
            return np.full(paths, 0.0 if side * end < 0.0 else math.inf)
        left = student.log_e_values(end, n, average, scatter) >= bar
        left &= side * (average - end) > 0.0
        return np.where(left.any(axis=1), (left.argmax(axis=1) + 1.0) * blocks.SIZE, math.inf)

    inside = np.maximum(first(lower, 1.0), first(upper, -1.0))
    outside = np.minimum(first(lower, -1.0), first(upper, 1.0))
    return _decided(inside, outside, cap, block)


def _decided(inside: FloatArray, outside: FloatArray, cap: int, block: int) -> Outlook:
    looks = np.ceil(np.minimum(inside, outside) / block) * block
    done = looks <= cap
    return Outlook(
        float(np.minimum(looks, cap).mean()),
        float((done & (inside <= outside)).mean()),
        float((done & (outside < inside)).mean()),
    )


def distance_outlook(
    eps: float, alpha: float, cap: int, first: int = 64, distance: float = 0.0
) -> Outlook:
    """Return the outlook of a distribution at some distance from the predicted one.

    Parameters
    ----------
    eps : float
        Distance below which the region lies, in (0, 1].
    alpha, cap
        As in `probability_outlook`.
    first : int
        Sample size of the first look.
    distance : float
        The true distance, in [0, 1]. Exact for 0; beyond, by the normal approximation of
        `detectable_distance`, and the error of a refutation within `eps` is left out.
    """
    if not 0.0 < eps <= 1.0:
        raise ValueError(f"eps must lie in (0, 1], got {eps}")
    _validate.probability("distance", distance)
    expected, supported, refuted, last = 0.0, 0.0, 0.0, 0
    for k, n in enumerate(empirical.looks(first), start=1):
        expected += (1.0 - supported - refuted) * (min(n, cap) - last)
        last = n
        if n > cap:
            return Outlook(expected, supported, refuted)
        radius = empirical.dkw_radius(n, empirical.spending(alpha, k))
        # looks share their data, so passing one look late is counted, passing early twice is not
        supported = max(supported, _distance_below(eps - radius, n, distance))
        beyond = 1.0 - _distance_below(eps + radius, n, distance) if distance > eps else 0.0
        refuted = min(max(refuted, beyond), 1.0 - supported)
    raise AssertionError("looks never end")


def _distance_below(end: float, n: int, distance: float) -> float:
    """Return the probability that the sample's distance is at most `end`."""
    if end <= 0.0:
        return 0.0
    if distance == 0.0:
        return float(scipy.stats.kstwo(n).cdf(end))
    return float(scipy.stats.norm.cdf((end - distance) * 2.0 * math.sqrt(n)))


def quantile_outlook(
    q: float, below: float, above: float, alpha: float, cap: int, block: int = 1
) -> Outlook:
    """Return the outlook of a quantile.

    Parameters
    ----------
    q : float
        Which quantile, in (0, 1).
    below, above : float
        Probabilities of a value under the region's lower end, and of one at most its upper end;
        0 and 1 where the region has no end. The quantile is inside if ``below <= q <= above``.
    alpha, cap, block
        As in `probability_outlook`.

    Returns
    -------
    Outlook
        The slower of the two ends, a little optimistic if both are slow; an end that refutes
        settles it.
    """
    ends = []
    if below > 0.0:
        ends.append(probability_outlook(below, -math.inf, q, alpha, cap, block))
    if above < 1.0:
        ends.append(probability_outlook(above, q, math.inf, alpha, cap, block))
    if not ends:
        return Outlook(float(block), 1.0, 0.0)
    refuting = [end for end in ends if end.refuted > 0.5]
    if refuting:
        return min(refuting, key=lambda end: end.replicates)
    return max(ends, key=lambda end: end.replicates)


def detectable_rates(
    lower: float, upper: float, alpha: float, cap: int, power: float = POWER
) -> tuple[float | None, float | None]:
    """Return the nearest rates below and above the region that the cap refutes with `power`.

    Only the look at the cap is counted, so the true power is a little larger.

    Returns
    -------
    tuple of float or None
        None where the region has no end, or no rate at all would be refuted.
    """
    bar = math.log(2.0 / _validate.error_rate(alpha))
    cap, power = _validate.count("cap", cap, 1), _validate.error_rate(power)
    under = _detectable_below(lower, bar, cap, power) if lower > 0.0 else None
    over = _detectable_below(1.0 - upper, bar, cap, power) if upper < 1.0 else None
    return under, None if over is None else 1.0 - over


def _detectable_below(edge: float, bar: float, cap: int, power: float) -> float | None:
    most = int(most_against(min(edge, 1.0), cap, bar))
    if most < 0:
        return None
    # P(Binomial(cap, p) <= most) = P(Beta(most + 1, cap - most) > p)
    return float(scipy.stats.beta(most + 1, cap - most).isf(power)) if most < cap else 1.0


def detectable_shift(sd: float, alpha: float, cap: int, power: float = POWER) -> float:
    """Return how far beyond the region a mean must lie for the cap to refute it with `power`.

    Parameters
    ----------
    sd : float
        Standard deviation of one replicate, positive.
    alpha, cap, power
        As in `detectable_rates`; only the look at the cap is counted.

    Returns
    -------
    float
        In the units of the mean; infinite if the cap is too small for any verdict.
    """
    if _validate.finite("sd", sd) <= 0.0:
        raise ValueError(f"sd must be positive, got {sd}")
    count = _validate.count("cap", cap, 1) // blocks.SIZE
    bar = student.critical_t(count, _validate.error_rate(alpha))
    _validate.error_rate(power)
    if math.isinf(bar):
        return math.inf

    def lacking(shift: float) -> float:
        return float(scipy.stats.nct(count - 1, shift).sf(bar)) - power

    most = 2.0 * bar + 10.0
    while lacking(most) < 0.0:
        most *= 2.0
    return float(scipy.optimize.brentq(lacking, 0.0, most)) * sd / math.sqrt(count * blocks.SIZE)


def detectable_distance(
    eps: float, alpha: float, cap: int, first: int = 64, power: float = POWER
) -> float:
    """Return the distance from the predicted distribution that the cap refutes with `power`.

    Where the distance is attained the empirical distribution function is binomial with a variance
    of at most 1/4 per value, which bounds the power from below (normal approximation).
    """
    looks = empirical.looks_done(_validate.count("cap", cap, 1), first)
    if not looks:
        return math.inf
    n = first * empirical.GROWTH ** (looks - 1)
    radius = empirical.dkw_radius(n, empirical.spending(alpha, looks))
    slack = float(scipy.stats.norm.ppf(_validate.error_rate(power))) / (2.0 * math.sqrt(n))
    return min(1.0, eps + radius + slack)
