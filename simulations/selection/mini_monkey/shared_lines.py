"""Whether the released choice of the second grid keeps the two from sharing a cut line.

dynamic_preprocess2 in demo.py, beside no rule and two stricter ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.selection.mini_monkey._grids import every_pair
from refutable.solvers.tile_grids import candidate_grids, closest_grids
from refutable.theory.selection import mini_monkey as theory
from refutable.theory.selection.mini_monkey import Grid

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
    MendedWorld,
    Origin,
    Probability,
    Scope,
    Values,
    Verdict,
)

Ints = NDArray[np.int64]
Rule = Callable[[Grid, Grid], bool]


def lines(parts: int) -> set[Fraction]:
    """Inner cut lines of one axis, exactly."""
    return {Fraction(i, parts) for i in range(1, parts)}


def both_divide(detailed: Grid, adaptive: Grid) -> bool:
    """Whether both dimensions divide those of the detailed grid: what the release looks at."""
    return not theory.released_rule(detailed, adaptive)


def shared_lines(cell: Cell, criterion: Rule = theory.share_a_line) -> Values:
    """Compare common cut lines of all pairs of grids, listed exactly, with a criterion."""
    del cell
    pairs = every_pair()
    common = [bool(lines(a[0]) & lines(b[0]) or lines(a[1]) & lines(b[1])) for a, b in pairs]
    told = [criterion(a, b) for a, b in pairs]
    return {
        "pairs": len(pairs),
        "mismatches": sum(x != y for x, y in zip(common, told, strict=True)),
    }


SHARED = Claim(
    id="mini_monkey.shared-line-iff-common-factor",
    title="Two grids share a cut line exactly when a factor is common",
    source="dynamic_preprocess2 in demo.py; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Two grids share a cut line iff their numbers of columns, or of rows, have a common "
    "factor.",
    formula='"shared" <==> gcd(m_1, m_2) > 1 or gcd(k_1, k_2) > 1',
    scope=Scope.AS_STATED,
    does_not_show="How often such pairs occur (claim rules-compared).",
    compute=shared_lines,
    expect=(Exact("pairs").equals(390), Exact("mismatches").equals(0)),
    controls=(
        BrokenWorld(
            "iff both dimensions divide those of the detailed grid",
            change={"criterion": both_divide},
            judged_by="mismatches",
        ),
    ),
    untouched_because="The number of pairs is a count of the list that was gone through, not a "
    "statement that a control could break.",
)

RULES: Mapping[str, Rule] = {
    "released": theory.released_rule,
    "none": lambda detailed, adaptive: True,
    "neither-divides": theory.neither_divides_rule,
    "coprime": theory.coprime_rule,
}


def coprime_columns(detailed: Grid, adaptive: Grid) -> bool:
    """Whether the columns of the two grids are coprime, whatever the rows."""
    return gcd(detailed[0], adaptive[0]) == 1


def table(detailed: Ints, adaptive: Ints, rule: Rule) -> NDArray[np.bool_]:
    """Evaluate a relation on all pairs: (detailed, adaptive) -> bool matrix."""
    return np.array([[rule(tuple(a), tuple(b)) for b in adaptive] for a in detailed])


def chosen_grids(
    cell: Cell, rng: np.random.Generator, size: int, rules: Mapping[str, Rule] = RULES
) -> Columns:
    """Choose both grids for random images by a rule; see whether they share a line."""
    width, height = np.exp(rng.uniform(np.log(200), np.log(3000), (2, size)))
    width, height = np.round(width), np.round(height)
    detailed, adaptive = (candidate_grids(*span) for span in (theory.DETAILED, theory.ADAPTIVE))
    first = closest_grids(width, height, detailed)
    allowed = table(detailed, adaptive, rules[cell.rule])[first]
    second = closest_grids(width, height, adaptive, allowed)
    shared = table(detailed, adaptive, theory.share_a_line)[first, second]
    return {"shares_a_line": shared & (second >= 0), "no_candidate": second < 0}


GUARANTEE = Claim(
    id="mini_monkey.complementarity-rule",
    title="The released rule keeps two grids from cutting at the same place",
    source="dynamic_preprocess2 in demo.py, candidate filter",
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="The released rule for the adaptive grid, not an integer divisor of the detailed one "
    "in both dimensions, guarantees that the two grids do not cut at the same place.",
    formula='"lines"(G_1) inter "lines"(G_2) = emptyset',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Any loss of accuracy from shared lines; image sizes are log-uniform on "
    "200..3000, not those of a benchmark.",
    cells=Cells(rule=("released",)),
    simulate=chosen_grids,
    expect=(Probability("shares_a_line").at_most(0.01),),
    controls=(
        FalseTheory("a third of the images at most", Probability("shares_a_line").at_most(1 / 3)),
        BrokenWorld(
            "coprime columns, whatever the rows", change={"rules": {"released": coprime_columns}}
        ),
    ),
    positive=(MendedWorld("both dimensions coprime", cells=Cells(rule=("coprime",))),),
    notes=(
        "A maintainer's reply (issue 131 of the repository, 30 August 2024) says that the rule is "
        "there so that the same place is not cut in two layers; the README claims less. The "
        "paper's own text was not read.",
    ),
    block=1000,
    cap=ByEffort(smoke=10_000, standard=10_000, full=20_000),
    expected=Verdict.REFUTED,
    why="The released filter drops a candidate only if both its dimensions divide those of the "
    "detailed grid, e.g. it admits (2, 2) beside (4, 3), which share the line in the middle. Grids "
    "share a line iff columns or rows have a common factor; an object on a shared line is cut at "
    "both scales. Found by listing all 390 pairs and by choosing grids for random images: about "
    "42 % of them share a line (67 % without any rule). Requiring both dimensions to be coprime "
    "removes all shared lines and always leaves a candidate. The code was read at commit 498e1d9, "
    "not run; the rule still lowers the share by a third.",
)

COMPARED = Claim(
    id="mini_monkey.rules-compared",
    title="Only coprime grids share no line and can always be found",
    source="dynamic_preprocess2 in demo.py, and three other filters",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="About 42 % of images share a line by the released rule and 67 % without; requiring "
    "that neither dimension divides leaves over 30 % without a candidate; coprime dimensions never "
    "share a line and always have a candidate.",
    formula='PP("shared line") approx 0.42 "(released)", 0.67 "(none)", 0 "(coprime)"',
    scope=Scope.AS_STATED,
    does_not_show="Image sizes of a benchmark: they are log-uniform on 200..3000 here.",
    cells=Cells(rule=tuple(RULES)),
    simulate=chosen_grids,
    expect=(
        Probability("shares_a_line", rule="released").within(0.35, 0.49, predicted=0.42),
        Probability("shares_a_line", rule="none").within(0.6, 0.74, predicted=0.67),
        Exact("shares_a_line", rule=("neither-divides", "coprime")).equals(0),
        Probability("no_candidate", rule="neither-divides").within(0.29, 0.43, predicted=0.36),
        Exact("no_candidate", rule=("released", "none", "coprime")).equals(0),
    ),
    controls=(
        FalseTheory(
            "neither dimension dividing always leaves a candidate",
            Exact("no_candidate", rule="neither-divides").equals(0),
        ),
        FalseTheory(
            "without a candidate for a quarter if neither dimension divides",
            Probability("no_candidate", rule="neither-divides").within(0.2, 0.3),
        ),
        FalseTheory(
            "the released rule halves the share",
            Probability("shares_a_line", rule="released").within(0.3, 0.37),
        ),
        BrokenWorld(
            "coprime columns, whatever the rows",
            change={"rules": {**RULES, "coprime": coprime_columns}},
            at={"rule": "coprime"},
            judged_by="shares_a_line",
        ),
    ),
    block=1000,
    cap=ByEffort(smoke=10_000, standard=10_000, full=20_000),
)
