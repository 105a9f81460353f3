"""Whether private multiplicative weights answers more queries than there are points.

Dwork, Feldman, Hardt, Pitassi, Reingold and Roth (STOC 2015), Theorem 1 (informal), on a finite
universe whose population the analyst knows.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.adaptive_queries import (
    ExactAnswers,
    MultiplicativeWeights,
    UniverseAttack,
    interact,
)

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Mean,
    Onset,
    Origin,
    Probability,
    Quantile,
    Scope,
)

THRESHOLD, SCALE, RATE = 0.08, 0.005, 0.04
"""Tuned, not the theorem's; the claim's notes say what other values do."""

ACCURATE = 0.12
"""Largest error on any query that counts as accurate."""


LEAKING = 0.05
"""A threshold of 2.2 standard deviations of a sample mean: many of 3000 queries pass it."""

SMALL = Cells.of({"universe": 1024, "n": 500, "m": 3000})


def finite_universe(cell: Cell, rng: Generator, size: int, threshold: float = THRESHOLD) -> Columns:
    """Errors of private multiplicative weights and of exact answers on more queries than points.

    Parameters
    ----------
    threshold : float
        Disagreement above which a query touches the sample; at 0 every one does.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``accurate``: multiplicative weights errs at most 0.12 on every query; ``updates`` it
        made; ``last``: its error on the adaptive last query; ``naive_last``: that of exact
        answers.
    """
    population = np.exp(rng.standard_normal((size, cell.universe)))
    population /= population.sum(axis=1, keepdims=True)
    sample = rng.multinomial(cell.n, population) / cell.n
    private = MultiplicativeWeights(sample, threshold, SCALE, RATE, rng)
    played = interact(UniverseAttack(rng, population, cell.m), private)
    exact = interact(UniverseAttack(rng, population, cell.m), ExactAnswers(sample))
    return {
        "updates": private.updates.astype(float),
        "accurate": played.errors.max(axis=1) <= ACCURATE,
        "last": played.errors[:, -1],
        "naive_last": exact.errors[:, -1],
    }


MULTIPLICATIVE = Claim(
    id="adaptive_data_analysis.private-weights-answer-many",
    title="Private multiplicative weights answers more queries than points",
    source="Theorem 1 (informal), private multiplicative weights",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="Private multiplicative weights answers more queries than there are points, and the "
    "adaptive last one, within 0.12 (the last one typically within 0.06) and with few looks at the "
    "sample, where exact answers miss the last one by more than 0.3 on average.",
    formula="max_j abs(a_j - P[phi_j]) <= 0.12 < 0.3 < abs(E_S [phi^*] - P[phi^*])",
    scope=Scope.SCALED_DOWN,
    does_not_show="Threshold 0.08, noise 0.005 and learning rate 0.04 are tuned, not those of the "
    "theorem, and no privacy is accounted for.",
    notes=(
        "A threshold of 0.06 would already leak.",
        "With noise 0.01 the last query would still be answered well, but the largest of 8000 "
        "Laplace draws is about $0.01 log(8000) = 0.09$, above the threshold: a run makes 8 to 33 "
        "updates in place of 1 to 6, which pass that noise on as answers, and one run in six then "
        "errs by more than 0.12 somewhere.",
    ),
    assumptions=("finite universe", "the analyst knows the population"),
    cells=ByEffort(
        smoke=SMALL,
        standard=Cells.of({"universe": 4096, "n": 1000, "m": 8000}),
        full=Cells.of({"universe": 4096, "n": 1000, "m": 8000}),
    ),
    simulate=finite_universe,
    expect=(
        Probability("accurate").at_least(0.9),
        # truths and exact means of a query with values in [0, 1] lie there
        Mean("naive_last", bounds=(0, 1)).at_least(0.3),
        Quantile("last", 0.5).at_most(0.06),
        Quantile("updates", 0.9).at_most(lambda cell: 0.05 * cell.m),
    ),
    controls=(
        *(
            BrokenWorld(
                f"a threshold of {LEAKING}: {what}",
                change={"threshold": LEAKING},
                cells=SMALL,
                judged_by=outcome,
            )
            for outcome, what in (
                ("accurate", "every error"),
                ("last", "error of the last"),
                ("updates", "looks at the sample"),
            )
        ),
        BrokenWorld(
            "no more queries than points",
            cells=Cells.of({"universe": 1024, "n": 500, "m": 500}),
            judged_by="naive_last",
        ),
    ),
    block=8,
    cap=ByEffort(smoke=400, standard=600, full=600),
    onset=Onset(
        along="n",
        between=(100, 1000),
        holds=Probability("accurate").at_least(0.9),
        at={"universe": 1024, "m": 3000},
        tolerance=0.3,
        budget=12_000,
        block=64,
    ),
)
