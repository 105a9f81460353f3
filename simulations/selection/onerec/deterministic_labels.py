"""Whether certain best-versus-worst labels let the margin grow for ever (pairs by reward model)."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.simulations.selection.onerec._descent import (
    LATE,
    best_worst,
    best_worst_problem,
    certain,
    late_margins,
)
from refutable.solvers.preference import PairwiseProblem, descent_margins

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
    Origin,
    Scope,
)

TENFOLD = float(np.log(10))
"""Growth over a tenfold number of steps of what grows like the logarithm of the steps."""


def by_chance(weights: FloatArray, reward: FloatArray) -> PairwiseProblem:
    """Label the same pairs by Bradley-Terry."""
    return PairwiseProblem(weights, scipy.special.expit(reward[:, :, None] - reward[:, None, :]))


def decades(cell: Cell) -> tuple[int, ...]:
    """Step counts 100, 1000, ... up to the cell's largest."""
    return tuple(10**e for e in range(2, cell.decades + 1))


def growth(cell: Cell, margins: FloatArray) -> Columns:
    """Least growth of the margin over a tenfold number of steps, and the margins themselves."""
    at = {f"margin_{steps}": m for steps, m in zip(decades(cell), margins.T, strict=True)}
    return {"least_growth": np.diff(margins, axis=1).min(axis=1), "last": margins[:, -1], **at}


def deterministic_labels(
    cell: Cell, rng: np.random.Generator, size: int, late: tuple[int, int] = LATE
) -> Columns:
    """Descend on certain labels and, on pairs of two draws, to the end on Bradley-Terry labels."""
    reward, start, weights = best_worst_problem(cell, rng, size)
    margins = late_margins(by_chance(best_worst(start, 2), reward), late=late)
    return {
        **growth(cell, descent_margins(certain(weights), decades(cell))),
        "chance_growth": margins[:, 1] - margins[:, 0],
        "chance_gap": margins[:, 1] - np.ptp(reward, axis=1),
    }


def chance_labels(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Descend as on certain labels, but on Bradley-Terry ones."""
    reward, _, weights = best_worst_problem(cell, rng, size)
    return growth(cell, descent_margins(by_chance(weights, reward), decades(cell)))


def next_token_early(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Descend as on certain labels alone, but with a next-token loss beside them."""
    _, start, weights = best_worst_problem(cell, rng, size)
    problem, likelihood = certain(weights), cell.weight * start
    return growth(cell, descent_margins(problem, decades(cell), 1.0, np.log(start), likelihood))


DIVERGENCE = Claim(
    id="onerec.deterministic-label-divergence",
    title="With certain labels the preference loss has no finite minimiser",
    source="Preference pairs by the reward model's best and worst response; derived",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement="With deterministic best-versus-worst labels the DPO loss has no finite minimiser: "
    "the largest log-ratio margin keeps growing, at least like the logarithm of the steps. With "
    "Bradley-Terry labels it stops, at the range of the rewards.",
    formula="max theta - min theta -> infinity, quad "
    '"Bradley-Terry:" max theta - min theta -> max r - min r',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="How far the authors' training, with 1 % of the samples and a next-token loss, "
    "goes along this path. Bradley-Terry labels are followed on pairs of two draws, with steps of "
    "1 over the largest curvature.",
    assumptions=("tabular policy", "gradient descent with step 1, $beta = 1$"),
    cells=ByEffort(
        smoke=Cells(responses=(8,), draws=(2,), decades=(4,)),
        standard=Cells(responses=(12,), draws=(2, 8), decades=(5,)),
        full=Cells(responses=(12, 50), draws=(2, 8), decades=(5,)),
    ),
    simulate=deterministic_labels,
    expect=(
        Exact("least_growth").at_least(TENFOLD),
        Exact("chance_growth").within(-1e-6, 1e-6),
        Exact("chance_gap").within(-1e-6, 1e-6),
        *(Exact(f"margin_{steps}").shown() for steps in (100, 1000, 10_000)),
        Exact("last").shown(),
    ),
    controls=(
        FalseTheory(
            "every margin of neighbours in rank grows so from the start",
            Exact("least_growth").at_least(lambda c: (c.responses - 1) * TENFOLD),
        ),
        BrokenWorld(
            "Bradley-Terry labels, the same steps",
            simulate=chance_labels,
            cells=Cells(responses=(8,), draws=(2,), decades=(4,)),
            judged_by="least_growth",
        ),
        BrokenWorld(
            "a next-token loss beside it, the same steps",
            simulate=next_token_early,
            cells=Cells(responses=(8,), draws=(2,), decades=(4,), weight=(1.0,)),
            judged_by="least_growth",
        ),
        BrokenWorld(
            "Bradley-Terry labels after a hundred and a thousand steps",
            change={"late": (100, 1000)},
            judged_by=("chance_growth", "chance_gap"),
        ),
    ),
    notes=(
        "With Bradley-Terry labels and step 1 the margin may still grow by 0.2 between $10^3$ and "
        "$10^4$ steps, and best-of-eight pairs are so unevenly curved that some need several "
        "$10^5$.",
    ),
    block=10,
    cap=20,
)
