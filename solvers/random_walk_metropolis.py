"""Random-walk Metropolis over many independent chains at once, and whether chains have mixed.

The step of every chain is adapted during the warm-up alone, so that what is kept comes from a
Markov chain with a fixed kernel. The chains share nothing but the arrays that they lie in.

Diagnostics follow Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021): each chain is split in
halves and draws are replaced by normal scores of their ranks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    generator,
    inside,
    refuse,
    whole_number,
)

__all__ = ["Chains", "bulk_effective_size", "random_walk_metropolis", "split_r_hat"]

Floats = NDArray[np.float64]

OPTIMAL = 2.38
"""Step, in standard deviations over the root of the dimension, of Gelman, Roberts, Gilks (1996)."""
FADING = 0.6
"""Exponent of the gains of the adaptation, in (1/2, 1] as Robbins and Monro ask."""


@dataclass(frozen=True)
class Chains:
    """States that were kept, and how the walk went.

    Attributes
    ----------
    states : array, shape (kept, chains, d)
    accepted : array, shape (chains,)
        Share of proposals accepted after the warm-up.
    scale : array, shape (chains,)
        Multiple of the steps' factor that every chain ended its warm-up with.
    """

    states: Floats
    accepted: Floats
    scale: Floats


def random_walk_metropolis(
    log_density: Callable[[Floats], Floats],
    start: ArrayLike,
    rng: Generator,
    factor: ArrayLike,
    warm_up: int,
    kept: int,
    thin: int = 1,
    target: float = 0.25,
) -> Chains:
    """Walk from `start` with Gaussian proposals and keep every `thin`-th state after the warm-up.

    Parameters
    ----------
    log_density : callable
        Of states, shape (chains, d), to numbers, shape (chains,), up to a constant; minus
        infinity outside of the support.
    start : array_like, shape (chains, d)
        In the support.
    rng : Generator
    factor : array_like, shape (d, d) or (chains, d, d)
        A of the proposal ``x + scale A z``, z standard normal: a root of the covariance, roughly.
    warm_up, kept, thin : int
        Steps that adapt the scale, from 0; states kept; steps to a state.
    target : float
        Acceptance rate, in (0, 1), that the warm-up steers each chain to.

    Raises
    ------
    ValueError
        If an argument is out of range or a chain starts where the density is 0 or not a number.
    """
    x = finite_array("start", start, ndim=2).copy()
    warm_up = whole_number("warm_up", warm_up, 0)
    kept, thin = whole_number("kept", kept), whole_number("thin", thin)
    target = inside("target", target, 0, 1)
    generator("rng", rng)
    root = finite_array("factor", factor, least=2)
    if root.shape not in {(x.shape[1],) * 2, (len(x), x.shape[1], x.shape[1])}:
        refuse("factor", root, f"shape (d, d) or (chains, d, d) for start of shape {x.shape}")
    level = np.asarray(log_density(x), dtype=np.float64)
    if level.shape != (len(x),) or not np.isfinite(level).all():
        refuse("start", x, "states at which log_density is finite, one number to a state")
    log_scale = np.full(len(x), np.log(OPTIMAL / np.sqrt(x.shape[1])))
    states, hits = np.empty((kept, *x.shape)), np.zeros(len(x))
    for step in range(1, warm_up + kept * thin + 1):
        jump = (root @ rng.standard_normal(x.shape)[..., None])[..., 0]
        proposal = x + np.exp(log_scale)[:, None] * jump
        proposed = log_density(proposal)
        # A level that is not a number compares false: the proposal is rejected.
        chance = np.exp(np.minimum(proposed - level, 0.0))
        taken = rng.random(len(x)) < chance
        x[taken], level[taken] = proposal[taken], proposed[taken]
        if step <= warm_up:
            log_scale += (np.nan_to_num(chance) - target) * step**-FADING
        else:
            hits += taken
            if (step - warm_up) % thin == 0:
                states[(step - warm_up) // thin - 1] = x
    return Chains(states, hits / (kept * thin), np.exp(log_scale))


def _ranked(draws: ArrayLike) -> Floats:
    """Return normal scores of the ranks of draws, shape (n // 2, 2 chains); chains are split."""
    values = finite_array("draws", draws, ndim=2)
    half = len(values) // 2
    # Two halves of four draws: the fewest of which a variance and two lags can be had.
    if half < 4:
        refuse("draws", values, "shape (draws, chains) with at least 8 draws")
    split = np.concatenate([values[:half], values[-half:]], axis=1)
    if np.ptp(split) == 0:
        refuse("draws", values, "draws that are not all equal")
    ranks = scipy.stats.rankdata(split).reshape(split.shape)
    # 3/8 and 1/4 are Blom's, as in the paper.
    return np.asarray(scipy.special.ndtri((ranks - 0.375) / (split.size + 0.25)))


def _variances(z: Floats) -> tuple[float, float]:
    """Mean variance within chains, and the estimate of the total from within and between."""
    n = len(z)
    within = float(z.var(axis=0, ddof=1).mean())
    return within, within * (n - 1) / n + float(z.mean(axis=0).var(ddof=1))


def split_r_hat(draws: ArrayLike) -> float:
    """Return the rank-normalised split R-hat of draws, shape (draws, chains): near 1 if mixed.

    Raises
    ------
    ValueError
        For fewer than 8 draws, draws that are not finite, or draws that are all equal.
    """
    within, total = _variances(_ranked(draws))
    return float(np.sqrt(total / within)) if within > 0 else np.inf


def bulk_effective_size(draws: ArrayLike) -> float:
    """Return how many independent draws the chains are worth for a location (bulk ESS).

    Autocorrelations are summed in pairs up to the first pair that is not positive, made monotone
    (Geyer 1992). At most ``S log10 S`` for S draws, as in the paper.

    Raises
    ------
    ValueError
        As `split_r_hat`.
    """
    z = _ranked(draws)
    n, total_draws = len(z), z.size
    within, total = _variances(z)
    lags = _autocovariance(z).mean(axis=1)
    correlation = 1.0 - (within - lags * n / (n - 1)) / total
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    positive = pairs[: int(np.argmax(np.append(pairs, -1.0) <= 0))]
    time = 2.0 * float(np.minimum.accumulate(positive).sum()) - 1.0
    return float(total_draws / max(time, 1.0 / np.log10(total_draws)))


def _autocovariance(z: Floats) -> Floats:
    """Autocovariances of columns, shape (n, chains), lag by lag, all divided by n."""
    centred = z - z.mean(axis=0)
    # Padded to twice the length: no wrapping around.
    spectrum = np.fft.rfft(centred, 2 * len(z), axis=0)
    return np.asarray(np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: len(z)] / len(z))
