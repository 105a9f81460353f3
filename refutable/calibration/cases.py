"""What is simulated: every expectation at the edge of its region, on every law."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from refutable.calibration import evidence
from refutable.calibration.laws import LAWS, OUTLIERS, Law
from refutable.claims.arrays import FloatArray

Simulate = Callable[[Law, np.random.Generator, int, int], FloatArray]

KERNEL, LIMIT, FAILS = "kernel", "limit", "fails"
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
    """

    expectation: str
    kernel: str
    role: str
    law: Law
    regions: tuple[str, ...]
    simulate: Simulate


def cases() -> Iterator[Case]:
    """Yield every case of the study."""
    for expectation, kernel, role, regions, simulate in _METHODS:
        for law in LAWS:
            # the test sees ranks only, so all continuous laws are one, and others are not for it
            if simulate is not _p_values or law is LAWS[0]:
                yield Case(expectation, kernel, role, law, regions, simulate)
    yield Case("mean", "student", LIMIT, OUTLIERS, _TWO_SIDED, _mean)


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
_METHODS: tuple[tuple[str, str, str, tuple[str, ...], Simulate], ...] = (
    ("mean", "student", KERNEL, ONE_SIDED, _mean),
    ("paired difference", "student", KERNEL, ONE_SIDED, _paired),
    ("ratio of means", "student", KERNEL, ONE_SIDED, _ratio),
    ("slope and drift guard", "student", KERNEL, _TWO_SIDED, _slope),
    ("probability", "bernoulli", KERNEL, ONE_SIDED, _probability),
    ("threshold bracket", "bernoulli", KERNEL, _TWO_SIDED, _bracket),
    ("median", "bernoulli, inverted", KERNEL, ONE_SIDED, _median),
    ("distribution", "dkw, spending", KERNEL, _TWO_SIDED, _distance),
    ("p-values", "spending", KERNEL, _TWO_SIDED, _p_values),
    ("mean", "t, raw replicates", FAILS, _TWO_SIDED, _raw),
    ("mean", "t, blocks, no skewness", FAILS, _TWO_SIDED, _uncorrected),
    ("mean", "asymptotic", FAILS, _TWO_SIDED, _asymptotic),
)
