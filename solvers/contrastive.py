"""Contrastive losses on a batch of embedding pairs, and their minimisation on the sphere.

Multiple negatives ranking (MNR): cross-entropy of the true partner among the batch (Henderson et
al., arXiv 1705.00652).
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    directions,
    equal_shapes,
    finite_array,
    generator,
    positive,
    whole_number,
)


def _checked(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    a = finite_array("first", first, least=2)
    b = finite_array("second", second, least=2)
    equal_shapes("first", a, "second", b)
    return a, b


def _cross_entropy(logits: Floats, targets: Ints) -> Floats:
    picked = np.take_along_axis(
        scipy.special.log_softmax(logits, axis=-1), targets[..., None], axis=-1
    )
    return np.asarray(-picked[..., 0].mean(axis=-1))


def _turn(matrix: Floats) -> Floats:
    return np.swapaxes(matrix, -1, -2)


def normalise(vectors: ArrayLike) -> Floats:
    """Scale the last axis to unit length."""
    values = directions("vectors", vectors)
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True))


def mnr_loss(first: ArrayLike, second: ArrayLike, temperature: float = 1.0) -> Floats:
    """MNR loss: batches (..., B, d) of paired embeddings -> (...,), natural logarithms."""
    a, b = _checked(first, second)
    logits = a @ _turn(b) / positive("temperature", temperature)
    return _cross_entropy(logits, np.broadcast_to(np.arange(a.shape[-2]), logits.shape[:-1]))


def symmetric_mnr_loss(first: ArrayLike, second: ArrayLike) -> Floats:
    """Mean of the MNR losses in both directions, as in CLIP."""
    return np.asarray((mnr_loss(first, second) + mnr_loss(second, first)) / 2)


def self_similarity_targets(first: ArrayLike, second: ArrayLike) -> Ints:
    """Argmax of the mean of both self-similarity matrices: (..., B, d) -> (..., B)."""
    a, b = _checked(first, second)
    return np.asarray((a @ _turn(a) + b @ _turn(b)).argmax(axis=-1), dtype=np.int64)


def self_target_loss(first: ArrayLike, second: ArrayLike) -> Floats:
    """Cross-entropy in both directions with `self_similarity_targets` ("mnr_plus")."""
    a, b = _checked(first, second)
    targets = self_similarity_targets(a, b)
    logits = a @ _turn(b)
    both = _cross_entropy(logits, targets) + _cross_entropy(_turn(logits), targets)
    return np.asarray(both / 2)


def simplex_vectors(count: int, dimension: int) -> Floats:
    """Vertices of a regular simplex on the unit sphere, shape (count, dimension).

    Raises
    ------
    ValueError
        If dimension < count - 1, where no such simplex exists.
    """
    count = whole_number("count", count, 2)
    dimension = whole_number("dimension", dimension, count - 1)
    centred = np.eye(count) - 1 / count
    basis = np.linalg.svd(centred)[2][: count - 1]
    return normalise(np.pad(centred @ basis.T, ((0, 0), (0, dimension - count + 1))))


def _value_and_gradient(flat: Floats, count: int, temperature: float) -> tuple[float, Floats]:
    raw = flat.reshape(2, count, -1)
    lengths = np.linalg.norm(raw, axis=-1, keepdims=True)
    a, b = raw / lengths
    logits = a @ b.T / temperature
    residual = (scipy.special.softmax(logits, axis=1) - np.eye(count)) / (count * temperature)
    ambient = np.stack([residual @ b, residual.T @ a])
    unit = raw / lengths
    tangent = (ambient - (ambient * unit).sum(axis=-1, keepdims=True) * unit) / lengths
    loss = -scipy.special.log_softmax(logits, axis=1).diagonal().mean()
    return float(loss), tangent.ravel()


def _descend(start: Floats, count: int, temperature: float) -> float:
    from scipy.optimize import fmin_l_bfgs_b  # loads slowly

    result = fmin_l_bfgs_b(
        _value_and_gradient,
        start,
        args=(count, temperature),
        factr=10.0,  # SciPy's "extremely high accuracy", 10 times the rounding of the loss
        pgtol=1e-10,
        maxiter=2000,
    )
    return float(result[1])


def minimise_on_sphere(
    rng: np.random.Generator,
    count: int,
    dimension: int,
    temperature: float = 1.0,
    restarts: int = 5,
) -> float:
    """Least MNR loss found over two sets of unit vectors, by L-BFGS from random starts.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the starts.
    count, dimension : int
        Pairs B and embedding dimension d.
    temperature : float, optional
        Divides the cosine similarities.
    restarts : int, optional
        Number of starts; the best result is returned.
    """
    positive("temperature", temperature)
    count = whole_number("count", count)
    numbers = 2 * count * whole_number("dimension", dimension)
    shape = (whole_number("restarts", restarts), numbers)
    starts = generator("rng", rng).standard_normal(shape)
    return min(_descend(start, count, temperature) for start in starts)
