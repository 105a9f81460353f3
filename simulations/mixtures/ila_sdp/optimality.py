"""Experiments on when a partition solves the K-means semidefinite program, and how it is proved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.ila_sdp._data import (
    FloatArray,
    IntArray,
    Noise,
    at_ratio,
    contiguous_labels,
    gaussian,
    heavy_tailed,
)
from refutable.solvers.sdp.certificate import bound_at, certify_partition
from refutable.solvers.sdp.kkt import partition_test
from refutable.solvers.sdp.problem import KMeansProblem
from refutable.solvers.sdp.result import Status, relative_gap
from refutable.solvers.sdp.splitting import SplittingOptions, solve_by_splitting
from refutable.solvers.sdp.starts import best_single_moves

from refutable import Cell

Columns = dict[str, FloatArray]

PROVED = 1e-6
"""Relative gap at which a partition counts as optimal."""

CHECKED_EVERY = 50
"""How many data sets come with one full solution by splitting."""


def joined(parts: list[Columns]) -> Columns:
    """Concatenate the columns of several batches."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _outcome(points: FloatArray, cell: Cell, certify: bool) -> Columns:
    """Cheap tests for a whole batch; the certificate only where they leave a chance."""
    labels = contiguous_labels(cell.n, cell.k)
    test = partition_test(points, labels, cell.k)
    columns = {"mle": test.single_moves_lose, "possible": test.possible}
    if certify:
        certified = np.zeros(len(points), dtype=bool)
        for index in np.flatnonzero(test.possible):
            problem = KMeansProblem(points[index], cell.k)
            certified[index] = certify_partition(problem, labels).certified
        columns |= {"recovered": certified, "open": test.possible & ~certified}
    return {name: column.astype(np.float64) for name, column in columns.items()}


def _trial(cell: Cell, rng: Generator, size: int, noise: Noise, certify: bool) -> Columns:
    batches = at_ratio(rng, size, cell.n, cell.p, cell.k, cell.ratio, noise)
    return joined([_outcome(points, cell, certify) for points in batches])


def recovery(cell: Cell, rng: Generator, size: int) -> Columns:
    """Outcome of `size` independent data sets.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``mle``: no single move lowers the K-means cost; ``possible``: the necessary condition of
        exactness holds; ``recovered``: the true partition is certified to solve the relaxation;
        ``open``: possible and not certified.
    """
    return _trial(cell, rng, size, gaussian, certify=True)


def heavy_tailed_recovery(cell: Cell, rng: Generator, size: int) -> Columns:
    """`recovery` with Student noise of three degrees of freedom, same variance."""
    return _trial(cell, rng, size, heavy_tailed, certify=True)


def necessary(cell: Cell, rng: Generator, size: int) -> Columns:
    """As `recovery`, the certificate left out: ``mle`` and ``possible``."""
    return _trial(cell, rng, size, gaussian, certify=False)


def heavy_tailed_necessary(cell: Cell, rng: Generator, size: int) -> Columns:
    """`necessary` with Student noise of three degrees of freedom, same variance."""
    return _trial(cell, rng, size, heavy_tailed, certify=False)


def _beaten(problem: KMeansProblem, labels: IntArray) -> bool:
    """Whether some feasible point has a larger objective than a partition."""
    value = problem.partition_value(labels)
    moved = best_single_moves(problem, labels)
    if problem.partition_value(moved) > value * (1.0 + 1e-12):
        return True
    options = SplittingOptions(max_iterations=20_000)
    # Coarse first: a better feasible point is usually found long before the optimum. Where the
    # test fails by 1 %, though, the truth may be worse by a few 1e-8 only.
    return any(
        solve_by_splitting(problem, moved, tolerance, options).value > value * (1.0 + 1e-12)
        for tolerance in (1e-3, 1e-5, 1e-7, 1e-9)
    )


def _disagreement(problem: KMeansProblem, value: float) -> float:
    """Relative distance of `value` from the interval that the splitting alone arrives at.

    It starts from a partition that has nothing to do with the truth.
    """
    start = np.arange(problem.n, dtype=np.intp) % problem.k
    found = solve_by_splitting(problem, start, PROVED)
    outside = max(found.value - value, value - found.bound, 0.0) + (found.bound - found.value)
    return outside / abs(value)


def _equivalence(points: FloatArray, labels: IntArray, k: int, check: bool) -> dict[str, float]:
    """Decide one partition by the closed-form test and see what backs the decision."""
    problem, test = KMeansProblem(points, k), partition_test(points, labels, k)
    proof = certify_partition(problem, labels, PROVED)
    checked_loss = check and not test.possible
    checked_win = check and proof.certified
    return {
        "complete": float(proof.certified or not test.possible),
        "certified": float(proof.certified),
        "gap": 0.0 if proof.status is Status.NOT_CERTIFIED else proof.gap,
        "unbeaten": float(checked_loss and not _beaten(problem, labels)),
        "disagreement": _disagreement(problem, proof.value) if checked_win else 0.0,
    }


def equivalence(cell: Cell, rng: Generator, size: int) -> Columns:
    """How the closed-form test of the true partition fares against what can be proved.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``complete``: the certificate is found where the test leaves a chance; ``certified``;
        ``gap``: relative gap where certified, else 0. For one data set in fifty, else 0:
        ``unbeaten``, the test fails and yet no better feasible point is found, and
        ``disagreement`` of a certified value with the splitting alone.
    """
    labels = contiguous_labels(cell.n, cell.k)
    batches = at_ratio(rng, size, cell.n, cell.p, cell.k, cell.ratio)
    clouds = [points for batch in batches for points in batch]
    rows = [
        _equivalence(points, labels, cell.k, check=index % CHECKED_EVERY == 0)
        for index, points in enumerate(clouds)
    ]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _each(cell: Cell, rng: Generator, size: int) -> Iterator[KMeansProblem]:
    for batch in at_ratio(rng, size, cell.n, cell.p, cell.k, cell.ratio):
        yield from (KMeansProblem(points, cell.k) for points in batch)


def exchanged(cell: Cell, rng: Generator, size: int) -> Columns:
    """`equivalence` for the true partition with two points exchanged: ``certified`` only."""
    labels = contiguous_labels(cell.n, cell.k)
    labels[[0, -1]] = labels[[-1, 0]]
    proofs = [certify_partition(one, labels, PROVED).certified for one in _each(cell, rng, size)]
    return {"certified": np.array(proofs, dtype=np.float64)}


def beyond_the_interval(cell: Cell, rng: Generator, size: int) -> Columns:
    """`equivalence` with a trace multiplier as far beyond the interval as it is wide."""
    labels, proofs = contiguous_labels(cell.n, cell.k), []
    for problem in _each(cell, rng, size):
        test = partition_test(problem.points, labels, cell.k)
        bound = bound_at(problem, labels, 2.0 * float(test.lam_hi) - float(test.lam_lo))
        proofs.append(relative_gap(bound, problem.partition_value(labels)) <= PROVED)
    return {"certified": np.array(proofs, dtype=np.float64)}
