"""The split pair: how far an over-fitted pair of experts drifts apart at the maximum."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.experts._moe_exact import WORLDS
from refutable.solvers.gaussian_moe import cramer_rao, fit_pair, pair_score, quadrature
from refutable.theory.experts import softmax_gmoe as theory

FloatArray = NDArray[np.float64]
Columns = dict[str, FloatArray]


@lru_cache(maxsize=8)
def kappa_bound(world: str) -> float:
    """Return sigma_kappa: the Cramer-Rao bound of kappa at kappa = 0, times sqrt(n)."""
    w = WORLDS[world]
    nodes = quadrature(w.parameters, w.gate, w.pieces, 400, 80)
    s = pair_score(w.parameters, 0.0, nodes.x, nodes.y)
    return float(cramer_rao(s.T @ (s * nodes.weight[:, None]))[-1])


def split_pair(
    world: str, rng: Generator, size: int, n: int, known_variance: bool = False
) -> Columns:  # fmt: skip
    """Fit the split-pair model to `size` data sets of n drawn from the unsplit truth.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``together``: the pair did not split (kappa = 0); ``z``: sqrt(n) kappa/sigma, or minus a
        half-normal draw where kappa = 0, so that theory's max(0, Z) becomes Z; ``spread``: t over
        (sigma/sqrt n)^(1/4); ``converged``.
    """
    w = WORLDS[world]
    x, y = w.draw(rng, size, n)
    found = fit_pair(x, y, w.parameters, known_variance=known_variance)
    unit = kappa_bound(world) / np.sqrt(n)
    t = found.kappa ** (0.5 if known_variance else 0.25)
    positive = t**4 / unit
    negative = -np.abs(rng.standard_normal(size))
    return {
        "together": (t == 0).astype(np.float64),
        "z": np.where(t == 0, negative, positive),
        "spread": t / unit**0.25,
        "converged": found.converged.astype(np.float64),
    }


def predicted_spread(q: float, n: int, rate: float = 0.125, anchor: int = 1000) -> float:
    """Return the q-quantile of ``spread`` if t fell like n^-rate from its true value at `anchor`.

    At rate 1/8 it is the same at every n.
    """
    level = theory.half_normal_quantile(q, 1.0, 1)
    return float(level * (n / anchor) ** (0.125 - rate))
