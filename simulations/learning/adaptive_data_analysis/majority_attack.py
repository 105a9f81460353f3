"""Whether the majority attack succeeds as predicted, against exact and against noisy answers.

Dwork, Feldman, Hardt, Pitassi, Reingold and Roth (STOC 2015), with the folklore majority attack as
the adaptive analyst; its success is derived here.
"""

from __future__ import annotations

from numpy.random import Generator
from refutable.solvers.adaptive_queries import (
    ExactAnswers,
    GaussianAnswers,
    MajorityAttack,
    Mechanism,
    SplitAnswers,
    interact,
)
from refutable.theory.learning import adaptive_data_analysis as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Mean,
    Onset,
    Origin,
    Scope,
    Values,
)


def _attack(
    cell: Cell, rng: Generator, size: int, mechanism: Mechanism, adaptive: bool = True
) -> Columns:
    attack = MajorityAttack(rng, size, cell.n, cell.k, adaptive=adaptive)
    interact(attack, mechanism)
    return {"final": attack.final_mean}


def exact_answers(
    cell: Cell, rng: Generator, size: int, adaptive: bool = True, noise: float = 0.0
) -> Columns:
    """Let the analyst ask k queries and hear exact empirical means.

    Parameters
    ----------
    adaptive : bool
        Whether the signs of the last query follow the answers; they are random otherwise.
    noise : float
        Standard deviation of Gaussian noise on the answers.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``final``: the empirical mean of the last query, whose truth is 1/2.
    """
    mechanism = GaussianAnswers(noise, rng) if noise else ExactAnswers()
    return _attack(cell, rng, size, mechanism, adaptive)


def noisy_answers(cell: Cell, rng: Generator, size: int, share: float = 1.0) -> Columns:
    """`exact_answers` with Gaussian noise of ``share * cell.s`` on the answers."""
    return _attack(cell, rng, size, GaussianAnswers(share * cell.s, rng))


def fresh_samples(cell: Cell, rng: Generator, size: int) -> Columns:
    """Answer the last query, ``final``, from the last part of a split sample."""
    attack = MajorityAttack(rng, size, cell.n, cell.k)
    return {"final": interact(attack, SplitAnswers(cell.k + 1)).answers[:, -1]}


def _games(n: int, *ratios: float) -> Cells:
    """Cells with k/n near the given ratios and k odd."""
    return Cells.of(*({"n": n, "k": round(r * n) | 1} for r in ratios))


def _exact_final(cell: Cell) -> float:
    return theory.final_mean_exact(cell.n, cell.k)


def _most_variance(cell: Cell) -> float:
    return theory.final_variance_at_most(cell.n)


WRONG_BY = 0.1
"""Of the last answer, in what is asked of the claims: from which n on is it less?"""

WITHSTOOD = Mean("final", variance_at_most=_most_variance).at_most(0.5 + WRONG_BY)


NAIVE = Claim(
    id="adaptive_data_analysis.naive-answers-fail",
    title="Exact answers fail an adaptive last query after about n queries",
    source="Introduction: empirical answers fail after a number of queries linear in n",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="With exact empirical answers the adaptive last query, whose truth is 1/2, is wrong "
    "by a constant once the number k of queries is a constant fraction of n.",
    formula='EE[EE_S phi^*] = PP["Bin"(k, (1 + a)/2) > k/2] -> Phi(sqrt((2 k)/(pi n)))',
    scope=Scope.AS_STATED,
    does_not_show="One attack shows that exact answers can fail, not that every analysis fails.",
    assumptions=("features and label independent fair signs", "k odd"),
    cells=ByEffort(
        smoke=_games(200, 0.1, 1) + _games(1000, 0.5),
        standard=_games(200, 0.1, 0.5, 1, 2) + _games(1000, 0.1, 0.5, 1, 2),
        full=_games(200, 0.1, 0.5, 1, 2) + _games(1000, 0.1, 0.5, 1, 2) + _games(4000, 0.1, 1, 2),
    ),
    simulate=exact_answers,
    expect=(Mean("final", variance_at_most=_most_variance).near(_exact_final, 0.01),),
    controls=(
        BrokenWorld(
            "random signs in the last query",
            change={"adaptive": False},
            at={"n": 200, "k": 201},
        ),
        BrokenWorld(
            "a fresh part of the sample for each query",
            simulate=fresh_samples,
            at={"n": 200, "k": 21},
            # a mean over a part of the sample scatters more than one over the whole of it
            expect=(Mean("final", bounds=(0, 1)).near(_exact_final, 0.01),),
        ),
        BrokenWorld(
            "a little noise on the answers",
            change={"noise": 0.02},
            at={"n": 200, "k": 201},
        ),
    ),
    block=64,
    cap=ByEffort(smoke=2000, standard=4000, full=4000),
    onset=Onset(
        along="n",
        between=(200, 5000),
        holds=WITHSTOOD,
        at={"k": 101},
        tolerance=0.05,
        predicted=lambda: theory.points_until_safe(101, WRONG_BY),
    ),
    figure=Axis(x="k", label="queries k", curve=True),
)


def limit_against_exact(cell: Cell) -> Values:
    """Difference of the limit formula from the exact expectation, and of a wrong one."""
    exact = theory.final_mean_exact(cell.n, cell.k, cell.s)
    return {
        "limit": abs(theory.final_mean_limit(cell.n, cell.k, cell.s) - exact),
        "without_noise": abs(theory.final_mean_limit(cell.n, cell.k) - exact),
    }


LIMIT = Claim(
    id="adaptive_data_analysis.limit-is-close",
    title="The closed form of the attack's success is nearly exact",
    source="Derived: central limit of the votes",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="The closed form of the attack's success, with and without noise, is within 0.001 of "
    "the exact binomial expectation from $n = 1000$ on.",
    formula="abs(Phi(sqrt(2 k/pi)/(n sqrt(1/n + 4 s^2))) - EE[EE_S phi^*]) <= 0.001",
    scope=Scope.ARITHMETIC,
    does_not_show="Nothing about a mechanism: two formulas for one quantity are compared.",
    cells=Cells.of(
        *({"n": 1000, "k": k, "s": s} for k in (101, 501, 1001, 2001) for s in (0.0, 0.05, 0.1)),
        *({"n": 4000, "k": k, "s": 0.0} for k in (401, 4001)),
    ),
    compute=limit_against_exact,
    expect=(Exact("limit").at_most(0.001),),
    controls=(
        FalseTheory(
            "the same without the noise in the formula", Exact("without_noise").at_most(0.001)
        ),
        BrokenWorld("a hundred points", cells=Cells.of({"n": 100, "k": 11, "s": 0.0})),
    ),
)


NOISY = Claim(
    id="adaptive_data_analysis.noise-slows-the-attack",
    title="Noise on the answers slows the attack as a closed form says",
    source="Theorem 2 (informal), mechanism: noise of a size that does not depend on n",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="Gaussian noise s on the answers lowers the bias of the adaptive last query to a "
    "closed form: 0.10 in place of 0.29 at $n = 1000$, $k = 1001$, $s = 0.05$.",
    formula="EE[EE_S phi^*] -> Phi(sqrt(2 k/pi)/(n sqrt(1/n + 4 s^2)))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Theorem 2 uses Laplace noise and bounds every analyst; this is one attack. The "
    "noise on the last answer itself is left out.",
    assumptions=("noise independent between queries",),
    cells=ByEffort(
        smoke=Cells.of({"n": 400, "s": 0.05, "k": 801}),
        standard=Cells.of(
            {"n": 1000, "s": 0.05, "k": 1001},
            {"n": 1000, "s": 0.05, "k": 4001},
            {"n": 400, "s": 0.1, "k": 4001},
        ),
        full=Cells.of(
            {"n": 1000, "s": 0.05, "k": 1001},
            {"n": 1000, "s": 0.05, "k": 4001},
            {"n": 1000, "s": 0.1, "k": 10_001},
        ),
    ),
    simulate=noisy_answers,
    expect=(
        Mean("final", variance_at_most=_most_variance).near(
            lambda cell: theory.final_mean_exact(cell.n, cell.k, cell.s), 0.01
        ),
    ),
    controls=(
        BrokenWorld("a fifth less noise", change={"share": 0.8}),
        BrokenWorld("exact answers", simulate=exact_answers),
    ),
    block=32,
    cap=ByEffort(smoke=2000, standard=2000, full=2000),
    onset=Onset(
        along="n",
        between=(200, 5000),
        holds=WITHSTOOD,
        at={"k": 801, "s": 0.05},
        tolerance=0.05,
        predicted=lambda: theory.points_until_safe(801, WRONG_BY, 0.05),
    ),
)
