"""What a verdict is expected to cost, and the smallest violation that a cap could detect.

Everything here is computed before anything runs, from the prediction, the region, the error
probability of the check and, for averages, the standard deviation of a replicate. Bernoulli plans
are exact (a forward recursion over all paths of the number of successes) up to a cap of `EXACT`,
and sampled beyond; plans for means simulate the kernel on normal block means; plans for
distributions use the law of the distance. Each says how it was made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are used

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import _validate, bernoulli, blocks, empirical, student
from refutable.deciding.kernels.boundary import most_against
from refutable.deciding.paths import (
    MOST_LOOKS,
    Bounds,
    Times,
    binomial_times,
    bounds,
    look_sizes,
    normal_times,
)
from refutable.deciding.wealth import Law, betting_times, capital_left, pilot_law

POWER = 0.8
"""Probability with which the smallest detectable violation is refuted by the cap."""

EXACT = 8192
"""Largest cap of an exact recursion, whose work grows with the square of the cap."""

PATHS = 1000
"""Sampled paths beyond it: a probability is off by at most 0.016 (one standard error)."""

NORMAL = 20_000
"""Block means beyond which the noncentral t is taken for normal: the shift moves by under 1e-4."""

HALVINGS = 10
"""Of the distance from a region's end to a bound, in search of what a cap detects: to 0.1 %."""

_NEVER = 1e-290
"""Rates below are taken for 0: SciPy's binomial law overflows there, and no cap sees them."""

_NOTHING = 1e-22
"""Mass of paths that is dropped: over all looks and counts at most 1e-14 together."""


@dataclass(frozen=True)
class Outlook:
    """What to expect of one check.

    Parameters
    ----------
    replicates : float
        Expected number until the decision, or the cap if there is none.
    supported, refuted : float
        Probabilities of these decisions by the cap.
    how : str
        How this was computed.
    """

    replicates: float
    supported: float
    refuted: float
    how: str = "exact"


def probability_outlook(
    rate: float, lower: float, upper: float, alpha: float, cap: int, block: int = 1
) -> Outlook:
    """Return the outlook of a probability: exact up to a cap of `EXACT`, sampled beyond.

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
    bar, exact = math.log(2.0 / _validate.error_rate(alpha)), cap <= EXACT
    at = bounds(lower, upper, bar, cap, block, cap if exact else MOST_LOOKS)
    if exact:
        return _recursion(rate, at)
    times = binomial_times(rate, at, PATHS, np.random.default_rng(0))
    return _decided(times, cap, _sampled(PATHS, at.sizes.size, cap, block))


def _sampled(paths: int, looks: int, cap: int, block: int) -> str:
    every = -(-cap // block)
    thinned = f", {looks:,} of {every:,} looks" if looks < every else ""
    return f"{paths:,} sampled paths{thinned}"


def _recursion(rate: float, at: Bounds) -> Outlook:
    walk, expected, last = _Walk(at), 0.0, 0
    for look, n in enumerate(at.sizes.tolist()):
        size = n - last
        expected += walk.alive * size
        walk.step(scipy.stats.binom.pmf(np.arange(size + 1), size, rate))
        walk.look(look)
        last = n
        if walk.alive < 1e-9:
            break
    return Outlook(expected, walk.supported, walk.refuted)


class _Walk:
    """Law of the successes of undecided paths, by which end of the region is already cleared.

    A running intersection remembers, so a path inside a two-sided region may clear its two ends
    at different looks: state 0 has cleared neither, 1 the lower, 2 the upper end.
    """

    def __init__(self, at: Bounds) -> None:
        self.at = at
        self.fewest = 0  # successes of the first column
        self.paths = np.zeros((3, 1))
        self.paths[0, 0] = 1.0
        self.supported = self.refuted = 0.0

    @property
    def alive(self) -> float:
        return float(self.paths.sum())

    def step(self, pmf: FloatArray) -> None:
        """Add the successes of one more block, of law `pmf`."""
        self.paths = np.stack([np.convolve(path, pmf) for path in self.paths])

    def look(self, i: int) -> None:
        """Move every path on by what the kernel says at look *i*."""
        k, at = self.fewest + np.arange(self.paths.shape[1]), self.at
        outside = (k <= at.below_lower[i]) | (k >= at.above_upper[i])
        self.refuted += float(self.paths[:, outside].sum())
        self.paths[:, outside] = 0.0
        low, high = k >= at.above_lower[i], k <= at.below_upper[i]
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
        self._trim()

    def _trim(self) -> None:
        """Drop the ends where nothing is left."""
        left = np.flatnonzero(self.paths.sum(axis=0) > _NOTHING)
        first, last = (left[0], left[-1]) if left.size else (0, 0)
        self.fewest += int(first)
        self.paths = self.paths[:, first : last + 1]


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
    every = max(block, blocks.SIZE)
    sizes = look_sizes(most - most % blocks.SIZE, every)
    unit = sd / math.sqrt(blocks.SIZE)
    region = (lower - mean) / unit, (upper - mean) / unit
    times = normal_times(region, bar, sizes, paths, rng)
    # a block smaller than the kernel's ends at or after the replicate that fills the latter
    seen = (np.ceil(t / block) * block if block < every else t for t in times)
    return _decided(Times(*seen), cap, _sampled(paths, sizes.size, most, every))


def _decided(times: Times, cap: int, how: str) -> Outlook:
    taken = np.minimum(times.inside, times.outside)
    done = taken <= cap
    return Outlook(
        float(np.minimum(taken, cap).mean()),
        float((done & (times.inside <= times.outside)).mean()),
        float((done & (times.outside < times.inside)).mean()),
        how,
    )


def bounded_outlook(
    law: Law, lower: float, upper: float, alpha: float, cap: int, block: int = 1
) -> Outlook:
    """Return the outlook of a bounded mean that is decided by betting.

    Parameters
    ----------
    law : Law
        Of the outcomes, rescaled to [0, 1].
    lower, upper : float
        The region, rescaled; beyond (0, 1) where it has no end.
    alpha, cap, block
        As in `probability_outlook`.
    """
    cap, block = _validate.count("cap", cap, 1), _validate.count("block", block, 1)
    bar, sizes = math.log(2.0 / _validate.error_rate(alpha)), look_sizes(cap, block)
    rng = np.random.default_rng(0)
    times = betting_times(law, (lower, upper), bar, sizes, PATHS, rng)
    return _decided(times, cap, f"{_sampled(PATHS, sizes.size, cap, block)} of normal steps")


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
            how = "normal approximation" if distance else "exact"
            return Outlook(expected, supported, refuted, how)
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


def events_needed(limit: float, alpha: float) -> int:
    """Return how many replicates without any event show that its rate is below `limit`.

    Parameters
    ----------
    limit : float
        In (0, 1]; for an end of a region near 1 give its distance from 1 and count misses.
    alpha : float
        Error probability of the check's interval, half of it for this end.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if not 0.0 < limit <= 1.0:
        raise ValueError(f"limit must lie in (0, 1], got {limit}")
    bar, high = math.log(2.0 / _validate.error_rate(alpha)), 1
    while bernoulli.log_e_less(limit, 0, high) < bar:
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        enough = bernoulli.log_e_less(limit, 0, middle) >= bar
        low, high = (low, middle) if enough else (middle, high)
    return high


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

    return _noncentrality(count, bar, power) * sd / math.sqrt(count * blocks.SIZE)


def _noncentrality(count: int, bar: float, power: float) -> float:
    """Return the shift of a t of `count` values that exceeds `bar` with probability `power`."""
    if count > NORMAL:
        return bar + float(scipy.stats.norm.ppf(power))

    def lacking(shift: float) -> float:
        return float(scipy.stats.nct(count - 1, shift).sf(bar)) - power

    most = 2.0 * bar + 10.0
    while lacking(most) < 0.0:
        most *= 2.0
    return float(scipy.optimize.brentq(lacking, 0.0, most))


def detectable_mean(
    pilot: FloatArray, end: float, above: bool, alpha: float, cap: int, power: float = POWER
) -> float | None:
    """Return the mean nearest to a region's end that betting refutes with `power` at the cap.

    Parameters
    ----------
    pilot : ndarray, shape (n,)
        Outcomes in [0, 1]; they are tilted to other means.
    end : float
        In (0, 1).
    above : bool
        Whether the mean lies above the end.
    alpha, cap, power
        As in `detectable_rates`; only the look at the cap is counted, by a normal approximation.

    Returns
    -------
    float or None
        None if not even a mean at the bound is refuted.
    """
    bar, spare = math.log(2.0 / _validate.error_rate(alpha)), float(scipy.stats.norm.ppf(power))
    near, far = end, 1.0 if above else 0.0
    if capital_left(pilot_law(pilot, far), end, above, bar, cap, spare) < 0.0:
        return None
    for _ in range(HALVINGS):
        middle = (near + far) / 2.0
        left = capital_left(pilot_law(pilot, middle), end, above, bar, cap, spare)
        near, far = (middle, far) if left < 0.0 else (near, middle)
    return far


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
