"""The EM loop: an E-step of a model, an M-step that is given, pruning, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from refutable.solvers.argument_checks import Floats, Ints, below, nonnegative, whole_number
from refutable.solvers.kronecker.spectrum import outer
from refutable.solvers.sparse_bayes.m_steps import MStep, normalised
from refutable.solvers.sparse_bayes.models import Model, Moments

VANISHED = 1e-100
"""Share of the largest scale below which one counts as 0: its inverse would soon overflow."""

Observer = Callable[[int, Moments, Sequence[Floats]], None]
"""Is told how many M-steps were taken, the posterior after them, and the scales."""


@dataclass(frozen=True)
class SparseFit:
    """What the loop ended with.

    Attributes
    ----------
    mean : ndarray, shape (R, n_1, ..., n_d)
        Posterior mean of the coefficients.
    scales : tuple of ndarray, shapes (R, n_i)
        Their outer product is the prior variance.
    iterations : ndarray of int, shape (R,)
        M-steps taken.
    """

    mean: Floats
    scales: tuple[Floats, ...]
    iterations: Ints


def fit(
    model: Model,
    m_step: MStep,
    iterations: int = 150,
    prune: float = 0.0,
    tolerance: float = 1e-4,
    variance_weight: float = 1.0,
    observe: Observer | None = None,
) -> SparseFit:
    """Run EM from variances that are all 1, in every data set of a model.

    Parameters
    ----------
    model : Model
        With the data; it does the E-step.
    m_step : callable
        One of `m_steps`.
    iterations : int
        M-steps, at most.
    prune : float
        Scales up to this share of the largest of their factor become 0, for good. In [0, 1).
    tolerance : float
        A data set is done where the prior variances move by less than this share of their norm.
    variance_weight : float
        What the posterior variance counts for in the second moments; EM has 1.
    observe : callable, optional
        Called before each M-step and at the end; no data set is then done before the others.

    Raises
    ------
    ValueError
        If a number is out of its range.
    """
    iterations = whole_number("iterations", iterations)
    prune, tolerance = below("prune", prune, 0, 1), nonnegative("tolerance", tolerance)
    weight = nonnegative("variance_weight", variance_weight)
    ends = normalised([np.ones((model.replicates, n)) for n in model.sizes])
    scales, running, left = list(ends), np.arange(model.replicates), model
    taken = np.zeros(model.replicates, dtype=np.int64)
    for step in range(iterations):
        known = left.posterior(scales)
        if observe is not None:
            observe(step, known, scales)
        moments = known.mean**2 + weight * known.variance
        new = [_pruned(g, prune) for g in m_step(moments, scales)]
        moving = _moves(scales, new) >= tolerance
        for end, g in zip(ends, new, strict=True):
            end[running] = g
        taken[running] += 1
        scales = new
        if observe is None and not moving.all():
            scales, running = [g[moving] for g in new], running[moving]
            if len(running) == 0:
                break
            left = left.take(np.flatnonzero(moving))
    known = model.posterior(ends)
    if observe is not None:
        observe(iterations, known, ends)
    return SparseFit(known.mean, tuple(ends), taken)


def _pruned(scale: Floats, share: float) -> Floats:
    return np.where(scale > max(share, VANISHED) * scale.max(axis=-1, keepdims=True), scale, 0.0)


def _moves(old: Sequence[Floats], new: Sequence[Floats]) -> Floats:
    """Return the norm of the change of the prior variances over their own."""
    before, after = (outer(s).reshape(len(s[0]), -1) for s in (old, new))
    change = np.linalg.norm(after - before, axis=1)
    return np.asarray(change / np.linalg.norm(before, axis=1))
