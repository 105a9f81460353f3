"""Two estimates for which a merge by diagonals costs more than plain averaging."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.fisher_merging._precisions import diagonals
from refutable.solvers.gaussian_merging import average, diagonal_mode, full_mode
from refutable.theory.bayes import fisher_merging as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    Mean,
    Origin,
    Probability,
    Scope,
)
from refutable.claims.expectations import Expectation

TOGETHER = 64
"""Draws of which a replicate holds the mean loss."""

SHARES = {
    "full": theory.full_shares,
    "diagonal": theory.diagonal_shares,
    "plain": theory.plain_shares,
}


def merge_losses(
    cell: Cell, rng: Generator, size: int, firmer: float = 0.0, dropped: float = 0.0
) -> Columns:
    """Losses of merged estimates, over what theory says: means of `TOGETHER` draws.

    Parameters
    ----------
    cell : Cell
        With the ``pair``.
    firmer : float
        Added to the precisions, in every direction, with which estimates are drawn.
    dropped : float
        Share of the entries off the diagonal of the precisions that is left out everywhere.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``full``, ``diagonal``, ``plain``: ``e' H e`` over what theory says of the pair. ``ratio``:
        risk of the diagonal over that of the plain average. ``worse``: in the first draw the
        diagonal loses more.
    """
    curvature = theory.pair_curvature(cell.pair)
    whole = theory.PAIRS[cell.pair]
    precisions = whole - dropped * (whole - diagonals(whole)[..., None] * np.eye(2))
    drawn = np.linalg.cholesky(np.linalg.inv(precisions + firmer * np.eye(2)))
    errors = (drawn @ rng.standard_normal((size, TOGETHER, 2, 2, 1)))[..., 0]
    merged = {
        "full": full_mode(errors, precisions),
        "diagonal": diagonal_mode(errors, diagonals(precisions)),
        "plain": average(errors),
    }
    loss = {k: np.einsum("rti,ij,rtj->rt", e, curvature, e) for k, e in merged.items()}
    risks = {k: _risk(curvature, precisions, k) for k in SHARES}
    return {
        **{k: loss[k].mean(axis=1) / _risk(curvature, whole, k) for k in SHARES},
        "ratio": np.full(size, risks["diagonal"] / risks["plain"]),
        "worse": loss["diagonal"][:, 0] > loss["plain"][:, 0],
    }


def _risk(curvature: FloatArray, precisions: FloatArray, kind: str) -> float:
    covariance = theory.merge_covariance(SHARES[kind](precisions), precisions)
    return float(theory.risk(curvature, covariance))


def _mean(kind: str) -> Mean:
    """Mean of a loss in units of its expectation, whose variance is known."""

    def variance(cell: Cell) -> float:
        precisions = theory.PAIRS[cell.pair]
        curvature = theory.pair_curvature(cell.pair)
        covariance = theory.merge_covariance(SHARES[kind](precisions), precisions)
        found = (
            theory.risk_variance(curvature, covariance) / theory.risk(curvature, covariance) ** 2
        )
        return 1.001 * float(found) / TOGETHER  # the bound holds in spite of rounding

    return Mean(kind, variance_at_most=variance)


def _means(value: float, *kinds: str) -> tuple[Expectation, ...]:
    return tuple(_mean(kind).near(value, 0.1) for kind in kinds)


CAN_LOSE = Claim(
    id="fisher_merging.diagonal-can-be-worse",
    title="A merge by diagonal Fishers can cost more than plain averaging",
    source="a condition that is not in the abstract, which claims no guarantee",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="There are two models whose merge by diagonal Fishers has more than twice the "
    "expected loss of their plain average, and loses more in seven of ten draws; others for which "
    "it has 1.44 times, or exactly the same. By full Fishers the loss is the least of the three.",
    formula='"tr" H sum_i D_i F_i^(-1) D_i > 2 "tr" H sum_i F_i^(-1) slash m^2, quad '
    'D_i = (sum_k "diag" F_k)^(-1) "diag" F_i',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That this is usual, or that it happened in the paper's merges; nobody claims "
    "that diagonals never do worse.",
    assumptions=(
        "two estimates of the same two parameters with the inverse Fishers as covariances",
        "the loss is that of the pooled data, and the squared distance for the second pair",
    ),
    notes=(
        "Expected losses of full, diagonal and plain merges: 2.00, 84.0 and 32.7 (lopsided), "
        "0.048, 0.227 and 0.158 (one of them), 2.0, 20.5 and 20.5 (mirrored).",
    ),
    cells=Cells(pair=tuple(theory.PAIRS)),
    simulate=merge_losses,
    expect=(
        Exact("ratio", pair="lopsided").at_least(2.0),
        Exact("ratio", pair="one of them").near(1.44, 0.005),
        Exact("ratio", pair="mirrored").equals(1.0, 1e-9),
        Probability("worse", pair="lopsided").at_least(0.7),
        *_means(1.0, "full", "diagonal", "plain"),
    ),
    controls=(
        BrokenWorld(
            "entries off the diagonal that are a tenth too small",
            change={"dropped": 0.1},
            at={"pair": ("lopsided", "one of them")},
            judged_by=("ratio", "worse"),
        ),
        BrokenWorld(
            "estimates that are firmer by 0.01 in every direction",
            change={"firmer": 0.01},
            at={"pair": "lopsided"},
            judged_by=("diagonal", "plain"),
        ),
        FalseTheory("a loss of the full merge that is 15 % lower", *_means(0.85, "full")),
    ),
    block=128,
    cap=ByEffort(smoke=4096, standard=16_384, full=65_536),
)
