"""Nothing of a claim is dropped silently: filters, cells, functionals of computed values, masks."""

from dataclasses import replace

import numpy as np
import pytest
from coins import ARITHMETIC, coin
from trials import decide

from refutable import (
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Distribution,
    Effort,
    Exact,
    FalseTheory,
    Mean,
    Printed,
    Probability,
    Quantile,
    RatioOfMeans,
    Slope,
)
from refutable.claims.maps import draw_whole_map
from refutable.claims.validate import check
from refutable.deciding.checks import expand
from refutable.deciding.ledger import chances
from refutable.deciding.outcomes import check_computed, check_simulated
from refutable.errors import ClaimError, OutcomeError

GRID = Cells(delta=tuple(i / 10 for i in range(1, 10)), rho=tuple(i / 10 for i in range(1, 10)))
BAND = 0.15


def margin(cell):
    return 2 * cell.delta - cell.rho - 0.3


def recover(cell, rng, size):
    """Stand-in for sparse recovery: a logistic in the distance from the curve."""
    return {"ok": rng.random(size) < 1 / (1 + np.exp(-25 * margin(cell)))}


def above(cell):
    return 0.9 if margin(cell) > BAND else None


def below(cell):
    return 0.1 if margin(cell) < -BAND else None


def shifted(cell):
    return 0.9 if margin(cell) > -BAND else None


MAP = coin(
    cells=GRID,
    simulate=recover,
    block=50,
    cap=2000,
    expect=(Probability("ok").at_least(above), Probability("ok").at_most(below)),
    controls=(FalseTheory("curve shifted", Probability("ok").at_least(shifted)),),
)


def test_a_bound_that_is_none_states_nothing_there_and_the_claim_is_decided():
    check(MAP)
    result = decide(MAP)
    stated = [cell for cell in GRID if abs(margin(cell)) > BAND]
    assert 40 < len(stated) < len(GRID)
    assert [c.cell for c in result.checks if c.region[0] == 0.9] + [
        c.cell for c in result.checks if c.region[1] == 0.1
    ] == [dict(c) for c in stated if margin(c) > 0] + [dict(c) for c in stated if margin(c) < 0]
    assert chances(MAP.expect, GRID) == len(stated)
    (control,) = MAP.controls
    assert chances(control.expect, GRID) == len([c for c in GRID if margin(c) > -BAND])
    assert result.verdict == "supported"
    assert [control.fate for control in result.controls] == ["refuted"]


def test_a_map_may_be_filtered_by_a_function_of_the_cell_and_by_values():
    top = Probability("ok", where=lambda c: margin(c) > BAND, delta=(0.5, 0.9)).at_least(0.9)
    picked = [cell for cell in GRID if top.selects(cell)]
    assert picked == [c for c in GRID if margin(c) > BAND and c.delta in (0.5, 0.9)]
    whole = Probability("ok").shown()
    wrong = FalseTheory("x", Probability("ok", where=lambda c: margin(c) < -0.5).at_least(0.9))
    claim = replace(MAP, expect=(top, whole), controls=(wrong,))
    check(claim)
    result = decide(claim)
    assert result.verdict == "supported"
    assert len([c for c in result.checks if c.status == "inside"]) == len(picked)
    assert len([c for c in result.checks if c.status == "shown"]) == len(GRID)


FUNCTIONALS = [
    Mean("x", where=lambda c: c.k <= c.n / 2),
    Quantile("x", 0.5, where=lambda c: c.k <= c.n / 2),
    Exact("x", where=lambda c: c.k <= c.n / 2),
    Slope("x", (1, 2), where=lambda c: c.k <= c.n / 2),
    RatioOfMeans("x", "y", where=lambda c: c.k <= c.n / 2),
    Distribution("x", lambda cell: np.tanh, where=lambda c: c.k <= c.n / 2),
]


@pytest.mark.parametrize("functional", FUNCTIONALS, ids=lambda f: type(f).__name__)
def test_every_functional_takes_a_predicate(functional):
    grid = Cells(n=(2, 4), k=(1, 2))
    selected = [cell.label for cell in grid if functional.at_most(1).selects(cell)]
    assert selected == ["n=2,k=1", "n=4,k=1", "n=4,k=2"]


@pytest.mark.parametrize("answer", [None, 1, "yes"])
def test_a_predicate_answers_true_or_false(answer):
    with pytest.raises(TypeError, match="return True or False"):
        Mean("x", where=lambda cell: answer).at_most(1).selects(Cell({"n": 1}))


def test_a_predicate_of_numpy_is_good_and_a_value_is_none():
    assert Mean("x", where=lambda cell: np.bool_(True)).at_most(1).selects(Cell({}))
    with pytest.raises(TypeError, match="give a function of the cell"):
        Mean("x", where=0.5).at_most(1).selects(Cell({}))
    with pytest.raises(TypeError, match="cannot be called 'where'"):
        Cells(where=(1, 2))


def test_bounds_that_are_none_everywhere_are_told():
    silent = Mean("x").near(lambda cell: None, 0.1)
    with pytest.raises(ValueError, match="None in every cell"):
        expand((silent,), (Cell({"n": 1}),), 1e-3, Effort.SMOKE)


def test_near_says_nothing_where_its_value_or_its_margin_is_none():
    one, two = Cell({"n": 1}), Cell({"n": 2})
    of_value = Mean("x").near(lambda cell: 0.5 if cell.n == 1 else None, 0.1)
    of_margin = Mean("x").near(0.5, lambda cell: 0.1 if cell.n == 1 else None)
    for expectation in (of_value, of_margin):
        assert expectation.speaks_of(one)
        assert not expectation.speaks_of(two)
    one_sided = Mean("x").within(0.0, lambda cell: 1.0 if cell.n == 1 else None)
    assert one_sided.speaks_of(two)
    assert one_sided.region.at(two).upper == np.inf


HEADS = Probability("heads").near(0.5, 0.1)
BAD = {
    "a filter that is None": (
        dict(expect=(Probability("heads", N=None).near(0.5, 0.1),)),
        "no cell",
    ),
    "an unknown parameter": (dict(expect=(Probability("heads", q=0.5).near(0.5, 0.1),)), "no cell"),
    "a value no cell has": (
        dict(expect=(HEADS, Probability("heads", p=(0.5, 0.55)).near(0.5, 0.1))),
        "p=0.55, which no cell has",
    ),
    "a predicate for no cell": (
        dict(expect=(Probability("heads", where=lambda c: c.p > 2).near(0.5, 0.1),)),
        "no cell",
    ),
    "cells that nobody reads": (
        dict(
            cells=Cells(p=(0.5, 0.6, 0.7)),
            expect=(Probability("heads", p=0.5).near(0.5, 0.1),),
            controls=(FalseTheory("x", Probability("heads", p=0.6).at_least(0.9)),),
        ),
        "reads 1 of the 3 cells of 'claim' at effort smoke: p=0.7",
    ),
    "cells of a larger effort that nobody reads": (
        dict(
            cells=ByEffort(
                smoke=Cells(p=(0.5,)), standard=Cells(p=(0.5,)), full=Cells(p=(0.5, 0.7))
            ),
            expect=(Probability("heads", p=0.5).near(0.5, 0.1),),
            controls=(FalseTheory("x", Probability("heads", p=0.5).at_least(0.9)),),
        ),
        "reads 1 of the 2 cells of 'claim' at effort full: p=0.7",
    ),
    "cells of a control at a larger effort that nobody reads": (
        dict(
            cells=Cells(p=(0.5,)),
            controls=(
                BrokenWorld(
                    "x",
                    cells=ByEffort(
                        smoke=Cells(p=(0.1,)), standard=Cells(p=(0.1,)), full=Cells(p=(0.1, 0.2))
                    ),
                    expect=(Probability("heads", p=0.1).at_least(0.4),),
                ),
            ),
        ),
        "reads 1 of the 2 cells of 'x' at effort full",
    ),
    "cells of a control that nobody reads": (
        dict(
            controls=(
                BrokenWorld(
                    "x",
                    cells=Cells(p=(0.1, 0.2)),
                    expect=(Probability("heads", p=0.1).at_least(0.4),),
                ),
            )
        ),
        "reads 1 of the 2 cells of 'x'",
    ),
    "a printed number that is random": (
        dict(expect=(HEADS, Printed("value").prints("1.0"))),
        "what is simulated is random",
    ),
    "a random control of printed numbers": (
        dict(controls=(FalseTheory("x", Printed("value").prints("1.0")),)),
        "what is simulated is random",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_would_be_dropped_is_refused_with_the_mend(name):
    changes, problem = BAD[name]
    with pytest.raises(ClaimError, match=problem):
        check(coin(**changes))


def test_cells_that_are_shown_or_a_control_s_count_as_read():
    grid = Cells(p=(0.5, 0.6, 0.7))
    half = Probability("heads", p=0.5).near(0.5, 0.1)
    most = FalseTheory("x", Probability("heads", p=0.6).at_least(0.9))
    shown = Probability("heads", p=0.7).shown()
    check(coin(cells=grid, expect=(half, shown), controls=(most,)))


STATISTICAL = {
    "Mean": Mean("sides").near(2, 0.1),
    "Probability": Probability("sides").at_least(0.9),
    "Quantile": Quantile("sides").within(1, 3),
    "RatioOfMeans": RatioOfMeans("sides", "sides").near(1, 0.1),
    "Slope": Slope("sides", (1, 2)).near(0, 0.1),
    "Distribution": Distribution("sides", lambda cell: np.tanh).within(0.1),
    "shown": Mean("sides").shown(),
}


@pytest.mark.parametrize("name", STATISTICAL)
def test_a_computed_claim_cannot_be_estimated_and_exact_is_named(name):
    with pytest.raises(ClaimError, match=r"nothing could ever decide it.*use Exact\('sides'\)"):
        check(replace(ARITHMETIC, expect=(*ARITHMETIC.expect, STATISTICAL[name])))
    with pytest.raises(ClaimError, match="use Exact"):
        check(
            replace(
                ARITHMETIC,
                controls=(FalseTheory("x", STATISTICAL[name], Exact("sides").equals(3)),),
            )
        )


def test_masked_arrays_are_refused_whether_computed_or_drawn():
    masked = np.ma.masked_greater(np.arange(4.0), 2.0)
    for look in (lambda: check_simulated({"x": masked}, 4), lambda: check_computed({"x": masked})):
        with pytest.raises(OutcomeError, match="'x' is a masked array.*bool column"):
            look()


def corner():
    return FalseTheory("x", Probability("ok", delta=0.1, rho=0.9).at_least(0.5))


def test_cells_of_a_map_that_nothing_is_said_of_are_shown():
    one = Probability("ok", delta=0.3, rho=0.1).at_least(0.5)
    claim = replace(MAP, expect=(one,), controls=(corner(),))
    check(claim)
    draw_whole_map(claim)
    draw_whole_map(claim)
    result = decide(claim)
    assert result.verdict == "supported"
    assert [c.status for c in result.checks].count("inside") == 1
    assert [c.status for c in result.checks].count("shown") == len(GRID)


def test_nothing_is_added_to_a_map_that_is_read_whole():
    claim = replace(MAP)
    draw_whole_map(claim)
    assert claim.expect == MAP.expect


@pytest.mark.parametrize(
    "grid",
    [
        Cells(n=(1, 2, 3)),
        Cells(n=(1, 2, 3), k=(1, 2)),
        Cells(n=(1, 2, 3), law=("a", "b", "c")),
        Cells(n=(1, 2, 3), k=(1, 2, 3), p=(1, 2)),
    ],
)
def test_cells_of_other_grids_that_nothing_is_said_of_are_refused(grid):
    claim = replace(
        MAP,
        cells=grid,
        expect=(Probability("ok", n=1).at_least(0.5),),
        controls=(FalseTheory("x", Probability("ok", n=1).at_most(0.1)),),
    )
    with pytest.raises(ClaimError, match="no expectation reads"):
        check(claim)
