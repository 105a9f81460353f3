"""When does a partition solve the likelihood-adjusted program? Closed form, and a proof.

Let group ``k`` have size ``n_k`` and value ``V_k = <A_k, B_k>``, and let ``S_k(i)`` be the sum of
row ``i`` of ``A_k`` over group ``k``. Complementary slackness leaves one number ``l_k`` for each
group free, the top eigenvalue of its dual matrix, and fixes the price of point ``i`` of group
``g`` and the sums over group ``k`` of the rows of the multiplier ``Lam_k``:

    a_i = (2 S_g(i) - V_g - l_g) / n_g,
    r_i^k = -S_k(i) + (n_k a_i + V_k - l_k) / 2 >= 0.

So ``l_g / n_g + l_k / n_k`` is bounded above for each pair, while ``l_k`` is at least the top
eigenvalue of the group's whitened scatter. The multiplier cancels what it can of the rest; only
the rigorous bound of `refutable.solvers.sdp.adjusted_bounds` decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from refutable.solvers.argument_checks import partition, positive
from refutable.solvers.sdp.adjusted import AdjustedProblem
from refutable.solvers.sdp.adjusted_bounds import adjusted_dual_bound
from refutable.solvers.sdp.fantope import simplex_rows
from refutable.solvers.sdp.kkt import largest_scatter
from refutable.solvers.sdp.problem import (
    FloatArray,
    IntArray,
)
from refutable.solvers.sdp.progress import Callback, Clock, Stop
from refutable.solvers.sdp.result import (
    Status,
    judged,
    likelihood_scale,
    relative_gap,
    with_reason,
)

FRACTIONS = (0.5, 0.8, 0.2)
"""Places in the room of the free numbers, as in `refutable.solvers.sdp.structured`."""

CORRECTIONS = 12
"""Most corrections of a multiplier; where they run out the splitting takes over."""

HOPELESS = 0.05
"""Relative gap after the first try at which no other is made: the splitting then takes over."""


@dataclass(frozen=True, eq=False)
class AdjustedTest:
    """The necessary condition, in closed form.

    Attributes
    ----------
    least : ndarray, shape (K,)
        Lower ends ``l_k / n_k``: top eigenvalues of the whitened scatters over the sizes.
    room : float
        How much every ``l_k / n_k`` can grow from there before a row sum turns negative.
    single_moves_lose : bool
        No point can change its group and raise the likelihood.
    """

    least: FloatArray
    room: float
    single_moves_lose: bool

    @property
    def possible(self) -> bool:
        """False where the partition is *proved* not to solve the relaxation."""
        return self.room >= 0.0


@dataclass(frozen=True, eq=False)
class AdjustedProof:
    """A partition, its value, and the best bound found for it."""

    test: AdjustedTest
    value: float
    bound: float
    within: float
    multipliers: FloatArray | None = None
    prices: FloatArray | None = None
    stopped: Stop | None = None

    @property
    def gap(self) -> float:
        """Relative gap, infinite when no bound was found."""
        return relative_gap(self.bound, self.value, likelihood_scale(self.within))

    def status(self, tolerance: float) -> Status:
        """Say what the gap proves at a tolerance."""
        proved = judged(self.bound, self.value, likelihood_scale(self.within), tolerance)
        return with_reason(proved, self.stopped)


def _row_sums(problem: AdjustedProblem, labels: IntArray) -> FloatArray:
    """``S_k(i)``, shape (n, K)."""
    indicator = (labels[:, None] == np.arange(problem.k)).astype(np.float64)
    return np.stack([a @ u for a, u in zip(problem.similarities, indicator.T, strict=True)], axis=1)


def adjusted_partition_test(problem: AdjustedProblem, labels: IntArray) -> AdjustedTest:
    """Test whether a partition can solve the likelihood-adjusted program.

    Parameters
    ----------
    problem : AdjustedProblem
        Points and covariances.
    labels : ndarray of int, shape (n,)
        The partition; group ``k`` has covariance ``k`` and none is empty.

    Raises
    ------
    ValueError
        When the labels are malformed.
    """
    labels = partition("labels", labels, problem.n, problem.k)
    sizes = np.bincount(labels, minlength=problem.k)
    clouds = [problem.whitened[group, labels == group] for group in range(problem.k)]
    least = np.array([float(largest_scatter(cloud)) for cloud in clouds]) / sizes
    free = _free_sums(problem, labels, sizes, np.zeros(problem.k))
    inside = free[np.arange(problem.n), :] / sizes
    limit = 2.0 * inside - least[labels][:, None] - least
    limit[np.arange(problem.n), labels] = np.inf
    loses = bool((problem.move_gains(labels) <= 0.0).all())
    return AdjustedTest(least, float(limit.min()) / 2.0, loses)


def _prices(
    problem: AdjustedProblem, labels: IntArray, sizes: IntArray, tops: FloatArray
) -> FloatArray:
    """Prices ``a_i`` for given ``l_k``, shape (n,)."""
    own = _row_sums(problem, labels)[np.arange(problem.n), labels]
    values = np.diagonal(problem.group_values(labels))
    return np.asarray((2.0 * own - values[labels] - tops[labels]) / sizes[labels])


def _free_sums(
    problem: AdjustedProblem, labels: IntArray, sizes: IntArray, tops: FloatArray
) -> FloatArray:
    """Row sums ``r_i^k`` of the multipliers for given ``l_k``, shape (n, K)."""
    prices = _prices(problem, labels, sizes, tops)
    values = np.diagonal(problem.group_values(labels))
    wanted = 0.5 * (sizes * prices[:, None] + values - tops)
    return np.asarray(wanted - _row_sums(problem, labels))


def _multiplier(
    matrix: FloatArray, inside: FloatArray, sums: FloatArray, top: float, clock: Clock
) -> FloatArray:
    """Find ``Lam_k`` with the wanted sums that pushes ``M + Lam`` below ``top``.

    Starts from the multiplier that cancels `matrix` and subtracts what still rises above; when the
    time is up it is whatever it is by then.
    """
    own, rest = np.flatnonzero(inside), np.flatnonzero(inside == 0)
    centred = matrix[np.ix_(rest, own)]
    centred = centred - centred.mean(axis=1, keepdims=True)
    lam = np.zeros_like(matrix)
    lam[np.ix_(rest, own)] = sums[rest][:, None] / len(own) - centred
    lam[np.ix_(rest, rest)] = -matrix[np.ix_(rest, rest)]
    for _ in range(CORRECTIONS):
        cross = simplex_rows(lam[np.ix_(rest, own)], np.maximum(sums[rest], 0.0))
        lam[np.ix_(rest, own)], lam[np.ix_(own, rest)] = cross, cross.T
        lam[np.ix_(rest, rest)] = np.maximum(lam[np.ix_(rest, rest)], 0.0)
        lam[np.ix_(own, own)] = 0.0
        # The direction of the group itself has eigenvalue `top` exactly; only others count.
        shifted = matrix + lam
        shifted -= (top / len(own)) * np.outer(inside, inside)
        values, vectors = np.linalg.eigh(shifted)
        if values[-1] <= top * (1.0 + 1e-12) or clock.over():
            break
        # As in `refutable.solvers.sdp.certificate`: beyond what is needed, part of it comes back.
        excess = 1.5 * np.maximum(values - 0.97 * top, 0.0)
        kept = excess > 0
        lam = lam - (vectors[:, kept] * excess[kept]) @ vectors[:, kept].T
    return lam


def certify_adjusted_partition(
    problem: AdjustedProblem,
    labels: IntArray,
    tolerance: float = 1e-6,
    *,
    time_limit: float | None = None,
    callback: Callback | None = None,
) -> AdjustedProof:
    """Try to prove that a partition solves the likelihood-adjusted program.

    Parameters
    ----------
    problem : AdjustedProblem
        Points and covariances.
    labels : ndarray of int, shape (n,)
        The partition; group ``k`` has covariance ``k`` and none is empty.
    tolerance : float
        Relative gap at which to stop trying.
    time_limit : float, optional
        Seconds after which no further multiplier is tried or corrected.
    callback : callable, optional
        Called with the `Progress` after each; a true answer ends the search.

    Returns
    -------
    AdjustedProof
        With an infinite bound when the necessary condition fails: a proof of the contrary.

    Raises
    ------
    ValueError
        When the labels are malformed, the tolerance is not positive and finite, or the limit is
        negative.
    """
    clock = Clock(time_limit, callback)
    tolerance = positive("tolerance", tolerance)
    test = adjusted_partition_test(problem, labels)
    value, within = problem.partition_value(labels), problem.partition_within(labels)
    best = AdjustedProof(test, value, float("inf"), within)
    if not test.possible:
        return best
    sizes = np.bincount(labels, minlength=problem.k)
    # A single group leaves the room unbounded, and its lower end is then as good as any other.
    room = test.room if np.isfinite(test.room) else 0.0
    for tried, fraction in enumerate(FRACTIONS):
        if clock.over():
            break
        tops = sizes * (test.least + fraction * room)
        prices = _prices(problem, labels, sizes, tops)
        sums = _free_sums(problem, labels, sizes, tops)
        spread = 0.5 * (prices[:, None] + prices)
        stack = np.stack(
            [
                _multiplier(
                    matrix - spread,
                    (labels == group).astype(np.float64),
                    sums[:, group],
                    float(tops[group]),
                    clock,
                )
                for group, matrix in enumerate(problem.similarities)
            ]
        )
        stack = np.maximum(0.5 * (stack + np.swapaxes(stack, 1, 2)), 0.0)
        bound = adjusted_dual_bound(problem.similarities, stack, prices)
        if bound < best.bound:
            best = AdjustedProof(test, value, bound, within, stack, prices)
        if best.status(tolerance) is Status.CERTIFIED or best.gap > HOPELESS:
            break
        clock.tell("adjusted certificate", tried + 1, value, best.bound, best.gap)
    return replace(best, stopped=clock.stopped)
