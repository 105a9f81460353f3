"""Whether the excess risk of pretraining is two fast terms, below the square-root bound."""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.learning.unsupervised_pretraining._factors import (
    FACTORS,
    LADDER,
    MODEL,
    excess,
    labelled,
    pretrained_basis,
    subspace_excess,
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
    Mean,
    Origin,
    Scope,
)


def two_terms(cell: Cell, rng: Generator, size: int, informative: bool = True) -> Columns:
    """Give the excess risk with n labels and in the limit of infinitely many.

    Parameters
    ----------
    cell : Cell
        With ``m`` unlabelled and ``n`` labelled points.
    rng : Generator
    size : int
        Replicates.
    informative : bool
        Whether the unlabelled points carry the factors.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``excess`` and ``subspace_excess``.
    """
    basis = pretrained_basis(rng, size, cell.m, informative=informative)
    gram, cross = labelled(rng, size, cell.n)
    return {
        "excess": excess(solve_moments(gram, cross, basis)),
        "subspace_excess": subspace_excess(basis),
    }


def _predicted(cell: Cell) -> float:
    return theory.pretrained_excess(MODEL, cell.m, cell.n)


def _subspace(cell: Cell) -> float:
    return theory.subspace_term(MODEL, cell.m)


TWO_TERMS = Claim(
    id="unsupervised_pretraining.factor-two-term-rate",
    title="The risk of pretraining is a labelled term plus an unlabelled term",
    source="factor-model instance of the main theorem; formula derived here",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="The excess risk of pretraining is a term in the labelled sample, that of least "
    "squares in r dimensions, plus a term C (d-r)/m in the unlabelled one.",
    formula="E = sigma_e^2 r/(n - r - 1) + (d - r)/m C, quad C = sum_k beta_k^2/(s_k^2 (1+s_k^2))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The second term is first-order in 1/m. One model, one estimator (principal "
    "components, not the maximum-likelihood factor analysis).",
    assumptions=FACTORS,
    notes=("At m = 500 the second term is about 5 % too small.",),
    cells=ByEffort(
        smoke=Cells(m=(2000,), n=(2000,)),
        standard=Cells(m=(2000, 8000, 32_000), n=(150, 500, 2000)),
        full=Cells(m=LADDER, n=(150, 500, 2000)),
    ),
    simulate=two_terms,
    expect=(
        Mean("excess").near(_predicted, lambda cell: 0.12 * _predicted(cell)),
        Mean("subspace_excess").near(_subspace, lambda cell: 0.1 * _subspace(cell)),
    ),
    controls=(
        FalseTheory(
            "the subspace costs d r/m in place of (d - r)/m",
            Mean("subspace_excess").near(
                lambda cell: MODEL.dim * MODEL.rank / cell.m * MODEL.misalignment,
                lambda cell: 0.1 * _subspace(cell),
            ),
        ),
        BrokenWorld(
            "unlabelled points without factors",
            change={"informative": False},
            cells=Cells(m=(2000,), n=(500,)),
        ),
    ),
    block=32,
    cap=ByEffort(smoke=3000, standard=6000, full=12_000),
    figure=Axis(x="m", log=True),
)


def _bound(cell: Cell) -> float:
    return theory.square_root_bound(MODEL.dim, MODEL.rank, cell.m, cell.n)


BOUND_HOLDS = Claim(
    id="unsupervised_pretraining.sqrt-bound-holds",
    title="The excess risk of pretraining stays below the square-root bound",
    source="factor-model instance of the main theorem, constant 1, no logarithms",
    origin=Origin.IMPLIED,
    basis=Basis.THIRD_PARTY,
    statement="The excess risk of pretraining is below sqrt(d r/m) + sqrt(r/n).",
    formula="E <= sqrt((d r)/m) + sqrt(r/n)",
    scope=Scope.AS_STATED,
    does_not_show="The bound is so much larger than the excess risk that it cannot fail here.",
    assumptions=FACTORS,
    notes=(
        "The bound is 7 to 20 times the excess risk.",
        "The abstract has O(sqrt(C_Phi/m) + sqrt(C_Psi/n)); the instance with d r and r was read "
        "second hand.",
    ),
    cells=ByEffort(
        smoke=Cells(m=(32_000,), n=(2000,)),
        standard=Cells(m=(2000, 32_000), n=(500, 2000)),
        full=Cells(m=(2000, 8000, 32_000), n=(150, 500, 2000)),
    ),
    simulate=two_terms,
    expect=(Mean("excess").at_most(_bound, predicted=_predicted),),
    controls=(
        FalseTheory("a hundredth of the bound", Mean("excess").at_most(lambda c: _bound(c) / 100)),
    ),
    block=16,
    cap=ByEffort(smoke=500, standard=1000, full=2000),
    weak=True,
)
