"""The Voronoi losses D_1 and D_2, with the exponents of the authors' repository."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import FloatArray

RBAR = {1: 1, 2: 4, 3: 6}
"""Least unsolvable degree of the polynomial system, by the size of a Voronoi cell."""


def voronoi_cells(fitted: Atoms, truth: Atoms) -> NDArray[np.intp]:
    """Return the nearest true atom of each fitted one in (b1, a, c, v), shape (..., k)."""
    return np.asarray(np.argmin(_distances(fitted, truth), axis=-1))


def _pairs(fitted: FloatArray, truth: FloatArray) -> FloatArray:
    return np.asarray(np.abs(fitted[..., :, None] - truth[..., None, :]))


def _distances(fitted: Atoms, truth: Atoms) -> FloatArray:
    pairs = ((fitted.b1, truth.b1), (fitted.a, truth.a), (fitted.c, truth.c), (fitted.v, truth.v))
    return np.asarray(sum(_pairs(f, t) ** 2 for f, t in pairs))


def exact_loss(fitted: Atoms, truth: Atoms) -> FloatArray:
    """Return D_1: weighted absolute errors plus the errors of the cells' weights.

    Parameters
    ----------
    fitted, truth : Atoms
        Last axes k and k*; the same gauge (last gate pinned at 0).

    Returns
    -------
    ndarray, shape (...)
    """
    ones = np.ones(fitted.b0.shape[-1] + 1)
    return _loss(fitted, truth, ones, ones)


def overspecified_loss(fitted: Atoms, truth: Atoms) -> FloatArray:
    """Return D_2: errors in a cell of m > 1 atoms raised to rbar(m) (b1, c) or half of it (a, v).

    Raises
    ------
    ValueError
        If a cell holds more atoms than `RBAR` has exponents for.
    """
    most = int(_sizes(fitted, truth).max())
    if most > max(RBAR):
        raise ValueError(f"a cell holds {most} atoms: rbar is known up to {max(RBAR)}")
    power = np.array([1.0, *(float(RBAR[m]) for m in (1, 2, 3))])
    return _loss(fitted, truth, power, np.array([1.0, 1.0, *(RBAR[m] / 2 for m in (2, 3))]))


def _membership(fitted: Atoms, truth: Atoms) -> NDArray[np.bool_]:
    near = voronoi_cells(fitted, truth)
    return np.asarray(near[..., None] == np.arange(truth.b0.shape[-1]))


def _sizes(fitted: Atoms, truth: Atoms) -> NDArray[np.intp]:
    return np.asarray(_membership(fitted, truth).sum(axis=-2))


def _loss(fitted: Atoms, truth: Atoms, high: FloatArray, low: FloatArray) -> FloatArray:
    """`high` and `low` give the powers of (b1, c) and of (a, v) by the size of the cell."""
    member = _membership(fitted, truth)
    size = member.sum(axis=-2)[..., None, :]
    error = _pairs(fitted.b1, truth.b1) ** high[size] + _pairs(fitted.c, truth.c) ** high[size]
    error = error + _pairs(fitted.a, truth.a) ** low[size] + _pairs(fitted.v, truth.v) ** low[size]
    weight = np.exp(fitted.b0)[..., None] * member
    atoms_part = (weight * error).sum(axis=(-2, -1))
    weights_part = np.abs(weight.sum(axis=-2) - np.exp(truth.b0)).sum(axis=-1)
    return np.asarray(atoms_part + weights_part)


def exact_loss_constant(bound: FloatArray, truth: Atoms) -> float:
    r"""Return C in E[D_1] ~ C/sqrt(n): sqrt(2/pi) times the weighted Cramer-Rao bounds.

    Parameters
    ----------
    bound : ndarray, shape (5, 2)
        Bounds (times sqrt n) of b0, b1, a, c, v for two experts; the pinned gate has bound 0.
    truth : Atoms

    Notes
    -----
    By the delta method the weight e^b0 errs by e^b0 times the error of b0, so that every error of
    an expert carries its weight.
    """
    return float(math.sqrt(2 / math.pi) * (np.exp(truth.b0) * bound).sum())
