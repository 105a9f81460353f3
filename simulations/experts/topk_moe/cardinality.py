"""Whether keeping fewer experts than the Voronoi cells hold keeps the density from the truth.

Proposition 1 (recalled; its exact wording could not be read).
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts.topk_moe._densities import density_change
from refutable.theory.experts import topk_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    MendedWorld,
    Origin,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

EPS = 1e-6
JUST_SELECTED = 1.001
"""Slope of a third expert beside those of slopes -1 and 1: from 1 on it is selected for x > 0."""
FACTS = ("dead expert", "clones apart in rank", "top expert cloned", "top clones, one more kept")


def append(truth: Atoms, b0: float, b1: float, a: float, c: float, v: float) -> Atoms:
    """Return the truth with one more expert."""
    old = (truth.b0, truth.b1, truth.a, truth.c, truth.v)
    return Atoms(*(np.append(o, new) for o, new in zip(old, (b0, b1, a, c, v), strict=True)))


def _fact(
    case: str, awake: bool = False, middle: bool = False
) -> tuple[Atoms, int, Atoms, int, list[int]]:
    """Return truth, K, the over-fitted G, Kbar and the sizes of its Voronoi cells."""
    base = theory.BASE_TRUTH
    if case == "dead expert":
        slope = JUST_SELECTED if awake else 0.0
        return theory.TWO_TRUTH, 1, append(theory.TWO_TRUTH, 0.7, slope, 9, -7, 2), 1, [1, 2]
    if case == "clones apart in rank" or middle:
        return base, 2, theory.clone(base, 2, EPS, 0.0), 2, [1, 1, 2]
    kept = 2 if case == "top expert cloned" else 3
    return base, 2, theory.clone(base, 1, EPS, -np.log(2)), kept, [1, 2, 1]


def cardinality(cell: Cell, middle: bool = False) -> Values:
    """Density change of a hand-made G, with Kbar and the recalled threshold.

    With `middle` the expert that is always the second best is cloned, whatever the case.
    """
    truth, k, other, k_bar, cells = _fact(str(cell.case), middle=middle)
    return {
        "change": density_change(truth, k, other, k_bar),
        "kept": k_bar,
        "needed": theory.needed_experts(cells, k),
    }


def awake(cell: Cell) -> Values:
    """Give the dead expert a slope beyond the others, so that it is selected."""
    truth, k, other, k_bar, _ = _fact(str(cell.case), awake=True)
    return {"change": density_change(truth, k, other, k_bar)}


KBAR_FACTS = Claim(
    id="topk_moe.topk-kbar-facts",
    title="Keeping too few experts harms only where clones meet at the top",
    source="Derived, around Proposition 1 (recalled)",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "Keeping too few experts does no harm if the surplus ones are never selected or take "
        "turns; it does when the top expert is cloned, and keeping one more does not mend that."
    ),
    formula='overline(K) < max_("subsets") sum_j abs(C_(l_j)) quad "yet" quad p_G = p_(G^*)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Proposition 1 in its exact wording, which could not be read: undecided here.",
    cells=Cells(case=FACTS),
    compute=cardinality,
    expect=(
        Exact("change", case=FACTS[0]).equals(0),
        Exact("change", case=FACTS[1]).at_most(1e-5),
        Exact("change", case=FACTS[2]).at_least(0.1),
        Exact("change", case=FACTS[3]).at_least(0.1),
    ),
    controls=(
        BrokenWorld(
            "not the top expert is cloned, but the second best",
            change={"middle": True},
            at={"case": FACTS[2]},
        ),
        BrokenWorld(
            "the dead expert is selected",
            compute=awake,
            at={"case": FACTS[0]},
        ),
    ),
)

KBAR = Claim(
    id="topk_moe.topk-kbar-condition",
    title="Keeping too few experts always bars the density from the truth",
    source="Proposition 1, as recalled: necessary for every over-fitted G",
    origin=Origin.GUARD,
    basis=Basis.RECALLED,
    statement=(
        "If fewer experts are kept than the largest total size of K Voronoi cells, the density "
        "stays away from the truth."
    ),
    formula="overline(K) < max sum_j abs(C_(l_j)) => inf_G h(p_G, p_(G^*)) > 0",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "The exact proposition could not be read. It may restrict G so that the counterexamples "
        "do not count; what is refuted is the universal reading."
    ),
    notes=(
        "By the abstract the number kept has to exceed the total size of some Voronoi cells; as "
        "recalled, it has to reach it. Read strictly the two differ by one expert.",
    ),
    cells=Cells(case=FACTS[:3]),
    compute=cardinality,
    expect=(Exact("change").at_least(0.1),),
    controls=(
        FalseTheory("a change of at most a half", Exact("change", case=FACTS[2]).at_most(0.5)),
    ),
    positive=(
        MendedWorld(
            "the new expert is selected somewhere", compute=awake, cells=Cells(case=FACTS[:1])
        ),
        RightTheory("the best expert cloned", Exact("change", case=FACTS[2]).at_least(0.1)),
    ),
    expected=Verdict.REFUTED,
    why=(
        "A dead expert (never selected) changes nothing although its cell has two atoms, and "
        "clones that take turns in the ranking change the density by less than 1e-5."
    ),
)
