"""What is tried: every expectation at the edge of its region, on every law."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from refutable.calibration import evidence, rare
from refutable.calibration.laws import BLOCKS, BOUNDED, CONTAMINATED, HEAVY, LAWS, PARETO, Law
from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels.betting import Betting
from refutable.deciding.kernels.catoni import Catoni

Simulate = Callable[[Law, np.random.Generator, int, int], FloatArray]

Count = Callable[[np.random.Generator, int, int], rare.Events]

KERNEL, APPROXIMATE, LIMIT, FAILS = "kernel", "approximate", "limit", "fails"
"""A theorem; in use without one; the same where it must fail; and methods not in use."""

NOMINAL = (0.01, 0.001)
RARE = 1e-5
"""A nominal rate such as a check of the suite owns."""
ONE_SIDED = ("at_least", "at_most", "within")
SPLIT = math.log(2.0)
"""Two checks of one claim share its error evenly."""

SIZES = (50.0, 100.0, 200.0, 400.0)
"""Ladder of the slope."""


@dataclass(frozen=True)
class Case:
    """A method on a law.

    Parameters
    ----------
    expectation, kernel, role : str
        As in the study's table.
    law : Law
    regions : tuple of str
        Forms of region whose wrong verdicts are counted.
    simulate : callable (law, rng, sequences, horizon) -> array, shape (sequences, 2)
        Evidence as in `refutable.calibration.evidence`.
    nominal : tuple of float
        Error rates asked for; the study goes on until the first two are decided.
    """

    expectation: str
    kernel: str
    role: str
    law: Law
    regions: tuple[str, ...]
    simulate: Simulate
    nominal: tuple[float, ...] = NOMINAL


@dataclass(frozen=True)
class RareCase:
    """A method on a law, tried otherwise than by counting errors.

    Parameters
    ----------
    expectation, kernel, role, law, region, method : str
    nominal : float
        As in the study's table.
    count : callable (rng, sequences, horizon) -> array of bool, or None
        As in `refutable.calibration.rare`, which sequences count as `rare.SCALE` nominal errors.
    exact : callable (horizon) -> float, or None
        The error rate, or a bound on it.
    """

    expectation: str
    kernel: str
    role: str
    law: str
    region: str
    nominal: float
    method: str
    count: Count | None = None
    exact: Callable[[int], float] | None = None


def cases() -> Iterator[Case]:
    """Yield every case that is simulated."""
    for expectation, kernel, role, regions, simulate in _METHODS:
        for law in _laws(simulate):
            yield Case(expectation, kernel, role, law, regions, simulate)
    for law in (*BOUNDED[1:3], BLOCKS):
        yield Case("mean", "student", APPROXIMATE, law, _TWO_SIDED, _mean)
    for law in (*BOUNDED[3:], *HEAVY, PARETO, *CONTAMINATED):
        yield Case("mean", "student", LIMIT, law, _TWO_SIDED, _mean, (*NOMINAL, RARE))
    for law in BOUNDED:
        yield Case("mean, bounds declared", "betting", KERNEL, law, _TWO_SIDED, _betting)
    for law in (*LAWS[:4], BLOCKS, *HEAVY, *CONTAMINATED):
        yield Case("mean, variance declared", "catoni", KERNEL, law, _TWO_SIDED, _catoni)


def _laws(simulate: Simulate) -> tuple[Law, ...]:
    if simulate is _p_values:
        return LAWS[:1]
    return (LAWS[0], LAWS[-1]) if simulate in _BY_RANK else LAWS


def rare_cases() -> Iterator[RareCase]:
    """Yield every case that is computed, or simulated under another law: most at a nominal 1e-5."""
    for rate, nominal in itertools.product((0.02, 0.05, 0.5), (*NOMINAL, RARE)):
        for region in ONE_SIDED:
            exact = functools.partial(rare.event_error, rate, region, nominal)
            yield _computed(("probability", "bernoulli"), f"event {rate}", region, nominal, exact)
    for region in ONE_SIDED:
        exact = functools.partial(rare.event_error, 0.5, region, RARE)
        yield _computed(("median", "bernoulli, inverted"), "any continuous", region, RARE, exact)
    bound = functools.partial(rare.distance_error, RARE)
    how = ("distribution", "dkw, spending")
    yield _computed(how, "any continuous", "within", RARE, bound, "bound")
    tilted = "importance sampling, tilted by the bets"
    for law in BOUNDED:
        yield _tilted("mean, bounds declared", "betting", law, rare.BETTING, tilted)
    for law in (*HEAVY, *CONTAMINATED):
        yield _tilted("mean, variance declared", "catoni", law, rare.CATONI, tilted)
    count = functools.partial(rare.student_wrong, RARE)
    method = "importance sampling, effect of the prior"
    yield RareCase("mean", "student", APPROXIMATE, "normal", "within", RARE, method, count)


def _computed(
    how: tuple[str, str],
    law: str,
    region: str,
    nominal: float,
    exact: Callable[[int], float],
    method: str = "exact",
) -> RareCase:
    return RareCase(*how, KERNEL, law, region, nominal, method, exact=exact)


def _tilted(expectation: str, kernel: str, law: Law, bettor: rare.Bettor, how: str) -> RareCase:
    def count(rng: np.random.Generator, size: int, horizon: int) -> rare.Events:
        assert law.atoms is not None
        return rare.capital_wrong(bettor, law.atoms(), RARE, rng, size, horizon)

    return RareCase(expectation, kernel, KERNEL, law.name, "within", RARE, how, count)


def _betting(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_capital(Betting([law.mean]), law.draw(rng, (size, horizon)))


def _catoni(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_capital(Catoni(law.variance, [law.mean]), law.draw(rng, (size, horizon)))


def _mean(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_mean(law.draw(rng, (size, horizon)) - law.mean)


def _paired(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    """Two methods on common random numbers: what they share drops out of the difference."""
    shared = 3.0 * law.draw(rng, (size, horizon))
    ours = shared + law.draw(rng, (size, horizon))
    theirs = shared + rng.normal(law.mean, 0.5, (size, horizon))
    return evidence.of_mean(ours - theirs)


def _ratio(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    below = law.draw(rng, (size, horizon)) + 4.0
    above = 0.5 * below + (law.draw(rng, (size, horizon)) - law.mean)
    return evidence.of_ratio(above, below, 0.5)


def _slope(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    """Slope and drift guard, both with a true value on the edge of their margins."""
    x = np.log(SIZES) - np.log(SIZES).mean()
    upper = x[2:] - x[2:].mean()
    # no mean is taken away: the weights do that, and without rounding
    noise = law.draw(rng, (size, horizon, len(SIZES)))
    whole, top = noise @ (x / (x @ x)), noise[..., 2:] @ (upper / (upper @ upper))
    return np.maximum(evidence.of_mean(whole), evidence.of_mean(top)) - SPLIT


def _events(law: Law, rng: np.random.Generator, size: int, horizon: int, rate: float) -> FloatArray:
    """Draw events of the given probability from the law (from a uniform if that is discrete)."""
    if law.discrete:
        return evidence.of_rate(rng.random((size, horizon)) < rate, rate)
    values = law.draw(rng, (size, horizon))
    return evidence.of_rate(values <= float(law.frozen.ppf(rate)), rate)


def _probability(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return _events(law, rng, size, horizon, 0.05)


def _bracket(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    above = _events(law, rng, size, horizon, 0.8)
    return np.maximum(above, _events(law, rng, size, horizon, 0.2)) - SPLIT


def _median(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_quantile(law.draw(rng, (size, horizon)), law, 0.5)


def _distance(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_distance(law.draw(rng, (size, horizon)), law, 0.1)


def _p_values(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_p_values(law.draw(rng, (size, horizon)), law)


def _raw(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    values = law.draw(rng, (size, horizon)) - law.mean
    return evidence.of_mean(values, size=1, corrected=False)


def _uncorrected(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_mean(law.draw(rng, (size, horizon)) - law.mean, corrected=False)


def _asymptotic(law: Law, rng: np.random.Generator, size: int, horizon: int) -> FloatArray:
    return evidence.of_asymptotic(law.draw(rng, (size, horizon)) - law.mean)


_TWO_SIDED = ("within",)
_BY_RANK = (_probability, _bracket, _median, _distance, _p_values)
"""They see ranks only, so all continuous laws are one; the last is for no other."""
_METHODS: tuple[tuple[str, str, str, tuple[str, ...], Simulate], ...] = (
    ("mean", "student", APPROXIMATE, ONE_SIDED, _mean),
    ("paired difference", "student", APPROXIMATE, ONE_SIDED, _paired),
    ("ratio of means", "student", APPROXIMATE, ONE_SIDED, _ratio),
    ("slope and drift guard", "student", APPROXIMATE, _TWO_SIDED, _slope),
    ("probability", "bernoulli", KERNEL, ONE_SIDED, _probability),
    ("threshold bracket", "bernoulli", KERNEL, _TWO_SIDED, _bracket),
    ("median", "bernoulli, inverted", KERNEL, ONE_SIDED, _median),
    ("distribution", "dkw, spending", KERNEL, _TWO_SIDED, _distance),
    ("p-values", "spending", KERNEL, _TWO_SIDED, _p_values),
    ("mean", "t, raw replicates", FAILS, _TWO_SIDED, _raw),
    ("mean", "t, blocks, no skewness", FAILS, _TWO_SIDED, _uncorrected),
    ("mean", "asymptotic", FAILS, _TWO_SIDED, _asymptotic),
)
