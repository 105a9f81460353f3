"""Semidefinite clustering on scikit-learn's bundled data sets: an illustration without theorem."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import IntArray, stacked
from refutable.simulations.mixtures.ila_sdp._em import em_labels
from refutable.solvers.assignment import misclustering_error
from refutable.solvers.sdp.kmeans import kmeans_sdp
from refutable.solvers.sdp.likelihood import ila_sdp
from refutable.solvers.sdp.starts import principal_coordinates

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Certificate,
    Claim,
    Columns,
    FloatArray,
    Mean,
    Origin,
    Probability,
    Scope,
)

NEAR = 0.1
"""Errors that differ by at most this are called near."""

TOLERANCE = 1e-4
"""Relative gap at which the program stops."""

METHODS = ("kmeans", "sdp", "em", "ila")
LOADERS = {
    "iris": "load_iris",
    "wine": "load_wine",
    "breast cancer": "load_breast_cancer",
    "digits": "load_digits",
}
"""Data set to the function of `sklearn.datasets` that reads it."""


def principal_data(name: str, components: int) -> tuple[FloatArray, IntArray]:
    """Leading principal coordinates of a standardised data set.

    Returns
    -------
    points : ndarray, shape (n, components)
    classes : ndarray of int, shape (n,)
    """
    from sklearn import datasets

    bunch = getattr(datasets, LOADERS[name])()
    varying = bunch.data[:, bunch.data.std(axis=0) > 0]
    standard = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    return principal_coordinates(standard, components), np.asarray(bunch.target, dtype=np.intp)


def _errors(points: FloatArray, classes: IntArray, k: int, seed: int) -> dict[str, float]:
    """Mis-clustering errors of four methods on one sample."""
    start = _kmeans(points, k, seed)
    relaxed = kmeans_sdp(points, k, tolerance=TOLERANCE)
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
        "sdp_gap": relaxed.gap,
    }


def subsampled(cell: Cell, rng: Generator, size: int) -> Columns:
    """Errors on random subsamples of ``cell.n`` points of ``cell.data``.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``kmeans``, ``sdp``, ``em``, ``ila``: share of points in the wrong group;
        ``sdp_minus_kmeans``, ``ila_minus_em``; ``near_kmeans``: whether the program's error
        is near that of K-means; ``sdp_gap``: rigorous relative gap of the program.
    """
    return stacked([_errors(*sample) for sample in _subsamples(cell, rng, size)])


def hampered(
    cell: Cell, rng: Generator, size: int, fewer: int = 0, tolerance: float = TOLERANCE
) -> Columns:
    """Judge `subsampled`'s program and K-means alone, one of them hampered.

    Parameters
    ----------
    fewer : int
        Groups that K-means is not asked for.
    tolerance : float
        Relative gap at which the program stops.
    """
    rows: list[dict[str, float]] = []
    for points, classes, k, seed in _subsamples(cell, rng, size):
        relaxed = kmeans_sdp(points, k, tolerance=tolerance)
        ours = float(misclustering_error(relaxed.labels, classes))
        plain = float(misclustering_error(_kmeans(points, k - fewer, seed), classes))
        rows.append({"near_kmeans": abs(ours - plain) <= NEAR, "sdp_gap": relaxed.gap})
    return stacked(rows)


def _subsamples(
    cell: Cell, rng: Generator, size: int
) -> Iterator[tuple[FloatArray, IntArray, int, int]]:
    """Yield points, classes, their number and a seed."""
    points, classes = principal_data(cell.data, cell.components)
    k = int(classes.max()) + 1
    for _ in range(size):
        chosen = rng.choice(len(points), min(cell.n, len(points)), replace=False)
        yield points[chosen], classes[chosen], k, int(rng.integers(2**31))


def _kmeans(points: FloatArray, k: int, seed: int) -> IntArray:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(k, n_init=10, random_state=seed).fit_predict(points), dtype=np.intp)


REAL_DATA = Claim(
    id="ila_sdp.real-data-illustration",
    title="On real data the SDP errs about as often as K-means",
    source="illustration on scikit-learn's bundled data; not in the paper",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement=(
        "No theorem: on subsamples of real data the K-means program errs about as often as "
        "K-means (within 0.1 in most subsamples); the errors of the program, K-means, EM and the "
        "iterated program from the same labels are shown."
    ),
    formula='abs("err"_"SDP" - "err"_"KM") <= 0.1',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "An illustration: subsamples of 90 points of one data set overlap, so their spread tells "
        "less than it seems to. Classes need not be clusters; four principal coordinates only."
    ),
    cells=ByEffort(
        smoke=Cells(data=("wine",), n=(90,), components=(4,)),
        standard=Cells(data=tuple(LOADERS), n=(90,), components=(4,)),
        full=Cells(data=tuple(LOADERS), n=(90,), components=(4,)),
    ),
    simulate=subsampled,
    expect=(
        Probability("near_kmeans").at_least(0.5),
        Certificate("sdp_gap").within(-1e-12, 1e-3),
        *(Mean(method, bounds=(0, 1)).shown() for method in METHODS),
    ),
    controls=(
        BrokenWorld(
            "the program stopped at a gap of 1 %",
            simulate=hampered,
            change={"tolerance": 1e-2},
            at={"data": "wine"},
            judged_by="sdp_gap",
        ),
        BrokenWorld(
            "K-means with a group fewer",
            simulate=hampered,
            # The program's gap is not judged here, and its labels hardly change.
            change={"fewer": 1, "tolerance": 1e-2},
            at={"data": "wine"},
            judged_by="near_kmeans",
        ),
    ),
    block=4,
    cap=ByEffort(smoke=240, standard=400, full=800),
    figure=Axis(x="data", label="data set"),
)
