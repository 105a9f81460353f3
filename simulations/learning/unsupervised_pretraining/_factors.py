"""The factor model in the coordinates of its own covariance, pretrained and supervised."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import sample_wishart, top_directions
from refutable.solvers.subspace_regression import (
    population_regression,
    quadratic_excess,
    solve_moments,
)
from refutable.theory.learning import unsupervised_pretraining as theory
from refutable.theory.learning.unsupervised_pretraining import FactorModel

MODEL = FactorModel()
LADDER = (2000, 4000, 8000, 16_000, 32_000)


def _pretrained_basis(rng: Generator, size: int, m: int, *, informative: bool = True) -> np.ndarray:
    """Top r eigenvectors of the second moment of m unlabelled points."""
    scale = np.sqrt(MODEL.variances) if informative else np.ones(MODEL.dim)
    moment = scale[:, None] * sample_wishart(rng, size, m, MODEL.dim) * scale / m
    return top_directions(moment, MODEL.rank)


def _labelled(rng: Generator, size: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw the sums of x x^T and of x y over n labelled points.

    The first is a Wishart matrix; given it, the noise's part of the second is Gaussian with
    covariance proportional to it.
    """
    scale = np.sqrt(MODEL.variances)
    gram = scale[:, None] * sample_wishart(rng, size, n, MODEL.dim) * scale
    z = np.sqrt(MODEL.residual) * rng.standard_normal((size, MODEL.dim, 1))
    return gram, gram @ MODEL.theta + (np.linalg.cholesky(gram) @ z)[..., 0]


def _excess(w: np.ndarray) -> np.ndarray:
    return quadratic_excess(w, MODEL.theta, MODEL.variances)


def two_terms(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Give the excess risk with n labels and in the limit of infinitely many."""
    basis = _pretrained_basis(rng, size, cell.m)
    gram, cross = _labelled(rng, size, cell.n)
    return {
        "excess": _excess(solve_moments(gram, cross, basis)),
        "subspace_excess": _excess(population_regression(MODEL.theta, MODEL.variances, basis)),
    }


def uninformed_two_terms(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `two_terms` with unlabelled points that carry no factor."""
    basis = _pretrained_basis(rng, size, cell.m, informative=False)
    gram, cross = _labelled(rng, size, cell.n)
    return {
        "excess": _excess(solve_moments(gram, cross, basis)),
        "subspace_excess": _excess(population_regression(MODEL.theta, MODEL.variances, basis)),
    }


def subspace_ladder(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Give the excess risk of the estimated subspace alone at every m of the ladder."""
    del cell
    rungs = [_pretrained_basis(rng, size, m) for m in LADDER]
    limits = [_excess(population_regression(MODEL.theta, MODEL.variances, b)) for b in rungs]
    return {"subspace_excess": np.stack(limits, axis=1)}


def advantage(
    cell: Any, rng: Generator, size: int, *, informative: bool = True
) -> Mapping[str, Any]:
    """Subtract the pretrained from the supervised excess risk on the same labelled points."""
    m = round(cell.ratio * theory.break_even(MODEL, cell.n))
    basis = _pretrained_basis(rng, size, m, informative=informative)
    gram, cross = _labelled(rng, size, cell.n)
    supervised = _excess(solve_moments(gram, cross))
    return {"advantage": supervised - _excess(solve_moments(gram, cross, basis))}


def uninformed_advantage(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `advantage` with unlabelled points that carry no factor."""
    return advantage(cell, rng, size, informative=False)
