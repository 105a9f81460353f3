r"""Error rates at a nominal 1e-5, where counting errors would take millions of sequences.

*Exactly*, for an event (the law of its count, step by step) and, as a bound, for a distribution
(the law of Kolmogorov's statistic, summed over the looks). *By importance sampling*, for means:
sequences are drawn under which errors are common, and one in which an error happens at time
:math:`\tau` counts with the likelihood ratio :math:`L_\tau = dP/dQ`.

- Kernels that bet: *Q* mixes the law of a replicate tilted by the factors of constant
  stakes, :math:`q_k(x) \propto p(x) \, (1 - f_k + f_k x / m)` or :math:`\propto p(x) \exp
  \phi(\lambda_k (x - m))`. Laws that are not discrete are first replaced by a close one that is.
- Student: *Q* gives normal replicates an effect drawn from the kernel's prior; *L* is then the
  inverse of the e-value without the correction for skewness (Wang & Ramdas 2025).

A sequence is counted as *wrong* with probability :math:`L_\tau / (C \alpha)`, so that the rate of
what is counted is the error rate over :math:`C \alpha`, which the Bernoulli kernel can judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are used
from numpy.typing import NDArray

from refutable.calibration import evidence
from refutable.calibration.laws import Atoms
from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import bernoulli, blocks, empirical, student
from refutable.deciding.kernels.betting import Betting
from refutable.deciding.kernels.capital import Capital
from refutable.deciding.kernels.catoni import Catoni

Events = NDArray[np.bool_]

SCALE = 32.0
"""*C*: what a sequence may count for, in units of the nominal rate. More than that is refused."""


_LEAST = 1e-300  # of a factor before its logarithm is taken; an atom it forbids is never drawn


def event_error(rate: float, side: str, alpha: float, horizon: int) -> float:
    """Return how often the Bernoulli kernel excludes a true rate, exactly.

    Parameters
    ----------
    rate : float
        The true one, on the end of the region.
    side : str
        Form of the region, as in the study; a one-sided one spends twice on its end.
    alpha : float
    horizon : int
        Replicates; there is a look after every `evidence.LOOK`.
    """
    bar = math.log((2.0 if side == "within" else 1.0) / alpha)
    step = scipy.stats.binom.pmf(np.arange(evidence.LOOK + 1), evidence.LOOK, rate)
    alive, wrong = np.ones(1), 0.0
    for n in range(evidence.LOOK, horizon + 1, evidence.LOOK):
        alive = np.convolve(alive, step)
        out = _excludes(rate, side, bar, n)
        wrong += float(alive[out].sum())
        alive[out] = 0.0
    return wrong


def _excludes(rate: float, side: str, bar: float, n: int) -> Events:
    k = np.arange(n + 1)
    above = bernoulli.log_e_values(rate, k, n) >= bar
    below = bernoulli.log_e_values(rate, k, n, below=True) >= bar
    return {"at_least": above, "at_most": below, "within": above | below}[side]


def distance_error(alpha: float, horizon: int, first: int = 64) -> float:
    """Return a bound on how often the DKW band excludes a true distance.

    By the triangle inequality it does only where the sample is further from its own law than the
    band is wide; the probabilities of that, exact for continuous laws, are summed over the looks.
    """
    looks = range(1, empirical.looks_done(horizon, first) + 1)
    sizes = [(k, first * empirical.GROWTH ** (k - 1)) for k in looks]
    radii = [(n, empirical.dkw_radius(n, empirical.spending(alpha, k))) for k, n in sizes]
    return sum(float(scipy.stats.kstwo(n).sf(radius)) for n, radius in radii)


SMALL = np.geomspace(1 / 64, 1 / 8, 8)
"""More stakes for tilts, as shares of the greatest constant one: those that follow may be small."""

Tilt = Callable[[FloatArray, float, FloatArray], FloatArray]
"""Factors of stakes (k, 1) on outcomes (atoms,) against a mean, up to a constant: (k, atoms)."""


def betting_tilt(values: FloatArray, mean: float, stakes: FloatArray) -> FloatArray:
    """Return ``1 - f + f x / m``."""
    return np.asarray(1.0 - stakes + stakes * values / mean)


def catoni_tilt(values: FloatArray, mean: float, stakes: FloatArray) -> FloatArray:
    """Return ``exp(phi(lambda (x - m)))``."""
    y = stakes * (values - mean)
    grown = 1.0 + np.abs(y) + y**2 / 2.0
    return np.asarray(np.where(y > 0.0, grown, 1.0 / grown))


@dataclass(frozen=True)
class Bettor:
    """A kernel that bets, and the tilt that makes its errors common.

    Parameters
    ----------
    kernel : callable Atoms -> Capital
        With the law's mean as its only target.
    tilt : Tilt
    """

    kernel: Callable[[Atoms], Capital]
    tilt: Tilt


BETTING = Bettor(lambda atoms: Betting([atoms.mean]), betting_tilt)
CATONI = Bettor(lambda atoms: Catoni(atoms.variance, [atoms.mean]), catoni_tilt)


def capital_wrong(
    bettor: Bettor,
    atoms: Atoms,
    alpha: float,
    rng: np.random.Generator,
    size: int,
    horizon: int,
) -> Events:
    """Return which sequences count as errors, half of them tilted to either side.

    Two ends can be wrong and a sequence is tilted to one of them only, so it counts twice.
    """
    return np.concatenate(
        [_side_wrong(bettor, side, atoms, alpha, rng, size // 2, horizon) for side in (0, 1)]
    )


def _side_wrong(
    bettor: Bettor,
    side: int,
    atoms: Atoms,
    alpha: float,
    rng: np.random.Generator,
    size: int,
    horizon: int,
) -> Events:
    kernel = bettor.kernel(atoms)
    mirrored = atoms if side == 0 else Atoms(kernel.mirrored(atoms.values), atoms.probabilities)
    stakes = np.concatenate([kernel.constant, kernel.constant.max() * SMALL])[:, np.newaxis]
    factors = bettor.tilt(mirrored.values, mirrored.mean, stakes)
    factors = factors / (factors @ atoms.probabilities)[:, np.newaxis]
    drawn = _draw(factors * atoms.probabilities, rng, size, horizon)
    log_ratio = _log_ratio(np.log(np.maximum(factors, _LEAST)), drawn)
    found = evidence.capital_paths(kernel, atoms.values[drawn])[side]
    return _counted(found >= math.log(2.0 / alpha), log_ratio + math.log(2.0), alpha, rng)


def _draw(laws: FloatArray, rng: np.random.Generator, size: int, horizon: int) -> NDArray[np.intp]:
    """Return numbers of atoms, each sequence from one of the laws, (size, horizon)."""
    sums = np.cumsum(laws, axis=1)
    sums[:, -1] = np.inf  # rounding must not leave anything beyond the last atom
    uniform, chosen = rng.random((size, horizon)), rng.integers(len(sums), size=size)
    rows = (sums[k].searchsorted(row, side="right") for k, row in zip(chosen, uniform, strict=True))
    return np.stack(list(rows))


def _log_ratio(log_factors: FloatArray, drawn: NDArray[np.intp]) -> FloatArray:
    """Return the log likelihood ratio of the law to the mixture of the tilted ones at the looks."""
    look = evidence.CAPITAL_LOOK
    parts = [f[drawn].reshape(len(drawn), -1, look).sum(axis=2) for f in log_factors]
    logs = np.cumsum(np.stack(parts), axis=2)
    return np.asarray(math.log(len(logs)) - np.logaddexp.reduce(logs, axis=0))


def student_wrong(alpha: float, rng: np.random.Generator, size: int, horizon: int) -> Events:
    """Return which sequences count as errors of the Student kernel on normal replicates."""
    effects = rng.standard_normal((size, 1)) / math.sqrt(student.PRECISION * blocks.SIZE)
    found, exact = evidence.mean_paths(effects + rng.standard_normal((size, horizon)))
    return _counted(found >= -math.log(alpha), -exact, alpha, rng)


def _counted(
    wrong: Events, log_ratio: FloatArray, alpha: float, rng: np.random.Generator
) -> Events:
    """Return a coin for each sequence, heads as likely as its first error counts."""
    first = wrong.argmax(axis=1)[:, np.newaxis]
    weight = np.exp(np.take_along_axis(log_ratio, first, axis=1)[:, 0]) / (SCALE * alpha)
    weight = np.where(wrong.any(axis=1), weight, 0.0)
    if weight.max() > 1.0:
        raise ArithmeticError(f"a sequence counts for {weight.max() * SCALE:.3g} nominal rates")
    return np.asarray(rng.random(len(weight)) < weight)
