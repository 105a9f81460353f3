"""Whether printed accuracies can be counts of the 1319 tasks of GSM8K, and what the text quotes."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import numpy as np
from refutable.solvers.accounting import counts_that_print, is_count_over
from refutable.theory.experts import scmoe as theory

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
    Printed,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

TASKS = theory.GSM8K_TASKS
Rule = Literal["rounded", "truncated"]
FOURTEEN = tuple(dict.fromkeys((*theory.PRINTED.values(), *theory.ENSEMBLES)))


def counts(cell: Cell, tasks: int = TASKS, rule: Rule = "rounded") -> Values:
    """Count the numbers of solved tasks that print as the cell's entry."""
    first, last = counts_that_print(cell.printed, tasks, rule=rule)
    return {"counts": max(0, int(last) - int(first) + 1)}


def entries(*printed: str) -> Cells:
    """Return a cell for each printed accuracy."""
    return Cells(printed=printed)


_COUNT = 'k = "round"(1319 dot "printed" \\/ 100)'
_ONE_RULE = (
    "How the figures came about. By chance, 13 % of two-decimal figures are counts of 1319; the "
    "test sets of the release have 1319, 500, 164 and 2286 tasks."
)

SINGLES = Claim(
    id="scmoe.accuracies-are-counts",
    title="Fourteen printed accuracies are whole numbers of the 1319 tasks",
    source="Tables and text: GSM8K accuracies of Mixtral 8x7B",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="Greedy decoding, SCMoE, self-consistency, the ensembles of one to eight experts "
    "and three other settings have printed GSM8K accuracies that are k / 1319, rounded to two "
    "decimals, for one k each: 61.79 is 815, 66.94 is 883, 75.59 is 997.",
    formula=_COUNT,
    scope=Scope.ARITHMETIC,
    does_not_show=_ONE_RULE,
    cells=entries(*FOURTEEN),
    compute=counts,
    expect=(Exact("counts").equals(1),),
    controls=(
        BrokenWorld("62.00 and 67.00 in place of what is printed", cells=entries("62.00", "67.00")),
        BrokenWorld("one task more", change={"tasks": TASKS + 1}),
        BrokenWorld("truncated in place of rounded", change={"rule": "truncated"}),
    ),
)

COMBINED = Claim(
    id="scmoe.combined-accuracy-is-a-count",
    title="The accuracy of contrast with self-consistency is a whole number of the 1319 tasks",
    source="Abstract: major@20 accuracy from 75.59 to 78.31",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="78.31, printed as GSM8K accuracy of SCMoE with self-consistency over 20 samples, is "
    "some k / 1319 rounded to two decimals, as the other accuracies are.",
    formula=_COUNT,
    scope=Scope.ARITHMETIC,
    does_not_show="That the figure is wrong: see combined-accuracy-nearest for what prints it.",
    cells=entries(theory.COMBINED),
    compute=counts,
    expect=(Exact("counts").equals(1),),
    controls=(
        BrokenWorld("the figure one lower in the last digit", cells=entries("78.30")),
        BrokenWorld("one task more", change={"tasks": TASKS + 1}),
    ),
    positive=(
        MendedWorld("the figure one higher in the last digit", cells=entries("78.32")),
        MendedWorld("cut off in place of rounded", change={"rule": "truncated"}),
    ),
    expected=Verdict.REFUTED,
    why="1033 of 1319 is 78.317 and prints as 78.32, 1032 is 78.241 and prints as 78.24; 78.31 "
    "lies between. Found by exact arithmetic on the figure in the abstract; the number of tasks "
    "is that of the released test set. Cut off after two decimals, 1033 would print 78.31, but "
    "75.59 beside it is rounded. The figure comes from sampling, so a mean over several samplings "
    "may be meant; the paper does not say so, as far as it was read.",
)


def nearest(cell: Cell, tasks: int = TASKS) -> Values:
    """Count what prints so, and the fewest runs whose mean does."""
    runs = np.arange(1, 101)
    possible = runs[is_count_over(theory.COMBINED, runs * tasks)]
    return {**counts(cell, tasks, cell.rule), "fewest_runs": int(possible[0])}


ROUNDED = ({"printed": "78.32", "rule": "rounded"}, {"printed": "78.24", "rule": "rounded"})
CUT = {"printed": theory.COMBINED, "rule": "truncated"}
CUT_OTHERS = tuple(
    {"printed": theory.PRINTED[name], "rule": "truncated"}
    for name in ("greedy", "self-consistency maj@20")
)
CUT_ONE_LOWER = tuple(
    {**cell, "printed": p} for cell, p in zip(CUT_OTHERS, ("61.78", "75.58"), strict=True)
)

NEAREST = Claim(
    id="scmoe.combined-accuracy-nearest",
    title="The nearest counts print as 78.32 and 78.24, and no one rule prints all figures",
    source="Abstract: 61.79, 75.59 and 78.31; derived",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="The counts next to 78.31 print as 78.32 and 78.24. Cutting off would give 78.31, "
    "but neither 61.79 nor 75.59; a mean over runs needs seven runs at least to print 78.31.",
    formula='1033 \\/ 1319 = 0.78317, quad 1032 \\/ 1319 = 0.78241, quad "runs" >= 7',
    scope=Scope.ARITHMETIC,
    does_not_show="Which of these happened, if any.",
    cells=Cells.of(*ROUNDED, CUT, *CUT_OTHERS),
    compute=nearest,
    expect=(
        Exact("counts", printed=("78.32", "78.24", theory.COMBINED)).equals(1),
        Exact("counts", printed=tuple(c["printed"] for c in CUT_OTHERS)).equals(0),
        Exact("fewest_runs").equals(7),
    ),
    controls=(
        BrokenWorld("one task fewer", change={"tasks": TASKS - 1}),
        BrokenWorld(
            "the figures one lower in the last digit",
            cells=Cells.of(*CUT_ONE_LOWER),
            expect=(Exact("counts").equals(0),),
        ),
    ),
)

QUOTED = Claim(
    id="scmoe.quoted-run-is-a-count",
    title="The accuracy of a single run quoted in the text is a whole number of tasks",
    source="Text beside the results: 67.94 for a run that the table gives as 67.02",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="67.94, quoted in the text as GSM8K accuracy of a single run, is some k / 1319 "
    "rounded to two decimals.",
    formula=_COUNT,
    scope=Scope.ARITHMETIC,
    does_not_show="Which of text and table is meant.",
    cells=entries(theory.QUOTED_RUN),
    compute=counts,
    expect=(Exact("counts").equals(1),),
    controls=(
        BrokenWorld("the figure one higher in the last digit", cells=entries("67.95")),
        BrokenWorld("cut off in place of rounded", change={"rule": "truncated"}),
    ),
    positive=(MendedWorld("the table's entry, 67.02", cells=entries("67.02")),),
    expected=Verdict.REFUTED,
    why="896 of 1319 is 67.930 and 897 is 68.006, so 67.94 is no rounded count. The table's entry "
    "for the same run, 67.02, is one (884, claim accuracies-are-counts). Found by exact "
    "arithmetic; that text and table differ was seen in the full text.",
)


def gain(cell: Cell) -> Values:
    """Difference of two printed accuracies in points, exact."""
    after, before = (Fraction(theory.PRINTED[name]) for name in (cell.after, cell.before))
    return {"points": after - before}


HEADLINE = Cells(after=("SCMoE",), before=("greedy",))
IDEAL = Cells(after=("ideal strong activation",), before=("greedy",))

QUOTED_GAIN = Claim(
    id="scmoe.quoted-gain",
    title="The gain quoted in the text is the difference of the printed accuracies",
    source="Text: a gain of 5.10 on GSM8K; abstract: from 61.79 to 66.94",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="SCMoE gains 5.10 points over greedy decoding on GSM8K.",
    formula="66.94 - 61.79 = 5.10",
    scope=Scope.ARITHMETIC,
    does_not_show="Anything about the gain itself: the difference is a twentieth of a point.",
    cells=HEADLINE,
    compute=gain,
    expect=(Printed("points").prints(theory.QUOTED_GAIN),),
    controls=(
        FalseTheory("5.20, a twentieth the other way", Printed("points").prints("5.20")),
        BrokenWorld("the best strong routing in place of SCMoE's", cells=IDEAL),
    ),
    positive=(RightTheory("5.15", Printed("points").prints("5.15")),),
    expected=Verdict.REFUTED,
    why="66.94 - 61.79 is 5.15, and at most 0.01 off where both are rounded ($883 - 815 = 68$ "
    "tasks are 5.155 points); 5.10 seems to be a slip, or 5.1 with a digit added. Found by "
    "subtraction; the figure was seen in the full text. The right value is tried in "
    "gain-of-the-abstract.",
)

GAIN = Claim(
    id="scmoe.gain-of-the-abstract",
    title="The accuracies in the abstract differ by 5.15 points, or 68 tasks",
    source="Abstract: from 61.79 to 66.94 on GSM8K",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="SCMoE's GSM8K accuracy exceeds that of greedy decoding by 5.15 points.",
    formula="66.94 - 61.79 = 5.15",
    scope=Scope.ARITHMETIC,
    does_not_show="That the gain is not chance: see greedy-gain-significant.",
    cells=HEADLINE,
    compute=gain,
    expect=(Printed("points").prints("5.15"),),
    controls=(
        FalseTheory("5.10, as the text has it", Printed("points").prints(theory.QUOTED_GAIN)),
        BrokenWorld("the best strong routing in place of SCMoE's", cells=IDEAL),
    ),
)
