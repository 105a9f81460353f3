"""The pseudo-label of the released code (teacher_stu_loss): what its score holds, what it picks."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from refutable.simulations.experts.factor_llm._routers import STRUCTURES, grid, routing_errors
from refutable.theory.experts import factor_llm as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    MendedWorld,
    Origin,
    Quantile,
    Scope,
    Symbolic,
    Values,
    Verdict,
)
from refutable.claims.symbolic import vanishes

HALF = grid(2, STRUCTURES, wide=((8, 4),))
ABOVE_HALF = grid(3, ("structured",))
GAIN = 0.05

LABEL_AT_HALF = Claim(
    id="factor_llm.label-beats-chance-at-half",
    title="With half of the experts active, the pseudo-label beats chance",
    source="teacher_stu_loss in new_model_KD.py ($k = N/2$ as released)",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="At $K = N/2$, in a typical random network (the median), the experts that the "
    "pseudo-label marks reproduce the teacher's output better, by at least 5 %, than K "
    "experts chosen at random.",
    formula='norm(N/K sum_(i in "label") e_i - t)^2 <= 0.95 EE_S norm(N/K sum_(i in S) e_i - t)^2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The formula is that of the released code, not of the paper's text. Random "
    "networks before any training; the paper's end metric, after fine-tuning, is not tried, and "
    "the released training step does not use the label.",
    notes=(
        "The same class of the released code holds an unused routine that marks the K experts "
        "whose unscaled sum is closest to the teacher. Which of the two the paper prints is not "
        "known.",
    ),
    cells=HALF,
    simulate=routing_errors,
    expect=(
        Quantile("label_gain").at_least(GAIN, predicted=0.0),
        Quantile("label").shown(),
        Quantile("random").shown(),
        Quantile("best").shown(),
    ),
    controls=(
        FalseTheory("it beats chance by 2 % at least", Quantile("label_gain").at_least(0.02)),
        FalseTheory(
            "the label is as good as the best subset, to 5 %",
            Quantile("shortfall").at_most(0.05),
        ),
        FalseTheory("no subset beats chance by 5 %", Quantile("best_gain").at_most(GAIN)),
    ),
    positive=(MendedWorld("three of four experts, each token exciting one", cells=ABOVE_HALF),),
    block=16,
    cap=ByEffort(smoke=480, standard=960, full=1920),
    expected=Verdict.REFUTED,
    why="The score of expert i, |e_i - (K/N) t|^2, expands to a constant plus "
    "(1 - 2K/N)|e_i|^2 - (2K/N) sum_{j != i} e_i.e_j. At K = N/2 the expert's own norm, which says "
    "whether the token excites it, drops out, and what is left tells random networks' experts "
    "apart no better than chance. Found by expanding the released formula and by simulation. "
    "Marking the experts closest to t itself, without the factor N/K, does work on structured "
    "data (claim rescaling-dominates). The paper's own formula could not be read.",
)

LABEL_ABOVE_HALF = Claim(
    id="factor_llm.label-beats-chance-above-half",
    title="With three of four experts active, the pseudo-label beats chance",
    source="teacher_stu_loss in new_model_KD.py, with $K = 3$ of $N = 4$",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Above $K = N/2$, where its score favours large experts, the pseudo-label beats "
    "chance by at least 5 % when each token excites one expert, in a typical random "
    "network (the median).",
    formula="1 - 2 K/N < 0",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The released code, which writes N//K, 1 at $K = 3$; here the factor is $N/K$.",
    cells=ABOVE_HALF,
    simulate=routing_errors,
    expect=(Quantile("label_gain").at_least(GAIN),),
    controls=(BrokenWorld("half of the experts instead", cells=grid(2, ("structured",))),),
    block=16,
    cap=ByEffort(smoke=480, standard=960, full=1920),
)


def share(n: int, k: int) -> Fraction:
    """Share K/N of the teacher's output that an expert is compared with."""
    return Fraction(k, n)


def released_share(n: int, k: int) -> Fraction:
    """Inverse of the whole number N // K by which the released code multiplies."""
    return Fraction(1, n // k)


def expert_more(n: int, k: int) -> Fraction:
    """Share K/(N + 1), as of an expert more."""
    return Fraction(k, n + 1)


def label_algebra(cell: Cell, compared: Callable[[int, int], Fraction] = share) -> Values:
    """Expand the label's score and read off the coefficient of the expert's squared norm."""
    import sympy

    c = sympy.Rational(compared(cell.n, cell.k))
    own, others = sympy.symbols("own others", real=True)
    gap = theory.label_score(cell.n, c) - theory.label_expansion(cell.n, cell.k)
    point = {
        symbol.name: (f"{i + 1}/3",) for i, symbol in enumerate(sorted(gap.free_symbols, key=str))
    }
    score = sympy.expand((own - c * (own + others)) ** 2 - c**2 * (own + others) ** 2)
    return {
        "expansion": vanishes(gap, **point),
        "norm_coefficient": float(score.coeff(own, 2)),
    }


LABEL_ALGEBRA = Claim(
    id="factor_llm.label-ignores-norm-at-half",
    title="With half of the experts active, the label's score ignores the norm",
    source="teacher_stu_loss in new_model_KD.py, expanded",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The pseudo-label's score holds the expert's squared norm with the factor 1 - 2K/N: "
    "small experts are preferred below $K = N/2$, and the norm drops out at $K = N/2$.",
    formula="norm(e_i - K/N t)^2 = K^2/N^2 norm(t)^2 + (1 - (2K)/N) norm(e_i)^2 "
    "- (2K)/N sum_(j != i) e_i dot e_j",
    scope=Scope.AS_STATED,
    does_not_show="What a router trained on such labels learns; the label as the paper prints it.",
    cells=Cells(n=(4,), k=(1, 2, 3)),
    compute=label_algebra,
    expect=(
        Symbolic("expansion").holds(),
        Exact("norm_coefficient").equals(lambda c: theory.label_norm_coefficient(c.n, c.k), 1e-12),
        Exact("norm_coefficient", k=2).equals(0.0),
    ),
    controls=(
        BrokenWorld(
            "the whole number N // K for $N/K$, as in the released code",
            change={"compared": released_share},
            at={"k": 3},
        ),
        BrokenWorld("the share of an expert more", change={"compared": expert_more}, at={"k": 2}),
    ),
)
