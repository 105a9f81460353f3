"""Which functionals a control touches, which controls logic refutes, and how far controls lie."""

from coins import ARITHMETIC, COIN, coin, toss
from teeth import gaps, grades
from trials import decide

from refutable import BrokenWorld, FalseTheory, Mean, Probability, Slope
from refutable.claims.describe import record
from refutable.claims.teeth import deciding, excluded, untouched
from refutable.deciding.distances import distance, measured
from refutable.deciding.results import CheckResult, ClaimResult, ControlResult
from refutable.running.progress import controls_fate

FALSE = FalseTheory("nine of ten", Probability("heads").at_least(0.9))
BOUND = coin(expect=(Probability("heads").at_least(0.3), Mean("value").at_least(0.2)))


def test_a_functional_is_touched_by_a_theory_on_it_or_by_a_world_that_is_judged_by_it():
    assert deciding(COIN) == ("P(heads)", "E[value]")
    assert untouched(COIN) == ()
    assert untouched(coin(controls=(FALSE,))) == ("E[value]",)
    world = BrokenWorld("x", simulate=toss, judged_by="value")
    assert untouched(coin(controls=(world,))) == ("P(heads)",)
    assert untouched(coin(controls=(FALSE, world))) == ()


def test_a_theory_that_excludes_the_claim_is_refuted_by_logic():
    def theory(expect):
        return excluded(coin(expect=BOUND.expect, controls=(FalseTheory("x", expect),)))

    assert theory(Probability("heads").at_most(0.2)) == ("x",)
    assert theory(Probability("heads").at_most(0.4)) == ()
    assert theory(Probability("heads").at_most(0.3)) == (), "they share an end"
    assert theory(Mean("heads").at_most(0.2)) == (), "another functional"
    assert theory(Mean("value").at_most(0.1)) == ("x",)
    elsewhere = coin(
        expect=(Probability("heads", p=0.5).at_least(0.3),),
        cells=COIN.cells["full"],
        controls=(FalseTheory("x", Probability("heads", p=0.6).at_most(0.2)),),
    )
    assert excluded(elsewhere) == (), "another cell"


def test_slopes_against_different_curves_are_different_functionals():
    sizes = (1, 2, 4)
    claim = coin(
        expect=(Slope("loss", sizes, curve=lambda cell, n: n).near(0, 0.1),),
        controls=(FalseTheory("x", Slope("loss", sizes, curve=lambda cell, n: n**2).near(1, 0.1)),),
    )
    assert excluded(claim) == ()
    assert untouched(claim) == ()


def test_the_list_names_what_is_wanting():
    bare = coin(id="coins.bare", controls=(FALSE,))
    excused = coin(id="coins.excused", controls=(FALSE,), untouched_because="It is arithmetic.")
    found = gaps([COIN, bare, excused])
    assert found["untouched"] == {"coins.bare": ("E[value]",)}
    assert record(excused, "here")["untouched_because"] == "It is arithmetic."


def test_grades_are_those_of_the_checks():
    expect = (Probability("heads").at_least(0.3), Mean("value").near(0.5, 0.2))
    assert sorted(grades(coin(expect=expect))) == [
        ("approximate", "E[value]"),
        ("theorem", "P(heads)"),
    ]
    firm = Mean("value", bounds=(-1, 2)).near(0.5, 0.2)
    assert grades(coin(expect=(firm, Mean("heads").shown()))) == [("theorem", "E[value]")]
    assert grades(ARITHMETIC) == []


def _check(estimate, interval, region, functional="P(heads)", cell=0.5, status="outside"):
    return CheckResult(
        *(functional, "statistical", {"p": cell}, region, "", None),
        *(estimate, None, interval, status, "", 64, 1e-6),
    )


def _measured(*checks, own=()):
    return measured(ControlResult("x", "false theory", "refuted", checks), own)


def test_distances_are_counted_in_half_widths_and_in_margins_of_the_claim():
    own = [_check(0.5, (0.48, 0.52), (0.4, 0.6)), _check(0.5, (0, 1), (0.45, 0.55), cell=0.7)]
    below = _check(0.5, (0.48, 0.52), (0.9, 1.0))
    found = _measured(below, own=own)
    assert round(found.half_widths, 6) == 20
    assert round(found.margins, 6) == 4, "of the same cell"
    assert distance(found) == "20 half-widths of its interval or 4 margins of the claim off"
    above = _measured(_check(0.5, (0.3, 0.7), (0.1, 0.3)), own=own)
    assert round(above.half_widths, 6) == 1
    elsewhere = _measured(_check(0.5, (0.48, 0.52), (0.9, 1.0), cell=0.1), own=own)
    assert round(elsewhere.margins, 6) == 8, "the narrowest of the other cells"
    inside = _measured(_check(0.5, (0.48, 0.52), (0.1, 0.9)), own=own)
    assert (inside.half_widths, inside.margins) == (0, 0)


def test_the_check_that_was_refuted_most_clearly_counts():
    near = _check(0.5, (0.4, 0.6), (0.7, 1.0))
    far = _check(0.5, (0.4, 0.6), (0.9, 1.0))
    assert round(_measured(near, far).half_widths, 6) == 4
    assert _measured(near, far).margins is None, "the claim says nothing of it"
    drawn = _check(0.5, (0.4, 0.6), (0.9, 1.0), status="shown")
    assert round(_measured(near, drawn).half_widths, 6) == 2


def test_what_has_no_width_or_no_estimate_has_no_distance():
    exact = _measured(
        _check(3.0, (3.0, 3.0), (2.0, 2.0)), own=[_check(3.0, (3.0, 3.0), (3.0, 3.0))]
    )
    assert (exact.half_widths, exact.margins, distance(exact)) == (None, None, "")
    assert _measured(_check(None, (0.0, 1.0), (2.0, 3.0))).half_widths is None
    open_ended = [_check(0.5, (0.4, 0.6), (0.3, float("inf")))]
    assert _measured(_check(0.5, (0.4, 0.6), (0.9, 1.0)), own=open_ended).margins is None


def test_results_hold_the_distances_and_give_them_back():
    result = decide(COIN)
    theory, world = result.controls
    assert theory.half_widths > 1
    assert theory.margins > 3
    assert world.half_widths > 1
    assert ClaimResult.from_json(result.to_json()) == result


VAIN = FalseTheory("nine of ten", Probability("heads").at_least(0.9))
NEAR = FalseTheory("at least .55", Probability("heads").at_least(0.55))


def test_a_control_that_logic_refutes_is_not_counted():
    near_half = (Probability("heads").near(0.5, 0.1),)
    result = decide(coin(expect=near_half, controls=(VAIN, NEAR), cap=40_000))
    assert [control.fate for control in result.controls] == ["refuted by logic", "refuted"]
    assert result.verdict == "supported"
    assert controls_fate(result) == "1/1 controls refuted; by logic alone: nine of ten"


def test_a_control_counts_where_its_claim_is_refuted_itself():
    result = decide(coin(expect=(Probability("heads").near(0.2, 0.1),), controls=(VAIN,)))
    assert result.verdict == "refuted"
    assert [control.fate for control in result.controls] == ["refuted"]


def test_a_bound_that_says_nothing_of_a_cell_touches_and_excludes_nothing_there():
    def mostly(cell):
        return None if cell.p == 0.6 else 0.5

    grid = COIN.cells["full"]
    expect = (Probability("heads").near(mostly, 0.1),)
    theory = FalseTheory("x", Probability("heads", p=0.6).at_most(0.2))
    claim = coin(cells=grid, expect=expect, controls=(theory,))
    assert excluded(claim) == ()
    assert deciding(claim) == ("P(heads)",)
    with_none = coin(
        cells=grid, controls=(FalseTheory("y", Probability("heads").near(mostly, 0.2)),)
    )
    assert excluded(with_none) == ()
