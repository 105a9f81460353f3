"""Whether pretraining pays just from the predicted number of unlabelled points on."""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.learning.unsupervised_pretraining._factors import (
    FACTORS,
    MODEL,
    excess,
    labelled,
    pretrained_basis,
)
from refutable.solvers.subspace_regression import solve_moments
from refutable.theory.learning import unsupervised_pretraining as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Origin,
    Quantile,
    Scope,
)


def advantage(cell: Cell, rng: Generator, size: int, strength: float = 1.0) -> Columns:
    """Subtract the pretrained from the supervised excess risk on the same labelled points.

    Parameters
    ----------
    cell : Cell
        With ``n`` labelled and ``ratio`` times the break-even number of unlabelled points.
    rng : Generator
    size : int
        Replicates.
    strength : float
        Multiplies the factors' variances in the unlabelled points.
    """
    m = round(cell.ratio * theory.break_even(MODEL, cell.n))
    basis = pretrained_basis(rng, size, m, strength=strength)
    gram, cross = labelled(rng, size, cell.n)
    supervised = excess(solve_moments(gram, cross))
    return {"advantage": supervised - excess(solve_moments(gram, cross, basis))}


PRETRAINING_PAYS = Claim(
    id="unsupervised_pretraining.pretraining-beats-supervised",
    title="Pretraining pays above the break-even number of unlabelled points",
    source="abstract (advantage when m is much larger than n); threshold derived here",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="Pretraining beats supervised least squares with twice the break-even number m*(n) "
    "of unlabelled points in a typical run, and loses with half of it.",
    formula="m^* = ((d - r) C) / (sigma_e^2 (d/(n - d - 1) - r/(n - r - 1)))",
    scope=Scope.SCALED_DOWN,
    does_not_show="n of 5000 and more, where m*/2 exceeds 500 and the first-order term is exact "
    "enough; the comparison is with unregularised least squares. m* equates the two expected "
    "risks; the median of their difference is tried, and only at some distance from m*.",
    assumptions=FACTORS,
    cells=ByEffort(
        smoke=Cells(n=(5000,), ratio=(0.5, 2.0)),
        standard=Cells(n=(5000, 10_000), ratio=(0.5, 2.0)),
        full=Cells(n=(5000, 10_000), ratio=(0.5, 0.8, 1.25, 2.0)),
    ),
    simulate=advantage,
    expect=(
        Quantile("advantage", 0.5, ratio=(1.25, 2.0)).at_least(0),
        Quantile("advantage", 0.5, ratio=(0.5, 0.8)).at_most(0),
    ),
    controls=(
        FalseTheory(
            "pretraining pays at half the break-even as well",
            Quantile("advantage", 0.5, ratio=0.5).at_least(0),
        ),
        BrokenWorld(
            "factors half as strong in the unlabelled points",
            change={"strength": 0.5},
            at={"n": 5000, "ratio": 2.0},
        ),
    ),
    block=16,
    cap=ByEffort(smoke=200, standard=400, full=1600),
    draw=Cells(n=(5000,), ratio=(0.8, 1.0, 1.25, 1.6)),
    figure=Axis(
        x="ratio",
        label="unlabelled points / break-even number",
        marks=(("break-even", 1.0),),
    ),
)
