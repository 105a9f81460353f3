"""Experiments on the likelihood-adjusted program and its iteration, against EM."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import FloatArray, IntArray, contiguous_labels
from refutable.solvers.assignment import misclustering_error
from refutable.solvers.sdp.adjusted import AdjustedProblem
from refutable.solvers.sdp.adjusted_certificate import certify_adjusted_partition
from refutable.solvers.sdp.adjusted_splitting import AdjustedOptions, adjusted_sdp, argmax_labels
from refutable.solvers.sdp.kkt import partition_test
from refutable.solvers.sdp.likelihood import SMALLEST_GROUP, group_covariances, ila_sdp
from refutable.solvers.sdp.result import Status
from refutable.theory.mixtures import ila_sdp as theory
from sklearn.cluster import AgglomerativeClustering
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from refutable import Cell

Columns = dict[str, FloatArray]

FAILED = 0.05
"""Share of points in wrong groups at which a run counts as failed."""


def elongated_covariances(p: int, k: int, cond: float) -> FloatArray:
    """Identity but for the variance `cond` along axis ``group + 1``, shape (k, p, p)."""
    stack = np.tile(np.eye(p), (k, 1, 1))
    axes = (np.arange(k) + 1) % p
    stack[np.arange(k), axes, axes] = cond
    return stack


def elongated_mixtures(rng: Generator, size: int, cell: Cell) -> tuple[FloatArray, FloatArray]:
    """Draw mixtures elongated in different directions, centres ``sep`` apart.

    Returns
    -------
    points : ndarray, shape (size, n, p)
    covariances : ndarray, shape (k, p, p)
    """
    labels = contiguous_labels(cell.n, cell.k)
    covariances = elongated_covariances(cell.p, cell.k, cell.cond)
    deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    points = rng.standard_normal((size, cell.n, cell.p)) * deviations[labels]
    points[:, np.arange(cell.n), labels] += cell.sep / np.sqrt(2.0)
    return points, covariances


def known_covariances(cell: Cell, rng: Generator, size: int) -> Columns:
    """How the two relaxations fare when the covariances are known.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``adjusted_exact``: the true membership matrices are certified to solve the adjusted
        program; ``adjusted_possible``: its necessary condition holds; ``plain_possible``: the
        necessary condition of the K-means program holds; ``gap`` where certified, or below 0
        beyond rounding (a contradiction), else 0.
    """
    labels = contiguous_labels(cell.n, cell.k)
    points, covariances = elongated_mixtures(rng, size, cell)
    plain = partition_test(points, labels, cell.k).possible
    proofs = [
        certify_adjusted_partition(AdjustedProblem(cloud, covariances), labels) for cloud in points
    ]
    judged = [proof.status(1e-6) for proof in proofs]
    exact = np.array([status is Status.CERTIFIED for status in judged])
    told = [status is not Status.NOT_CERTIFIED for status in judged]
    return {
        "adjusted_exact": exact.astype(np.float64),
        "adjusted_possible": np.array([float(proof.test.possible) for proof in proofs]),
        "plain_possible": plain.astype(np.float64),
        "gap": np.where(told, [proof.gap for proof in proofs], 0.0),
    }


def equal_covariances(cell: Cell, rng: Generator, size: int) -> Columns:
    """`known_covariances` with coinciding ones: the membership matrices are not determined.

    ``adjusted_exact``: the solver's own matrices, read by their row sums, give the truth.
    """
    labels = contiguous_labels(cell.n, cell.k)
    points, _ = elongated_mixtures(rng, size, cell)
    same, options = np.tile(np.eye(cell.p), (cell.k, 1, 1)), AdjustedOptions(max_iterations=300)
    found = [adjusted_sdp(AdjustedProblem(cloud, same), options=options) for cloud in points]
    errors = [misclustering_error(argmax_labels(one.raw_members), labels) for one in found]
    exact = (np.array(errors) == 0.0).astype(np.float64)
    return {"adjusted_exact": exact, "adjusted_possible": exact, "plain_possible": 0.0 * exact}


def em_labels(points: FloatArray, start: IntArray, k: int) -> IntArray:
    """EM for full covariances (scikit-learn) started from labels, as the iterated program is."""
    means = np.stack([points[start == group].mean(axis=0) for group in range(k)])
    model = GaussianMixture(
        k,
        weights_init=np.bincount(start, minlength=k) / len(points),
        means_init=means,
        precisions_init=np.linalg.inv(group_covariances(points, start, k)),
        reg_covar=1e-3,
        max_iter=200,
        tol=1e-6,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit_predict(points), dtype=np.intp)


CENTRES = np.array([[0.0, 0.0], [11.0, 0.0], [45.5, 40.0]])


def two_near_one_far(rng: Generator, n: int, cond: float) -> FloatArray:
    """Two neighbouring groups and one far away, unequal shapes, shape (n, 2)."""
    root = np.sqrt(cond)
    deviations = np.array([[1.0, root], [1.0, 1.0 / root], [root, 1.0]])
    labels = contiguous_labels(n, 3)
    return CENTRES[labels] + rng.standard_normal((n, 2)) * deviations[labels]


def _nearest(points: FloatArray, centres: FloatArray) -> IntArray:
    return np.asarray(((points[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1))


def adversarial_start(rng: Generator, points: FloatArray, kind: str) -> IntArray:
    """Labels of the nearest of three data points, every group having at least three members.

    ``far``: two of the three points from the far group; ``random``: any three.
    """
    n = len(points)
    while True:
        if kind == "far":
            near, far = rng.integers(2 * n // 3, size=1), rng.choice(n // 3, 2, replace=False)
            chosen = np.concatenate([near, 2 * n // 3 + far])
        else:
            chosen = rng.choice(n, 3, replace=False)
        start = _nearest(points, points[chosen])
        if np.bincount(start, minlength=3).min() >= SMALLEST_GROUP:
            return start


def _duel(points: FloatArray, start: IntArray, labels: IntArray, k: int) -> dict[str, float]:
    """Run both methods from the same labels."""
    ours = float(misclustering_error(ila_sdp(points, start).labels, labels))
    em = float(misclustering_error(em_labels(points, start, k), labels))
    return {
        "ila_fails": float(ours > FAILED),
        "em_fails": float(em > FAILED),
        "ila_better": float(ours <= FAILED < em),
        "ila_worse": float(em <= FAILED < ours),
    }


def _stacked(rows: list[dict[str, float]]) -> Columns:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def bad_starts(cell: Cell, rng: Generator, size: int) -> Columns:
    """Run the iterated program and EM from the same bad labels.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``ila_fails``, ``em_fails``: more than 5 percent of the points wrong; ``ila_better``: EM
        fails and the iterated program does not; ``ila_worse``: the reverse.
    """
    labels, rows = contiguous_labels(cell.n, 3), []
    for _ in range(size):
        points = two_near_one_far(rng, cell.n, cell.cond)
        rows.append(_duel(points, adversarial_start(rng, points, cell.start), labels, 3))
    return _stacked(rows)


def fair_starts(cell: Cell, rng: Generator, size: int) -> Columns:
    """`bad_starts` on elongated groups in many dimensions, from hierarchical clustering."""
    labels = contiguous_labels(cell.n, cell.k)
    points, _ = elongated_mixtures(rng, size, cell)
    starts = [AgglomerativeClustering(cell.k).fit_predict(cloud) for cloud in points]
    pairs = zip(points, starts, strict=True)
    return _stacked([_duel(cloud, start.astype(np.intp), labels, cell.k) for cloud, start in pairs])


def likelihood_identity(cell: Cell) -> dict[str, float]:
    """Compare the adjusted objective with twice the profile log-likelihood, three ways.

    Returns
    -------
    dict of float
        ``residual``: of the pairwise form of the objective; ``solver_residual``: of the one that
        the solver uses; ``without_determinants``: when the log-determinants are left out.
    """
    rng, n, p, k = np.random.default_rng(cell.instance), 24, 3, 3
    points, labels = rng.standard_normal((n, p)) * 3.0, np.arange(n, dtype=np.intp) % k
    half = rng.standard_normal((k, p, p))
    covariances = half @ np.swapaxes(half, 1, 2) + 0.5 * np.eye(p)
    likelihood = 2.0 * theory.profile_log_likelihood(points, labels, covariances)
    wanted = likelihood + theory.likelihood_constant(n, p)
    pairwise = theory.adjusted_objective(points, labels, covariances)
    solver = AdjustedProblem(points, covariances).partition_value(labels)
    determinants = float(np.linalg.slogdet(covariances)[1] @ np.bincount(labels))
    scale = abs(wanted)
    return {
        "residual": abs(pairwise - wanted) / scale,
        "solver_residual": abs(solver - wanted) / scale,
        "without_determinants": abs(pairwise + determinants - wanted) / scale,
    }
