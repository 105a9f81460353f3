"""A certificate of optimality that never forms an n by n matrix.

The multiplier of each pair of groups is kept as a product of thin factors,

    Lam_ij = (u_i v_j / T) (1 - y_i . z_j),

with ``u, v`` the row sums that complementary slackness demands, ``T`` their total, and ``y, z`` the
within-group noise divided by them, shortened so that ``|y| |z| <= 1``. By Cauchy-Schwarz every
entry is nonnegative, which needs no look at the entries; ``u``-weighted centring keeps the row
sums. All eigenvalues then follow from a small core matrix, exactly but for rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from refutable.solvers.argument_checks import partition, positive
from refutable.solvers.sdp.blocks import Grouped
from refutable.solvers.sdp.bounds import rounding_allowance, scatter_bound, top_eigenvalues
from refutable.solvers.sdp.kkt import partition_test
from refutable.solvers.sdp.problem import TINY, FloatArray, IntArray, KMeansProblem, kept_factor
from refutable.solvers.sdp.progress import Callback, Clock
from refutable.solvers.sdp.result import SdpResult, kmeans_scale, relative_gap, scale_free

FRACTIONS = (0.5, 0.8, 0.2)
"""Places in the interval of the trace multiplier. Of 36 partitions 34 are proved with these and
with 0.5 alone, 35 with 0.3, 0.6 and 0.9, 8 with 0.1 alone."""

CORE_LIMIT = 3000
"""Largest order of the core, that of the largest dense matrices: more would spare nothing."""

RADIUS = 1.0 - 1e-9
"""Length to which directions are cut, so that products of two stay below 1 in spite of rounding."""


@dataclass(frozen=True, eq=False)
class HalfBlock:
    """One group's side of the multiplier of a pair of groups.

    Attributes
    ----------
    weights : ndarray, shape (n_k,)
        The row sums ``u``, nonnegative.
    directions : ndarray, shape (n_k, q)
        The vectors ``y``, each of norm at most one.
    """

    weights: FloatArray
    directions: FloatArray

    @classmethod
    def of(cls, weights: FloatArray, noise: FloatArray) -> HalfBlock:
        """Scale the noise (n_k, q) by the weights, shorten, centre, shorten again."""
        total = float(weights.sum())
        safe = np.maximum(weights, 1e-12 * max(total, TINY))[:, None]
        directions = _shortened(noise * (np.sqrt(total) / safe))
        if total > 0:
            directions = directions - (weights @ directions) / total
        longest = float(np.sqrt((directions**2).sum(axis=1).max(initial=0.0)))
        return cls(weights, directions * (RADIUS / max(longest, RADIUS)))

    @property
    def columns(self) -> FloatArray:
        """The thin factor ``[u, u y]``, shape (n_k, 1 + q)."""
        return np.column_stack([self.weights, self.weights[:, None] * self.directions])


def _shortened(vectors: FloatArray) -> FloatArray:
    """Cut rows to norm one at most."""
    norms = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.asarray(vectors * (RADIUS / np.maximum(norms, RADIUS)))


@dataclass(frozen=True, eq=False)
class StructuredMultiplier:
    """A nonnegative multiplier in thin factors, for points sorted by group.

    Attributes
    ----------
    halves : dict
        For each ordered pair of different groups ``(k, l)``, the side of group ``k``.
    totals : dict
        For each such pair the positive ``T``, the same for ``(l, k)``.
    """

    halves: dict[tuple[int, int], HalfBlock]
    totals: dict[tuple[int, int], float]

    @classmethod
    def of(cls, grouped: Grouped, lam: float, noise: FloatArray) -> StructuredMultiplier:
        """Build it for a trace multiplier ``lam`` and noise coordinates, shape (n, q)."""
        sums = grouped.row_sums(lam)
        halves, totals = {}, {}
        for k, other, left, right in grouped.pairs():
            halves[k, other] = HalfBlock.of(sums[left, other], noise[left])
            halves[other, k] = HalfBlock.of(sums[right, k], noise[right])
            masses = float(sums[left, other].sum()), float(sums[right, k].sum())
            # The two agree at a stationary partition; their mean keeps the block symmetric anyway.
            total = max(float(np.sqrt(masses[0] * masses[1])), TINY)
            totals[k, other] = totals[other, k] = total
        return cls(halves, totals)

    def block(self, k: int, other: int) -> FloatArray:
        """Form the block of a pair of groups, shape (n_k, n_l); for checks at small n."""
        left, right = self.halves[k, other], self.halves[other, k]
        outer = np.multiply.outer(left.weights, right.weights) / self.totals[k, other]
        return np.asarray(outer * (1.0 - left.directions @ right.directions.T))

    def bound(self, points: FloatArray, slices: list[slice]) -> float:
        """Upper bound on the optimum, rounding included.

        Parameters
        ----------
        points : ndarray, shape (n, p)
            Centred points sorted by group.
        slices : list of slice
            Range of each group.
        """
        k = len(slices)
        factors: list[FloatArray] = []
        for group, rows in enumerate(slices):
            parts = [np.ones((rows.stop - rows.start, 1)), points[rows]]
            parts += [self.halves[group, other].columns for other in range(k) if other != group]
            factors.append(np.asarray(np.linalg.qr(np.column_stack(parts), mode="r")))
        core = self._core(factors, points.shape[1])
        ones = np.concatenate([factor[:, 0] for factor in factors]) / np.sqrt(len(points))
        image = core @ ones
        mass, n = float(ones @ image), len(points)
        cross = np.outer(ones, image)
        centred = core - cross - cross.T + mass * np.outer(ones, ones)
        # The triangular factors stem from sums over up to n points, hence the order n.
        slack = k * 4.0 * rounding_allowance(core, n)
        if len(centred) <= k - 1:
            return mass + float(np.trace(centred)) + slack
        return mass + float(np.maximum(top_eigenvalues(centred, k - 1), 0.0).sum()) + slack

    def _core(self, factors: list[FloatArray], p: int) -> FloatArray:
        """Return ``A + Lam`` in the orthonormal bases of the groups: ``R C R^T``."""
        k, width = len(factors), factors[0].shape[1]
        middle = np.zeros((k * width, k * width))
        for group in range(k):
            for other in range(k):
                corner = middle[
                    group * width : (group + 1) * width, other * width : (other + 1) * width
                ]
                corner[1 : 1 + p, 1 : 1 + p] = np.eye(p)
                if group != other:
                    self._couple(corner, group, other, p)
        rotation = scipy.linalg.block_diag(*factors)
        core = rotation @ middle @ rotation.T
        return np.asarray(0.5 * (core + core.T))

    def _couple(self, corner: FloatArray, group: int, other: int, p: int) -> None:
        """Enter ``u v^T / T - (u y)(v z)^T / T`` into the core of a pair of groups."""
        thin = 1 + self.halves[group, other].directions.shape[1]
        row = 1 + p + thin * (other - (other > group))
        column = 1 + p + thin * (group - (group > other))
        signs = np.full(thin, -1.0 / self.totals[group, other])
        signs[0] *= -1.0
        corner[np.arange(row, row + thin), np.arange(column, column + thin)] = signs


def noise_room(p: int, k: int) -> int:
    """How many noise directions a core of `CORE_LIMIT` can carry; negative when not even none."""
    return int(np.floor((CORE_LIMIT / k - 1 - p) / (k - 1))) - 1


def _noise_coordinates(grouped: Grouped, k: int) -> FloatArray:
    """Leading directions of the within-group noise, as many as the core can carry."""
    p = grouped.centred.shape[1]
    room = noise_room(p, k)
    if room >= p:
        return grouped.centred
    directions = np.linalg.eigh(grouped.centred.T @ grouped.centred)[1][:, ::-1]
    return np.asarray(grouped.centred @ directions[:, :room])


@scale_free
def certify_large_partition(
    problem: KMeansProblem,
    labels: IntArray,
    tolerance: float = 1e-6,
    *,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> SdpResult:
    """Bound the gap of a partition without any matrix of order n.

    Time ``O(n (p + K q)^2)`` with ``q <= p`` noise directions, memory ``O(n (p + K q))``.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups, from 2 to ``n - 1``.
    labels : ndarray of int, shape (n,)
        The partition; every group from 0 to ``k - 1`` is used.
    tolerance : float
        Relative gap that counts as proved.
    time_limit : float, optional
        Seconds after which no further trace multiplier is tried.
    callback : callable, optional
        Called with the `Progress` after each; a true answer ends the search.

    Returns
    -------
    SdpResult
        The partition with the best bound of a few trace multipliers; with the bound that needs
        no multiplier, rarely tight, when the core for ``k`` groups in ``p`` dimensions would be
        of an order above 3000.

    Raises
    ------
    ValueError
        When the labels are malformed, ``k`` is 1 or ``n``, the tolerance is not positive and
        finite, or the limit is negative.
    """
    clock = Clock(time_limit, callback)
    tolerance = positive("tolerance", tolerance)
    if not 1 < problem.k < problem.n:
        raise ValueError(f"k={problem.k} has a single feasible point: use kmeans_sdp")
    labels = partition("labels", labels, problem.n, problem.k)
    value, factor = problem.partition_value(labels), kept_factor(labels, problem.k)
    within = problem.partition_within(labels)
    # No partition has less than nothing within its groups.
    bound = value if within == 0.0 else scatter_bound(problem.centred, problem.k, CORE_LIMIT)
    tried = 0
    if within > 0.0 and noise_room(problem.points.shape[1], problem.k) >= 0:
        bound, tried = _search(problem, labels, value, bound, tolerance, clock)
    return SdpResult(
        labels,
        value,
        bound,
        within,
        tolerance,
        "structured certificate",
        tried,
        factor,
        integral=True,
        stopped=clock.stopped,
    )


def _search(
    problem: KMeansProblem,
    labels: IntArray,
    value: float,
    bound: float,
    tolerance: float,
    clock: Clock,
) -> tuple[float, int]:
    """Lower a bound by a few trace multipliers; return it and how many were tried."""
    if clock.over():
        return bound, 0
    test = partition_test(problem.centred, labels, problem.k)
    grouped = Grouped.of(problem, labels)
    points, noise = problem.centred[grouped.order], _noise_coordinates(grouped, problem.k)
    tried, within = 0, problem.partition_within(labels)
    low = float(test.lam_lo)
    room = float(test.lam_hi) - low
    # Without room no multiplier is tight, and one is as good as another.
    for fraction in FRACTIONS if room > 0.0 else FRACTIONS[:1]:
        lam = low + fraction * max(room, 0.0)
        multiplier = StructuredMultiplier.of(grouped, lam, noise)
        bound, tried = min(bound, multiplier.bound(points, grouped.slices)), tried + 1
        scale = kmeans_scale(bound, value, within)
        if bound - value <= tolerance * scale:
            break
        gap = relative_gap(bound, value, scale)
        clock.tell("structured certificate", tried, value, bound, gap)
        if clock.over(clock.seconds / tried):
            break
    return bound, tried
