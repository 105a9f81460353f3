"""The published over-specified runs: start next to the truth, stop on a relative gain of 1e-6."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from simulations.experts._moe_data import as_atoms
from simulations.experts._moe_exact import WORLDS, errors, information
from solvers.gaussian_moe import EmRule, Fit, Parameters, Rule, cramer_rao, fit, fit_em, scalar
from theory.experts import softmax_gmoe as theory
from theory.experts.softmax_gmoe import PAPER_TRUTH as TRUTH

FloatArray = NDArray[np.float64]
Columns = dict[str, FloatArray]

PUBLISHED = EmRule(tolerance=1e-6, iterations=2000, measure="relative")
COPIES = np.array([[0, 0, 1], [0, 1, 1]])  # which true expert each of three fitted ones copies


def published_start(rng: Generator, size: int, n: int) -> tuple[NDArray[np.intp], Parameters]:
    """Return which pair is over-fitted (0 or 1) and the start of the authors' repository.

    Each fitted expert copies a true one; gates err by 0.005 n^-0.083 and experts by
    0.05 n^-0.083; variances start at the *standard deviations*, as in the code.
    """
    pair = rng.integers(0, 2, size)
    which, shape, shrink = COPIES[pair], (size, 3), n**-0.083
    free = np.array([1.0, 1.0, 0.0])
    gate = 0.005 * shrink * rng.standard_normal((2, *shape)) * free
    expert = 0.05 * shrink * rng.standard_normal((2, *shape))
    v = np.sqrt(TRUTH.v)[which] + np.abs(0.005 * n**-0.25 * rng.standard_normal(shape))
    return pair, scalar(
        TRUTH.b0[which] + gate[0], TRUTH.b1[which] + gate[1], TRUTH.a[which] + expert[0],
        TRUTH.c[which] + expert[1], v,
    )  # fmt: skip


def pair_gap(pair: NDArray[np.intp], fitted: Parameters) -> FloatArray:
    """Return |c_i - c_j| of the over-fitted pair."""
    gaps = np.abs(np.diff(fitted.c, axis=1))
    return np.asarray(gaps[np.arange(len(pair)), pair])


def _run(rng: Generator, size: int, n: int, to_the_top: bool) -> tuple[FloatArray, Fit, FloatArray]:
    w = WORLDS["paper"]
    x, y = w.draw(rng, size, n)
    pair, start = published_start(rng, size, n)
    early = fit_em(x, y, start, w.gate, rule=PUBLISHED)
    if not to_the_top:
        return pair_gap(pair, early.parameters), early, np.zeros(size)
    top = fit(x, y, early.parameters, w.gate, rule=Rule(tolerance=1e-5, iterations=300))
    gained = top.log_likelihood - early.log_likelihood
    return pair_gap(pair, top.parameters), early, gained


def stopped(rng: Generator, size: int, n: int) -> Columns:
    """Run the published procedure: ``gap`` of the pair, ``still`` (gap < 0.1), ``iterations``."""
    gap, early, _ = _run(rng, size, n, to_the_top=False)
    return {
        "gap": gap,
        "still": (gap < 0.1).astype(np.float64),
        "iterations": early.iterations.astype(np.float64),
        "few": (early.iterations < 50).astype(np.float64),
    }


def continued(rng: Generator, size: int, n: int) -> Columns:
    """Carry the runs on to the maximum: also ``short``, whether more than 1 was left to gain."""
    gap, early, gained = _run(rng, size, n, to_the_top=True)
    return {
        "gap": gap,
        "still": (gap < 0.1).astype(np.float64),
        "iterations": early.iterations.astype(np.float64),
        "few": (early.iterations < 50).astype(np.float64),
        "short": (gained > 1.0).astype(np.float64),
    }


def _slope(log_loss: FloatArray, sizes: FloatArray) -> FloatArray:
    u = np.log(sizes) - np.log(sizes).mean()
    return np.asarray(log_loss @ u / (u @ u))


def slope_shift(losses: FloatArray, sizes: tuple[int, ...]) -> FloatArray:
    """Return each replicate's slope over the whole ladder minus that without its first size."""
    log_loss, n = np.log(losses), np.asarray(sizes, dtype=np.float64)
    return _slope(log_loss, n) - _slope(log_loss[:, 1:], n[1:])


def published_ladder(rng: Generator, size: int, sizes: tuple[int, ...]) -> FloatArray:
    """Return the pair's gap after the published procedure at each n, (size, L)."""
    return np.stack([stopped(rng, size, n)["gap"] for n in sizes], axis=1)


def exact_ladder(rng: Generator, size: int, sizes: tuple[int, ...]) -> FloatArray:
    """Return D_1 of converged fits with the true number of experts at each n, (size, L)."""
    w = WORLDS["paper"]
    fits = [fit(*w.draw(rng, size, n), w.parameters, w.gate) for n in sizes]
    return np.stack([theory.exact_loss(as_atoms(f.parameters), TRUTH) for f in fits], axis=1)


def exact_errors(rng: Generator, size: int, sizes: tuple[int, ...]) -> FloatArray:
    """Return the root mean squared error in units of the bounds, exactly specified, (size, L)."""
    w, bound = WORLDS["paper"], cramer_rao(information("paper"))
    fits = [fit(*w.draw(rng, size, n), w.parameters, w.gate) for n in sizes]
    scaled = [errors("paper", f.parameters) / bound for f in fits]
    return np.stack([np.sqrt(np.mean(e**2, axis=1)) for e in scaled], axis=1)
