"""The laws of a replicate that the calibration study draws from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import special, stats

from refutable.claims.arrays import FloatArray

Shape = tuple[int, ...]

RATE = 0.05
"""Success rate of the Bernoulli law."""


class Atoms(NamedTuple):
    """A discrete law.

    Parameters
    ----------
    values, probabilities : ndarray, shape (k,)
    """

    values: FloatArray
    probabilities: FloatArray

    @property
    def mean(self) -> float:
        """The mean."""
        return float(self.values @ self.probabilities)

    @property
    def variance(self) -> float:
        """The variance."""
        return float((self.values - self.mean) ** 2 @ self.probabilities)


def gridded(frozen: Any, size: int = 2000) -> Atoms:
    """Return a discrete law close to a continuous one, its tails reaching down to 1e-9."""
    edges = special.expit(np.linspace(-20.7, 20.7, size + 1))
    edges[0], edges[-1] = 0.0, 1.0
    inner = special.expit(np.linspace(-20.7, 20.7, 2 * size + 1)[1::2])
    return Atoms(np.asarray(frozen.ppf(inner)), np.diff(edges))


def mixed(weight: float, rare: Atoms, usual: Atoms) -> Atoms:
    """Return the law that is `rare` with probability `weight`, and else `usual`."""
    values = np.concatenate([rare.values, usual.values])
    parts = weight * rare.probabilities, (1.0 - weight) * usual.probabilities
    return Atoms(values, np.concatenate(parts))


def _unknown(values: FloatArray) -> FloatArray:
    raise NotImplementedError("only the mean of this law is checked")


@dataclass(frozen=True)
class Law:
    """A distribution with everything a check could be about.

    Parameters
    ----------
    name : str
    draw : callable (rng, shape) -> array
    mean : float
    frozen : scipy.stats distribution
        For quantiles; None where only means are checked.
    cdf : callable array -> array
        Its distribution function; closed forms are many times faster than those of `frozen`.
    variance : float
        The bound that a claim may declare: the variance, of every replicate given those before.
    bounded : bool
        Whether it lies in [0, 1].
    atoms : callable () -> Atoms
        The law itself if it is discrete, or else a discrete law close to it; None where no
        nominal rate is too small to simulate.
    """

    name: str
    draw: Callable[[np.random.Generator, Shape], FloatArray]
    mean: float
    frozen: Any = None
    cdf: Callable[[FloatArray], FloatArray] = _unknown
    variance: float = math.inf
    bounded: bool = False
    atoms: Callable[[], Atoms] | None = None

    @property
    def discrete(self) -> bool:
        """Whether its distribution function jumps."""
        return self.name == "bernoulli"


def _t3_cdf(x: FloatArray) -> FloatArray:
    u = x / math.sqrt(3.0)
    return np.asarray(0.5 + (u / (1.0 + u * u) + np.arctan(u)) / math.pi)


LAWS = (
    Law("normal", lambda rng, s: rng.standard_normal(s), 0.0, stats.norm(), special.ndtr, 1.0),
    Law(
        "exponential",
        lambda rng, s: rng.standard_exponential(s),
        1.0,
        stats.expon(),
        lambda x: -np.expm1(-x),
        1.0,
    ),
    Law("student t3", lambda rng, s: rng.standard_t(3, s), 0.0, stats.t(3), _t3_cdf, 3.0),
    Law(
        "lognormal",
        lambda rng, s: np.exp(rng.standard_normal(s)),
        math.exp(0.5),
        stats.lognorm(1.0),
        lambda x: special.ndtr(np.log(x)),
        math.e * math.expm1(1.0),
    ),
    Law(
        "bernoulli",
        lambda rng, s: (rng.random(s) < RATE).astype(np.float64),
        RATE,
        stats.bernoulli(RATE),
        lambda x: np.where(x < 0.0, 0.0, np.where(x < 1.0, 1.0 - RATE, 1.0)),
        RATE * (1.0 - RATE),
        bounded=True,
        atoms=lambda: two_points(RATE),
    ),
)


def of_frozen(name: str, frozen: Any, *, bounded: bool = False, scale: float = 1.0) -> Law:
    """Return the law of a multiple of a scipy.stats distribution, for means."""
    return Law(
        name,
        lambda rng, s: scale * np.asarray(frozen.rvs(s, random_state=rng), dtype=np.float64),
        scale * float(frozen.mean()),
        variance=scale**2 * float(frozen.var()),
        bounded=bounded,
        atoms=lambda: _listed(frozen, scale) if hasattr(frozen, "pmf") else gridded(frozen),
    )


def _listed(frozen: Any, scale: float) -> Atoms:
    low, high = frozen.support()
    values = np.arange(low, high + 1)
    return Atoms(scale * values, np.asarray(frozen.pmf(values)))


def two_points(rate: float) -> Atoms:
    """Return the law of an event."""
    return Atoms(np.array([0.0, 1.0]), np.array([1.0 - rate, rate]))


def contaminated(jump: float, rate: float) -> Law:
    """Return N(0, 1) plus a jump with a small probability.

    A sample without a jump gives no hint that there are any, so that no method without a bound on
    the outcome or on its variance can be right (Bahadur & Savage 1956).
    """

    def atoms() -> Atoms:
        usual = gridded(stats.norm())
        return mixed(rate, Atoms(usual.values + jump, usual.probabilities), usual)

    return Law(
        f"N(0,1), {100 * rate:g} % + {jump:g}",
        lambda rng, s: rng.standard_normal(s) + jump * (rng.random(s) < rate),
        jump * rate,
        variance=1.0 + jump**2 * rate * (1.0 - rate),
        atoms=atoms,
    )


def rarely_one(name: str, rate: float, usual: float) -> Law:
    """Return a loss that is 1 with a small probability, and else uniform on [0, `usual`]."""
    mean = rate + (1.0 - rate) * usual / 2.0
    return Law(
        name,
        lambda rng, s: np.where(rng.random(s) < rate, 1.0, usual * rng.random(s)),
        mean,
        variance=rate + (1.0 - rate) * usual**2 / 3.0 - mean**2,
        bounded=True,
        atoms=lambda: mixed(rate, Atoms(np.ones(1), np.ones(1)), gridded(stats.uniform(0, usual))),
    )


def _zero_inflated(rng: np.random.Generator, shape: Shape) -> FloatArray:
    return np.where(rng.random(shape) < 0.9, 0.0, rng.random(shape))


def _heteroscedastic(rng: np.random.Generator, shape: Shape) -> FloatArray:
    """Draw from N(0, s^2) with one s per 64 replicates, 1 or 5 by the toss of a coin."""
    scales = rng.choice([1.0, 5.0], (*shape[:-1], -(-shape[-1] // 64)))
    spread = np.repeat(scales, 64, axis=-1)[..., : shape[-1]]
    return np.asarray(rng.standard_normal(shape) * spread)


BOUNDED = (
    LAWS[-1],
    of_frozen("lattice", stats.binom(10, 0.1), bounded=True, scale=0.1),
    Law(
        "zero-inflated",
        _zero_inflated,
        0.05,
        variance=0.1 / 3 - 0.05**2,
        bounded=True,
        atoms=lambda: mixed(0.9, Atoms(np.zeros(1), np.ones(1)), gridded(stats.uniform())),
    ),
    of_frozen("beta .2, 1.8", stats.beta(0.2, 1.8), bounded=True),
    of_frozen("beta 50, 50", stats.beta(50, 50), bounded=True),
    rarely_one("1 % ones", 0.01, 0.1),
    rarely_one("1 in 300 ones", 1 / 300, 0.02),
)
"""Laws on [0, 1]."""

CONTAMINATED = tuple(
    contaminated(jump, rate)
    for jump, rate in ((10, 0.05), (20, 0.02), (20, 0.01), (100, 0.001), (1000, 0.001))
)

HEAVY = (
    of_frozen("gamma .1", stats.gamma(0.1)),
    of_frozen("Pareto 2.5", stats.pareto(2.5)),
)
PARETO = of_frozen("Pareto 1.5", stats.pareto(1.5))
"""It has a mean and no variance."""
BLOCKS = Law("heteroscedastic blocks", _heteroscedastic, 0.0, variance=25.0)
