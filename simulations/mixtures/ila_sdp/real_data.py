"""Semidefinite clustering on scikit-learn's bundled data sets: an illustration without theorem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import FloatArray, IntArray
from refutable.simulations.mixtures.ila_sdp.bad_starts import em_labels
from refutable.solvers.assignment import misclustering_error
from refutable.solvers.sdp.kmeans import kmeans_sdp
from refutable.solvers.sdp.likelihood import ila_sdp
from refutable.solvers.sdp.starts import principal_coordinates
from sklearn import datasets
from sklearn.cluster import KMeans

from refutable import Cell

NEAR = 0.1
"""Errors that differ by at most this are called near."""

METHODS = ("kmeans", "sdp", "em", "ila")
LOADERS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
}


def principal_data(name: str, components: int) -> tuple[FloatArray, IntArray]:
    """Leading principal coordinates of a standardised data set.

    Returns
    -------
    points : ndarray, shape (n, components)
    classes : ndarray of int, shape (n,)
    """
    bunch = LOADERS[name]()
    varying = bunch.data[:, bunch.data.std(axis=0) > 0]
    standard = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    return principal_coordinates(standard, components), np.asarray(bunch.target, dtype=np.intp)


def _errors(points: FloatArray, classes: IntArray, k: int, seed: int) -> dict[str, float]:
    """Mis-clustering errors of four methods on one sample."""
    start = KMeans(k, n_init=10, random_state=seed).fit_predict(points).astype(np.intp)
    relaxed = kmeans_sdp(points, k, tolerance=1e-4)
    labels = {
        "kmeans": start,
        "sdp": relaxed.labels,
        "em": em_labels(points, start, k),
        "ila": ila_sdp(points, start, rounds=5).labels,
    }
    errors = {name: float(misclustering_error(one, classes)) for name, one in labels.items()}
    return errors | {
        "sdp_minus_kmeans": errors["sdp"] - errors["kmeans"],
        "ila_minus_em": errors["ila"] - errors["em"],
        "near_kmeans": abs(errors["sdp"] - errors["kmeans"]) <= NEAR,
        "far_below_kmeans": errors["sdp"] < errors["kmeans"] - NEAR,
        "sdp_gap": relaxed.gap,
    }


def subsampled(cell: Cell, rng: Generator, size: int) -> dict[str, FloatArray]:
    """Errors on random subsamples of ``cell.n`` points of ``cell.data``.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``kmeans``, ``sdp``, ``em``, ``ila``: share of points in the wrong group;
        ``sdp_minus_kmeans``, ``ila_minus_em``; ``near_kmeans``, ``far_below_kmeans``: how the
        program's error compares with that of K-means; ``sdp_gap``: rigorous relative gap of the
        program.
    """
    points, classes = principal_data(cell.data, cell.components)
    k, rows = int(classes.max()) + 1, []
    for _ in range(size):
        chosen = rng.choice(len(points), min(cell.n, len(points)), replace=False)
        rows.append(_errors(points[chosen], classes[chosen], k, int(rng.integers(2**31))))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


@dataclass(frozen=True)
class RealDataRow:
    """One method on one data set.

    Attributes
    ----------
    data, method : str
        Names.
    error : float
        Mean share of points in the wrong group over the subsamples.
    standard_error : float
        Of that mean; subsamples of one data set overlap, so it tells less than it seems to.
    """

    data: str
    method: str
    error: float
    standard_error: float


def real_data_table(
    rng: Generator, size: int = 20, n: int = 90, components: int = 4
) -> list[RealDataRow]:
    """Mis-clustering errors of four methods on every bundled data set.

    Parameters
    ----------
    rng : Generator
        Source of the subsamples.
    size : int
        Subsamples of each data set, at least 2.
    n : int
        Points of each.
    components : int
        Principal coordinates used.
    """
    if size < 2:
        raise ValueError(f"size must be at least 2 for a standard error, got {size}")
    rows = []
    for name in LOADERS:
        columns = subsampled(Cell({"data": name, "components": components, "n": n}), rng, size)
        for method in METHODS:
            errors = columns[method]
            spread = float(errors.std(ddof=1) / np.sqrt(size))
            rows.append(RealDataRow(name, method, float(errors.mean()), spread))
    return rows
