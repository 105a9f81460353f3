"""Whether split and merge scores are each other's reverse."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.gpc._chain import KAPPA, predictives, weak_prior
from refutable.solvers.normal_inverse_wishart import (
    GroupStatistics,
    NormalInverseWishart,
    log_split_ratio,
)
from refutable.theory.mixtures import gpc as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)


def seated_merge_score(
    prior: NormalInverseWishart, first: FloatArray, second: FloatArray, alpha: float
) -> FloatArray:
    """Return log H_m, adding the second group's points one by one, (size, N, d) each.

    Every point joins the first group's table or its own, with odds of the Chinese restaurant.
    """
    n, more = first.shape[1], np.arange(second.shape[1])
    joined = predictives(prior, np.concatenate([first, second], axis=1))[:, n:]
    apart = predictives(prior, second)
    seats = np.log(n + more) - np.log(np.where(more == 0, alpha, more))
    return np.asarray((joined - apart + seats).sum(axis=1))


def there_and_back(
    cell: Cell, rng: Generator, size: int, alpha: float = 1.0, sizes: bool = True
) -> Columns:
    """Split score by the released formula, merge score by adding points to a table.

    Parameters
    ----------
    alpha : float
        Concentration of the merge.
    sizes : bool
        Whether the split has its terms in the sizes.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``sum`` and ``solver_sum`` of both scores, absolute: the split's released and solver's.
    """
    prior = weak_prior(cell.d)
    first = rng.standard_normal((size, cell.n, cell.d))
    second = 1.0 + 1.5 * rng.standard_normal((size, 12, cell.d))
    evidences = [
        theory.log_evidence(x, prior.mean, KAPPA, float(prior.nu), prior.scale)
        for x in (first, second, np.concatenate([first, second], axis=1))
    ]
    split = theory.log_split_score((cell.n, 12), evidences, sizes=sizes)
    solver = log_split_ratio(prior, GroupStatistics.of(first), GroupStatistics.of(second))
    merge = seated_merge_score(prior, first, second, alpha)
    return {"sum": np.abs(split + merge), "solver_sum": np.abs(solver + merge)}


RECIPROCAL = Claim(
    id="gpc.split-merge-reciprocal",
    title="The merge score of two clusters is the inverse of their split score",
    source="log_Hastings_ratio_split and log_Hastings_ratio_merge of the released code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement=(
        "For the same two groups $log H_s + log H_m = 0$: the split score is the posterior odds of "
        "the groups apart in a Dirichlet process, the merge score those of the groups together."
    ),
    formula="log H_s + log H_m = 0, quad log H_s = log alpha + log Gamma(N_1) h(Z_1) + "
    "log Gamma(N_2) h(Z_2) - log Gamma(N) h(Z)",
    scope=Scope.AS_STATED,
    does_not_show=(
        "The scores alone: a move is reversible only if the proposal that undoes it is as likely, "
        "and a split by 2-means is not undone by merging nearest neighbours."
    ),
    notes=(
        "The merge score is computed by seating the second group's points one by one, without log "
        "h; the released code writes it as the same terms with their signs turned.",
    ),
    cells=Cells(d=(1, 3, 6), n=(7, 20)),
    simulate=there_and_back,
    expect=(Exact("sum").at_most(1e-9), Exact("solver_sum").at_most(1e-9)),
    controls=(
        BrokenWorld("a merge at concentration 1.001", change={"alpha": 1.001}),
        BrokenWorld(
            "a split without its terms in the sizes", change={"sizes": False}, judged_by="sum"
        ),
    ),
    block=24,
    cap=24,
)
