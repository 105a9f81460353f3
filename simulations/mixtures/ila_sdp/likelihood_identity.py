"""Whether the likelihood-adjusted objective is the profile likelihood (its definition)."""

from __future__ import annotations

import numpy as np
from refutable.solvers.sdp.adjusted import AdjustedProblem
from refutable.theory.mixtures import ila_sdp as theory

from refutable import Basis, BrokenWorld, Cell, Cells, Claim, Exact, Origin, Scope, Values


def likelihood_identity(cell: Cell, determinants: float = 1.0) -> Values:
    """Compare the adjusted objective with twice the profile log-likelihood, two ways.

    Parameters
    ----------
    determinants : float
        Share of the log-determinants that the objective keeps.

    Returns
    -------
    dict of float
        ``residual``: of the pairwise form of the objective; ``solver_residual``: of the one that
        the solver uses.
    """
    rng, n, p, k = np.random.default_rng(cell.instance), 24, 3, 3
    points, labels = rng.standard_normal((n, p)) * 3.0, np.arange(n, dtype=np.intp) % k
    half = rng.standard_normal((k, p, p))
    covariances = half @ np.swapaxes(half, 1, 2) + 0.5 * np.eye(p)
    likelihood = 2.0 * theory.profile_log_likelihood(points, labels, covariances)
    wanted = likelihood + theory.likelihood_constant(n, p)
    pairwise = theory.adjusted_objective(points, labels, covariances)
    solver = AdjustedProblem(points, covariances).partition_value(labels)
    volume = float(np.linalg.slogdet(covariances)[1] @ np.bincount(labels))
    wanted -= (1.0 - determinants) * volume
    scale = abs(wanted)
    return {
        "residual": abs(pairwise - wanted) / scale,
        "solver_residual": abs(solver - wanted) / scale,
    }


LIKELIHOOD_IDENTITY = Claim(
    id="ila_sdp.la-identity",
    title="The adjusted objective is the profile likelihood, without centroids",
    source="Definition of the likelihood-adjusted objective",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "At a partition the adjusted objective is twice the profile log-likelihood plus $n p log(2 "
        "pi)$: no centroid is needed."
    ),
    formula="sum_k tr(A_k B_k) = 2 ell(G) + n p log(2 pi)",
    scope=Scope.ARITHMETIC,
    does_not_show="An identity; nothing about recovery.",
    notes=(
        "The matrices $A_k$ are derived here; the abstract says that no centroid is estimated.",
    ),
    cells=Cells(instance=tuple(range(20))),
    compute=likelihood_identity,
    expect=(Exact("residual").at_most(1e-11), Exact("solver_residual").at_most(1e-11)),
    controls=(
        BrokenWorld("one per cent of the log-determinants left out", change={"determinants": 0.99}),
    ),
)
