"""Labelled and unlabelled Gaussian samples, and the rules trained on them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import (
    accuracy,
    mean_estimator,
    random_directions,
    sample_mean_estimator,
    sample_mixture,
    sample_mixture_moment,
    top_directions,
)
from refutable.solvers.robust_self_training import robust_self_training
from scipy.special import ndtr

DIM = 200


def erm_accuracy(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Draw the mean estimator and give its exact accuracy."""
    centre = np.eye(DIM)[0]
    return {"accuracy": accuracy(sample_mean_estimator(rng, size, cell.m, centre), centre)}


def _train(rng: Generator, size: int, cell: Any, unlabelled: str) -> tuple[np.ndarray, np.ndarray]:
    """Exact accuracies (robust self-supervised training, mean estimator) on fresh problems."""
    centre = random_directions(rng, size, DIM)
    shift = random_directions(rng, size, DIM)
    # Ten fair labels are all alike once in 512 runs; the rule only sees y x, whose law is the same.
    x, y = sample_mixture(rng, size, cell.m, centre, balanced=True)
    cloud = _cloud(rng, size, cell, centre, shift, unlabelled)
    trained = robust_self_training(x, y, cloud)
    return accuracy(trained, centre), accuracy(mean_estimator(x, y), centre)


def _cloud(
    rng: Generator, size: int, cell: Any, centre: np.ndarray, shift: np.ndarray, kind: str
) -> np.ndarray:
    if kind == "no clusters":
        return rng.standard_normal((size, cell.n, DIM))
    if kind == "orthogonal clusters":
        across = shift - (shift * centre).sum(axis=1, keepdims=True) * centre
        centre, shift = across / np.linalg.norm(across, axis=1, keepdims=True), 0 * shift
    return sample_mixture(rng, size, cell.n, centre + cell.shift * shift)[0]


def self_training(
    cell: Any, rng: Generator, size: int, unlabelled: str = "mixture"
) -> Mapping[str, Any]:
    """Pair the accuracy of robust self-supervised training with that of labelled points alone."""
    trained, baseline = _train(rng, size, cell, unlabelled)
    return {
        "accuracy": trained,
        "gain": trained - baseline,
        "excess": float(ndtr(1.0)) - trained,
    }


def without_clusters(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Replace the unlabelled mixture by N(0, I)."""
    return self_training(cell, rng, size, "no clusters")


def orthogonal_clusters(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Turn the unlabelled clusters orthogonal to the labelled ones."""
    return self_training(cell, rng, size, "orthogonal clusters")


def spectral_rule(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Give the accuracy of the unlabelled points' top eigenvector, its sign chosen rightly."""
    centre = np.eye(DIM)[0]
    shifted = centre + cell.shift * np.eye(DIM)[1]
    top = top_directions(sample_mixture_moment(rng, size, cell.n, shifted))[:, :, 0]
    right = np.where(top[:, :1] < 0, -top, top)
    return {"accuracy": accuracy(right, centre)}


def spectral_rule_of_noise(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Repeat `spectral_rule` on unlabelled points without clusters."""
    centre = np.eye(DIM)[0]
    top = top_directions(sample_mixture_moment(rng, size, cell.n, 0 * centre))[:, :, 0]
    return {"accuracy": accuracy(np.where(top[:, :1] < 0, -top, top), centre)}
