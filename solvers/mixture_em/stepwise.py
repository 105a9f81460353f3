"""Stepwise (online) EM for Gaussian mixtures: one pass over the data in batches.

Cappe and Moulines (2009): the mean sufficient statistics follow
``s <- (1 - gamma_t) s + gamma_t s(batch t)`` and the M-step is taken at s after every batch. The
theory asks for ``sum gamma_t = inf`` and ``sum gamma_t^2 < inf``, which (t0 + t)^-alpha meets for
alpha in (1/2, 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    bounded_array,
    nonnegative,
    positive,
    refuse,
    whole_number,
)
from refutable.solvers.mixture_em._m_step import Data, Moments, e_step, m_step
from refutable.solvers.mixture_em.em import Fit, flat_start, shaped
from refutable.solvers.mixture_em.mixture import Array, Mixture
from refutable.solvers.mixture_em.status import Status, judged, least_variance

__all__ = ["decaying_steps", "fit_stepwise"]


def decaying_steps(count: int, exponent: float, offset: float = 2.0) -> Array:
    """Return the step sizes gamma_t = (offset + t)^-exponent for t = 0, ..., count - 1.

    Parameters
    ----------
    count : int
        At least 1.
    exponent : float
        alpha, at least 0; any, so that steps which break the theory can be tried.
    offset : float
        t0, at least 1, so that no step is above 1.
    """
    steps = np.arange(whole_number("count", count)) + positive("offset", offset)
    if offset < 1:
        refuse("offset", offset, "a number, at least 1")
    return np.asarray(steps ** -nonnegative("exponent", exponent))


def fit_stepwise(
    x: ArrayLike, start: Mixture, *, batch: int, steps: ArrayLike, floor: float = 1e-6,
    sample_weight: ArrayLike | None = None,
) -> Fit:  # fmt: skip
    """Pass over each replicate once, from each start, in the order of the observations.

    The statistics begin as those of the start itself: weights, weights times means, and second
    moments. Every batch enters with its mean statistics, whatever its weight.

    Parameters
    ----------
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    start : Mixture
        Batch (), (R,) or (R, starts).
    batch : int
        Observations in a batch, 1 to n; the last may be smaller.
    steps : array_like, shape (ceil(n / batch),)
        gamma_t in [0, 1]; see `decaying_steps`.
    floor, sample_weight
        As for `fit`; each batch must keep some weight.

    Returns
    -------
    Fit
        Its log-likelihood is that of the final mixture on all the data; status PASSED if nothing
        is wrong, and `iterations` counts the batches.

    Raises
    ------
    ValueError
        As for `fit`, and if `batch` or `steps` is malformed.
    """
    data, floor = Data.of(x, sample_weight), nonnegative("floor", floor)
    row, mixture, shape = flat_start(data, start)
    n = data.shape[2]
    size = whole_number("batch", batch, 1, n)
    gammas = bounded_array("steps", steps, 0, 1, shape=(-(-n // size),))
    _check_batches(data, size)
    # Raw second moments would cancel far from the origin: all are kept about the data's mean.
    centre = np.broadcast_to(data.x.mean(axis=2)[row][:, None, :], mixture.means.shape)
    held = _own(mixture, centre)
    for t, gamma in enumerate(gammas):
        part, sums = e_step(data, row, mixture, span=(t * size, min(n, (t + 1) * size)))
        held = _blend(held, sums.about(centre), np.where(np.isfinite(part), gamma, 0.0))
        mixture = m_step(mixture, held, floor)
    value, last = e_step(data, row, mixture)
    ended = np.full(len(row), int(Status.PASSED), dtype=np.int64)
    status = judged(mixture, value, last.mass, ended, least_variance(data, floor)[row])
    count = np.full(len(row), len(gammas), dtype=np.int64)
    return shaped(mixture, value, value, status, count, data.total[row], shape)


def _check_batches(data: Data, size: int) -> None:
    if data.weights.size == 0:
        return
    starts = np.arange(0, data.shape[2], size)
    if (np.add.reduceat(data.weights, starts, axis=1) <= 0).any():
        raise ValueError("sample_weight leaves a batch without weight: give larger batches")


def _own(mixture: Mixture, centre: Array) -> Moments:
    """Return the moments of mass 1 that the mixture itself has, about `centre`."""
    mass, spread = mixture.weights, mixture.expanded()
    ends = (None,) * (spread.ndim - mass.ndim)
    second = mass[(..., *ends)] * spread
    return Moments(mass, np.zeros(mixture.means.shape), second, mixture.means).about(centre)


def _blend(held: Moments, new: Moments, gamma: Array) -> Moments:
    """Return (1 - gamma) held + gamma times the mean of the new ones, gamma of shape (F,)."""
    total = new.mass.sum(axis=1)
    share = gamma / np.where(total > 0, total, 1.0)

    def mixed(a: Array, b: Array) -> Array:
        ends = (None,) * (a.ndim - 1)
        return np.asarray((1 - gamma)[(..., *ends)] * a + share[(..., *ends)] * b)

    return Moments(
        mixed(held.mass, new.mass), mixed(held.first, new.first),
        mixed(held.second, new.second), held.centre,
    )  # fmt: skip
