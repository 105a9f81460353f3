"""Whether the simulation gives the mean absolute gaps plotted in Figures 1a, 1b and 1c."""

from __future__ import annotations

from refutable.simulations.learning.generative_augmentation._setting import (
    GAUSSIAN,
    exact_gap,
    excess_variance,
    plotted_gap,
    plotted_variance,
)
from refutable.theory.learning import generative_augmentation as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    FalseTheory,
    Mean,
    Origin,
    RightTheory,
    Scope,
    Verdict,
)


def _figure_value(cell: Cell) -> float:
    if cell.d == 1:
        return theory.FIGURE_1A[cell.m, cell.gamma]
    return {50: theory.FIGURE_1C, 100: theory.FIGURE_1B_D100}[cell.d][cell.gamma]


def _figure_margin(cell: Cell) -> float:
    return max(0.05 * _figure_value(cell), 0.35)


ABSOLUTE_GAP = Mean("absolute_gap", variance_at_most=plotted_variance)


FIGURE_1 = Claim(
    id="generative_augmentation.figure-1",
    title="A fresh run gives the gaps plotted for 50 and 100 dimensions",
    source="Figures 1b (d=100) and 1c (d=50), m=10",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The mean absolute gap of the simulation is the one plotted, and is within 2 % what "
    "the characteristic function of the gap gives, in closed form but for one integral.",
    formula='E|"gap"| = 2/pi integral_0^oo (1 - "Re" EE e^(i u "gap"))/u^2 dif u',
    scope=Scope.AS_STATED,
    does_not_show="The plotted values are read off a figure (2 %) and stem from few runs, hence "
    "the wide margin of 0.35.",
    assumptions=GAUSSIAN,
    notes=(
        "The plotted values scatter by up to 0.25 around the exact ones.",
        "The characteristic function is ours; of the figures the notebook that draws them was "
        "read.",
        "A normal gap of the same mean and variance would have a mean up to 1 % lower.",
    ),
    cells=ByEffort(
        smoke=Cells(d=(50, 100), m=(10,), gamma=(0, 2, 50)),
        standard=Cells(d=(50, 100), m=(10,), gamma=(0, 1, 2, 5, 10, 20, 50)),
        full=Cells(d=(50, 100), m=(10,), gamma=(0, 1, 2, 5, 10, 20, 50))
        + Cells(d=(50,), m=(10,), gamma=(100,)),
    ),
    simulate=plotted_gap,
    expect=(
        ABSOLUTE_GAP.near(_figure_value, _figure_margin),
        ABSOLUTE_GAP.near(exact_gap, lambda cell: 0.02 * exact_gap(cell)),
    ),
    controls=(
        BrokenWorld("two more training points", change={"more": 2}, at={"gamma": 0}),
        FalseTheory(
            "the test risk in place of the gap",
            Mean("excess_test_loss", variance_at_most=excess_variance, gamma=0).near(
                _figure_value, _figure_margin
            ),
        ),
    ),
    block=60,
    cap=ByEffort(smoke=3000, standard=6000, full=12_000),
    figure=Axis(x="gamma", label="augmentation ratio γ"),
)


FIGURE_1A = Claim(
    id="generative_augmentation.figure-1a",
    title="The gaps plotted for one dimension are those of the simulation",
    source="Figure 1a (d=1)",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The plotted mean absolute gaps at d=1 lie within 5 % of those of the simulation.",
    formula='abs(E|"gap"| - "plotted") <= 0.05 "plotted"',
    scope=Scope.AS_STATED,
    does_not_show="Why the plotted values differ. The launch script and the plotting notebook do "
    "not record how many runs were averaged.",
    assumptions=GAUSSIAN,
    notes=("The margin of 5 % is ours; of the figure the notebook that draws it was read.",),
    cells=Cells.of(*({"d": 1, "m": m, "gamma": gamma} for m, gamma in theory.FIGURE_1A)),
    simulate=plotted_gap,
    expect=(ABSOLUTE_GAP.near(_figure_value, lambda cell: 0.05 * _figure_value(cell)),),
    controls=(
        FalseTheory(
            "the plotted gaps are up to 10 % too high",
            ABSOLUTE_GAP.within(
                lambda cell: 0.9 * _figure_value(cell), lambda cell: _figure_value(cell)
            ),
        ),
    ),
    positive=(
        RightTheory(
            "what the characteristic function gives, to 8 %",
            ABSOLUTE_GAP.near(exact_gap, lambda cell: 0.08 * exact_gap(cell)),
        ),
    ),
    block=100,
    cap=ByEffort(smoke=2000, standard=4000, full=8000),
    expected=Verdict.REFUTED,
    why="At m=20 the plotted values are 6 to 11 % and at m=500 (gamma=0) 9 % below those of the "
    "simulation, on which literal simulation and sufficient statistics agree. At m=50 (gamma=0) "
    "0.0865 is plotted against 0.0823, so near the margin that this check may stay open; it does "
    "not carry the verdict. An average over a hundred runs scatters by 7.5 %.",
    figure=Axis(x="m", label="training points m", log=True),
)
