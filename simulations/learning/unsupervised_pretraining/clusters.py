"""Separated clusters with noisy labels: k-means and a majority vote against a linear rule."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from refutable.solvers.subspace_regression import ridge
from sklearn.cluster import KMeans

CLUSTERS, SPACE, AGREEMENT = 8, 30, 0.8
DRAWS = 8
COMMONER = np.where(np.arange(CLUSTERS) % 2 == 0, 1.0, -1.0)


def _centres(separation: float) -> np.ndarray:
    return separation / np.sqrt(2) * np.eye(CLUSTERS, SPACE)


def _linear(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    w, b = ridge(x, y, 1.0)
    return np.sign((test @ w[..., None])[..., 0] + b[:, None])


def _points(rng: Generator, size: int, n: int, separation: float) -> tuple[np.ndarray, np.ndarray]:
    z = rng.integers(CLUSTERS, size=(size, n))
    return _centres(separation)[z] + rng.standard_normal((size, n, SPACE)), z


def _fit_clusters(rng: Generator, unlabelled: np.ndarray) -> np.ndarray:
    seeds = rng.integers(2**31, size=len(unlabelled))
    fits = [
        KMeans(CLUSTERS, n_init=4, max_iter=50, random_state=int(seed)).fit(points)
        for points, seed in zip(unlabelled, seeds, strict=True)
    ]
    return np.stack([fit.cluster_centers_ for fit in fits])


def _nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    products = points @ np.swapaxes(centres, 1, 2)
    return np.argmin((centres**2).sum(axis=2)[:, None, :] - 2 * products, axis=2)


def _vote(rng: Generator, cluster: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Majority label of each cluster, ties (and empty clusters) broken by a coin."""
    member = cluster[..., None] == np.arange(CLUSTERS)
    votes = (member * y[..., None]).sum(axis=1)
    coin = rng.choice((-0.5, 0.5), size=votes.shape)
    return np.sign(votes + coin)


def _risk(guess: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Probability of a wrong label over P(y|z), less that of knowing z."""
    return (2 * AGREEMENT - 1) * (guess != COMMONER[z]).mean(axis=1)


def cluster_then_label(cell: Any, rng: Generator, size: int) -> Mapping[str, Any]:
    """Compare k-means with majority labels to ridge regression and to the true centres.

    A replicate is one unlabelled sample, averaged over `DRAWS` labelled ones.
    """
    unlabelled, _ = _points(rng, size, cell.m, cell.separation)
    centres = np.repeat(_fit_clusters(rng, unlabelled), DRAWS, axis=0)
    x, z = _points(rng, size * DRAWS, cell.n, cell.separation)
    y = COMMONER[z] * np.where(rng.random(z.shape) < AGREEMENT, 1, -1)
    test, z_test = _points(rng, size * DRAWS, 500, cell.separation)
    labels = _vote(rng, _nearest(x, centres), y)
    clustered = _risk(np.take_along_axis(labels, _nearest(test, centres), axis=1), z_test)
    true = np.tile(_centres(cell.separation), (size * DRAWS, 1, 1))
    floor = _risk(COMMONER[_nearest(test, true)], z_test)
    outcomes = {
        "advantage": _risk(_linear(x, y, test), z_test) - clustered,
        "over_floor": clustered - floor,
    }
    return {name: risk.reshape(size, DRAWS).mean(axis=1) for name, risk in outcomes.items()}
