"""Which law the moves leave unchanged: by min(1, H), and by a fixed chance of acceptance.

All 15 partitions of four points are the states, so that stationary laws are computed and not drawn.
Every partition is proposed alike, which makes min(1, H) a Metropolis step.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np
import scipy
from refutable.simulations.mixtures.gpc._chain import weak_prior
from refutable.solvers.normal_inverse_wishart import GroupStatistics, log_marginal
from refutable.solvers.set_partitions import set_partitions
from refutable.theory.mixtures import gpc as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FloatArray,
    Origin,
    Scope,
    Values,
)

POINTS = 4
INSTANCES = tuple(range(20))
RULE = "log_Hastings_ratio_split and _merge of the released code, split_prob = merge_prob = 0.1"


@functools.cache
def partitions(n: int) -> list[tuple[int, ...]]:
    """Return all partitions of n points as labels in order of first appearance."""
    every = (row for k in range(1, n + 1) for row in set_partitions(n, k).tolist())
    return sorted(map(tuple, every))


def _blocks(points: FloatArray, sizes: bool) -> dict[tuple[int, ...], float]:
    """Return log Gamma(N) + log h of every set of points, or log h alone."""
    prior, n = weak_prior(points.shape[1]), len(points)
    value: dict[tuple[int, ...], float] = {}
    for m in range(1, n + 1):
        chosen = list(itertools.combinations(range(n), m))
        evidence = log_marginal(prior, GroupStatistics.of(points[np.array(chosen)]))
        value |= dict(zip(chosen, evidence + sizes * scipy.special.gammaln(m), strict=True))
    return value


def log_posterior(points: FloatArray, sizes: bool = True) -> FloatArray:
    """Return the log posterior of all partitions of points (n, d), up to a constant, shape (s,).

    Each group gives log Gamma(N) + log h; without `sizes`, log h alone.
    """
    value, n = _blocks(points, sizes), len(points)
    total = [
        sum(value[tuple(i for i in range(n) if labels[i] == j)] for j in set(labels))
        for labels in partitions(n)
    ]
    return np.array(total)


def stationary(chain: FloatArray) -> FloatArray:
    """Return the law that a chain leaves unchanged, shape (s,), by least squares."""
    states = len(chain)
    system = np.vstack([chain.T - np.eye(states), np.ones(states)])
    return np.asarray(np.linalg.lstsq(system, np.eye(states + 1)[-1], rcond=None)[0])


def imbalances(chain: FloatArray) -> FloatArray:
    """Return |log P_ij P_jk P_ki - log P_ik P_kj P_ji| of all triples of states."""
    i, j, k = np.array(list(itertools.combinations(range(len(chain)), 3))).T
    log = np.log(chain)
    there, back = log[i, j] + log[j, k] + log[k, i], log[i, k] + log[k, j] + log[j, i]
    return np.asarray(np.abs(there - back))


@functools.cache
def _log_weights(instance: int, sizes: bool = True) -> FloatArray:
    """Return `log_posterior` of the instance's points, four in the plane."""
    rng = np.random.default_rng(instance)
    return log_posterior(1.5 * rng.standard_normal((POINTS, 2)), sizes)


def all_partitions(cell: Cell, floor: float | None = theory.FLOOR, sizes: bool = True) -> Values:
    """Compare what the moves leave unchanged with the posterior.

    Parameters
    ----------
    floor : float, optional
        Fixed chance of acceptance; min(1, H) if None.
    sizes : bool
        Whether the moves' scores have their terms in the sizes.

    Returns
    -------
    dict of float
        ``least`` and ``most`` imbalance of a cycle of three states; ``drift``: distance in total
        variation of the stationary law from the posterior; ``best``: its weight of the likeliest
        partition; ``rank_gap``: how far it is from the law that only knows their order.
    """
    posterior = scipy.special.softmax(_log_weights(cell.instance))
    chain = theory.chain_of(_log_weights(cell.instance, sizes), floor)
    cycles = imbalances(chain)
    law = stationary(chain)
    ranked = law[np.argsort(-posterior)]
    return {
        "least": float(cycles.min()),
        "most": float(cycles.max()),
        "drift": float(0.5 * np.abs(law - posterior).sum()),
        "best": float(ranked[0]),
        "rank_gap": float(np.abs(ranked - theory.ranked_law(len(law), theory.FLOOR)).max()),
    }


def _min_rule(cell: Cell, floor: float | None = None, sizes: bool = True) -> Values:
    return all_partitions(cell, floor, sizes)


MIN_RULE = Claim(
    id="gpc.min-rule-keeps-posterior",
    title="With min(1, H) and fair proposals the moves leave the posterior unchanged",
    source="Metropolis rule with the released scores, on all partitions of four points",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "Where all partitions are proposed alike and a move is taken with probability min(1, H), "
        "the posterior over partitions is stationary, and every cycle of moves is as likely as its "
        "reverse."
    ),
    formula="pi P = pi, quad P_(i j) = 1/s min(1, pi_j / pi_i)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Proposals by 2-means and nearest neighbours, which are not as likely as what undoes them: "
        "with those min(1, H) is greedy, too."
    ),
    cells=Cells(instance=INSTANCES),
    compute=_min_rule,
    expect=(Exact("drift").at_most(1e-10), Exact("most").at_most(1e-10)),
    controls=(
        BrokenWorld("scores without their terms in the sizes", change={"sizes": False}),
        BrokenWorld("a chance of at least 0.1", change={"floor": theory.FLOOR}),
    ),
)


NO_BALANCE = Claim(
    id="gpc.fixed-acceptance-no-metropolis",
    title="Accepting bad moves with a fixed chance is no Metropolis step for any law",
    source=RULE,
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "When bad moves are taken with chance 0.1 whatever their score, a cycle through three "
        "partitions is ten times as likely one way round as the other, so that no law is in "
        "detailed balance."
    ),
    formula="abs(log (P_(i j) P_(j k) P_(k i)) / (P_(i k) P_(k j) P_(j i))) = log 10",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Whether a rule that is no Metropolis step clusters badly. All partitions of four points, "
        "each proposed alike; the released proposals are others."
    ),
    notes=(
        "Kolmogorov's criterion: a chain is reversible only if every cycle is as likely as its "
        "reverse.",
        "The stationary law is 0.08 to 0.44 from the posterior in total variation.",
    ),
    cells=Cells(instance=INSTANCES),
    compute=all_partitions,
    expect=(
        Exact("least").equals(theory.cycle_imbalance(theory.FLOOR), 1e-9),
        Exact("most").equals(theory.cycle_imbalance(theory.FLOOR), 1e-9),
        Exact("drift").shown(),
    ),
    controls=(
        BrokenWorld("a chance of 0.101", change={"floor": 0.101}),
        BrokenWorld("min(1, H)", change={"floor": None}),
    ),
)


FORGETS = Claim(
    id="gpc.fixed-acceptance-forgets-evidence",
    title="With a fixed chance the moves forget all of the evidence but its order",
    source=RULE,
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "What the released rule leaves unchanged depends on which partition is likelier than "
        "which, and not on how much: the best of 15 has 1/2.4 of the time, however clear it is."
    ),
    formula="pi_r = (1 - (1 - f) sum_(q < r) pi_q) / (r + f (s - r)), quad "
    "pi_1 = 1/(1 + f (s - 1))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "All partitions of four points, each proposed alike. With other proposals the law is "
        "another, but the rule still reads no more of a score than its sign."
    ),
    notes=("Of two states the better has 10/11, as if its odds were ten whatever they are.",),
    cells=Cells(instance=INSTANCES),
    compute=all_partitions,
    expect=(
        Exact("rank_gap").at_most(1e-10),
        Exact("best").equals(1 / (1 + 14 * theory.FLOOR), 1e-10),
        Exact("drift").shown(),
    ),
    controls=(
        BrokenWorld("a chance of 0.101", change={"floor": 0.101}),
        BrokenWorld("min(1, H)", change={"floor": None}),
    ),
)
