"""What an author writes of a claim and of its controls, and what is made of it."""

import functools
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, PAPER, coin, toss_biased
from trials import decide

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Effort,
    Exact,
    FalseTheory,
    Mean,
    Origin,
    Probability,
    Scope,
)
from refutable.claims.describe import record
from refutable.claims.validate import check
from refutable.deciding.trial import Trial
from refutable.errors import ClaimError
from refutable.running.registry import claims_of, paper_of
from refutable.storing.fingerprint import fingerprint


def throw(cell, rng, size, *, bias=0.0, spread=0.1):
    """Toss a coin of probability `cell.p` less a bias; its value is 1 plus noise."""
    heads = rng.random(size) < cell.p - bias
    return {"heads": heads, "value": heads + spread * rng.standard_normal(size)}


def half(cell):
    return 0.5


HEADS = Probability("heads", p=(0.5, 0.3)).near(lambda cell: cell.p, 0.1)
VALUE = Mean("value", p=0.9).near(0.9, 0.2)
THROWN = coin(simulate=throw, cells=Cells(p=(0.3, 0.5, 0.9)), expect=(HEADS, VALUE), controls=())


def broken(effort=Effort.SMOKE, claim=THROWN, **fields):
    """Return the world of a control of the claim above."""
    control = BrokenWorld("broken", **fields)
    own, world = replace(claim, controls=(control,)).worlds(effort)
    assert (own.name, world.name) == ("claim", "broken")
    return world


def values(world):
    return [cell.p for cell in world.cells]


def test_a_control_changes_keywords_of_the_claim_s_own_experiment():
    world = broken(change={"bias": 0.25, "spread": 0.0})
    rng, same = (np.random.default_rng(3) for _ in range(2))
    drawn = world.simulate(Cell({"p": 0.5}), rng, 1000)
    wanted = throw(Cell({"p": 0.5}), same, 1000, bias=0.25, spread=0.0)
    np.testing.assert_array_equal(drawn["value"], wanted["value"])
    assert set(np.unique(drawn["value"])) == {0.0, 1.0}
    assert world.compute is None


def test_what_a_control_does_not_say_is_the_claim_s_own():
    own, *_ = THROWN.worlds(Effort.SMOKE)
    world = broken(change={"bias": 0.2})
    assert (world.cells, world.expect) == (own.cells, own.expect)
    assert (world.size, world.blocks) == (own.size, own.blocks) == (64, 64)
    assert broken(Effort.FULL, change={"bias": 0.2}).blocks == 16384 // 64


def test_a_control_of_its_own_experiment_may_be_changed_too():
    def other(cell, rng, size, *, rate):
        return {"heads": rng.random(size) < rate, "value": np.zeros(size)}

    world = broken(simulate=other, change={"rate": 0.0})
    assert not world.simulate(Cell({"p": 0.5}), np.random.default_rng(0), 9)["heads"].any()
    assert broken(simulate=toss_biased).simulate is toss_biased


def test_a_computed_claim_s_control_changes_its_computation():
    def sides(cell, extra=0):
        return {"sides": 2 + extra}

    claim = replace(
        ARITHMETIC, compute=sides, controls=(BrokenWorld("an edge", change={"extra": 1}),)
    )
    check(claim)
    world = claim.worlds(Effort.SMOKE)[1]
    assert (world.simulate, world.compute(Cell({}))) == (None, {"sides": 3})
    assert (world.size, world.blocks) == (1, 1)
    assert decide(claim).verdict == "supported"


def test_a_control_in_another_kind_of_world_than_the_claim():
    world = broken(compute=lambda cell: {"heads": 0.5, "value": 0.5})
    assert world.simulate is None
    assert (world.size, world.blocks) == (1, 1)


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        ({}, [0.3, 0.5, 0.9]),
        ({"p": 0.5}, [0.5]),
        ({"p": (0.5, 0.9)}, [0.5, 0.9]),
        ({"p": 0.1 * 3}, [0.3]),
        ({"p": np.array([0.3, 0.9])}, [0.3, 0.9]),
        ({"p": 0.7}, []),
        ({"q": 1}, []),
    ],
)
def test_a_control_narrows_the_claim_s_own_grid(at, kept):
    assert values(broken(change={"bias": 0.2}, at=at)) == kept


def test_a_control_s_own_grid_may_depend_on_the_effort_and_be_narrowed():
    grid = ByEffort(Cells(p=(0.1, 0.2)), Cells(p=(0.2, 0.4)), Cells(p=(0.5,)))
    for effort, kept in zip(Effort, ([0.1, 0.2], [0.2, 0.4], [0.5]), strict=True):
        assert values(broken(effort, cells=grid)) == kept
    assert values(broken(Effort.STANDARD, cells=grid, at={"p": 0.2})) == [0.2]


def test_a_control_that_is_narrowed_is_judged_by_what_speaks_of_its_cells():
    assert broken(change={"bias": 0.2}, at={"p": 0.3}).expect == (HEADS,)
    assert broken(change={"bias": 0.2}, at={"p": 0.9}).expect == (VALUE,)
    assert broken(change={"bias": 0.2}, at={"p": (0.3, 0.9)}).expect == (HEADS, VALUE)


@pytest.mark.parametrize(
    ("judged_by", "kept"),
    [
        ("heads", (HEADS,)),
        ("value", (VALUE,)),
        (("value", "heads"), (HEADS, VALUE)),
        ((), (HEADS, VALUE)),
    ],
)
def test_a_control_is_judged_by_what_reads_an_outcome(judged_by, kept):
    assert broken(change={"bias": 0.2}, judged_by=judged_by).expect == kept
    assert broken(change={"bias": 0.2}, judged_by=judged_by, at={"p": 0.3}).expect == tuple(
        expectation for expectation in kept if expectation is HEADS
    )


def test_a_control_s_own_expectations_are_taken_as_they_are():
    own = (Probability("heads").at_least(0.99),)
    assert broken(change={"bias": 0.2}, expect=own, at={"p": 0.3}).expect == own


def test_an_inheriting_control_is_refuted_and_an_idle_one_is_not():
    biased = BrokenWorld("a loaded coin", change={"bias": 0.3}, at={"p": 0.5}, judged_by="heads")
    claim = replace(THROWN, controls=(biased,))
    check(claim)
    found = decide(claim)
    assert found.verdict == "supported"
    (control,) = found.controls
    assert {(c.functional, c.cell["p"]) for c in control.checks} == {("P(heads)", 0.5)}
    idle = replace(biased, change={"spread": 0.2})
    assert decide(replace(THROWN, controls=(idle,))).verdict == "toothless"


def test_checks_of_an_inheriting_control_share_what_it_owns():
    def levels(at):
        control = BrokenWorld("broken", change={"bias": 0.2}, at=at)
        trial = Trial(replace(THROWN, controls=(control,)), Effort.SMOKE, 0, "")
        (group,) = trial._controls.values()
        return [check.levels.outside for check in group.checks]

    (one,) = levels({"p": 0.3})
    every = levels({})
    assert len(every) == 3
    assert every == [one / 3] * 3


def test_what_is_changed_is_in_the_fingerprint():
    one, two, alike = (
        fingerprint(broken(change={"bias": bias}).simulate) for bias in (0.2, 0.3, 0.2)
    )
    assert one == alike
    assert one != two
    assert one != fingerprint(throw)


TOLD = {
    "title": (dict(title=3), "title=3 is not a text"),
    "why": (dict(why=None), "why=None is not a text"),
    "source": (dict(source=" "), "source is empty"),
    "formula": (dict(formula=""), "formula is empty"),
    "origin": (dict(origin="printed by me"), "is no Origin"),
    "basis": (dict(basis=Origin.PRINTED), "is no Basis"),
    "notes": (dict(notes="measured"), "notes is not a tuple of texts"),
    "a note": (dict(notes=(3,)), "notes is not a tuple of texts"),
    "no cap": (dict(cap=0), "must be positive"),
    "half a cap": (dict(cap=ByEffort(1, 2, 2.5)), "is not a whole number"),
    "a yes for a cap": (dict(cap=True), "is not a whole number"),
    "heavy": (dict(weight=COIN.weight * 9999), r"is not a Fraction in \(0, 1\]"),
}
RECALLED = (
    dict(basis=Basis.RECALLED, scope=Scope.AS_STATED),
    "'as stated' on the basis of a statement that is only recalled",
)
CONTROLS = {
    "unnamed": (dict(name=" "), "name ' ' is not a text"),
    "change": (dict(change=3), "change of control 'x' is not a mapping"),
    "at": (dict(at=("p", 0.5)), "at of control 'x' is not a mapping"),
    "judged by a number": (dict(judged_by=3), "judged_by of control 'x' is no outcome's name"),
    "judged by numbers": (dict(judged_by=(3,)), "judged_by of control 'x' is no outcome's name"),
    "both": (dict(simulate=toss_biased, compute=half), "has both simulate and compute"),
    "uncallable": (dict(simulate=3), "the control 'x' simulates or computes with is not callable"),
    "judged twice": (
        dict(simulate=toss_biased, judged_by="heads", expect=COIN.expect),
        "has both expect and judged_by",
    ),
    "unknown outcome": (
        dict(simulate=toss_biased, judged_by="tails"),
        "is judged by 'tails', of which the claim expects nothing",
    ),
    "only shown": (
        dict(simulate=toss_biased, expect=(Mean("value").shown(),)),
        "'x' states nothing that could be refuted",
    ),
    "nothing broken": (dict(judged_by="heads"), "is the claim's own world"),
    "only narrowed": (dict(at={"p": 0.5}), "is the claim's own world"),
    "no cell": (dict(simulate=toss_biased, at={"p": 0.7}), "world 'x' has no cells"),
    "nobody speaks of it": (
        dict(simulate=toss_biased, cells=Cells(p=(0.7,)), at={"p": 0.7}),
        "no expectation with a region speaks of a cell of 'x'",
    ),
    "selects none": (
        dict(simulate=toss_biased, expect=(Probability("heads", p=0.7).at_least(0.5),)),
        "selects no cell",
    ),
}


def refused(claim, message):
    with pytest.raises(ClaimError, match=message) as caught:
        check(claim)
    assert caught.value.mend
    assert claim.id in str(caught.value)


@pytest.mark.parametrize("name", TOLD)
def test_a_field_that_is_not_what_it_should_be_is_told(name):
    changes, message = TOLD[name]
    refused(coin(**changes), message)


def test_a_recalled_statement_is_never_as_stated():
    changes, message = RECALLED
    refused(coin(**changes), message)
    for fields in (dict(scope=Scope.SCALED_DOWN), dict(basis=Basis.ABSTRACT), dict(basis=None)):
        check(coin(**{**changes, **fields}))


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_that_cannot_be_one_is_told(name):
    fields, message = CONTROLS[name]
    only = dict(expect=(Probability("heads", p=0.5).near(0.5, 0.1),), cells=Cells(p=(0.5,)))
    refused(coin(controls=(BrokenWorld(**{"name": "x", **fields}),), **only), message)


def test_a_false_theory_of_no_cell_is_told():
    theory = FalseTheory("x", Probability("heads", p=0.7).at_least(0.9))
    refused(coin(controls=(theory,)), "P.heads. of control 'x' selects no cell")


def test_a_claim_says_who_says_it_and_what_was_read():
    fields = dict(
        title="A coin is fair", origin=Origin.IMPLIED, basis=Basis.THIRD_PARTY, notes=("a", "b")
    )
    check(coin(**fields))
    shown = record(coin(**fields), "here")
    words = {"title": "A coin is fair", "origin": "implied", "basis": "third party"}
    assert shown.items() >= {**words, "notes": ["a", "b"]}.items()
    silent = record(COIN, "here")
    assert (silent["title"], silent["origin"], silent["basis"], silent["notes"]) == (
        *("", None, None),
        [],
    )


def module(name, **bound):
    made = ModuleType(name)
    vars(made).update(bound)
    return made


@pytest.fixture
def unnamed():
    """Return a fresh claim that names no paper."""
    fields = {name: getattr(COIN, name) for name in ("source", "statement", "formula", "scope")}
    more = {name: getattr(COIN, name) for name in ("does_not_show", "simulate", "cells")}
    return Claim(id="coins.unnamed", expect=COIN.expect, controls=COIN.controls, **fields, **more)


def test_a_claim_that_names_no_paper_has_that_of_its_module(unnamed):
    refused(unnamed, "names no paper")
    other = replace(PAPER, key="others")
    named = coin(paper=other, id="others.coin")
    found = claims_of(module("mine", PAPER=PAPER, GROUP=[unnamed, named], ALSO=unnamed))
    assert [claim.paper for claim in found] == [PAPER, other]
    check(unnamed)
    claims_of(module("another", PAPER=other, COIN=unnamed))
    assert unnamed.paper is PAPER  # whose it is once it stays


def test_a_private_claim_is_nobody_s(unnamed):
    assert claims_of(module("mine", PAPER=PAPER, _COIN=unnamed)) == []


def test_a_claim_of_the_suite_has_the_paper_of_its_folder_s_twin(unnamed, monkeypatch):
    place = "refutable.simulations.games.coins.fairness"
    twin = module("refutable.theory.games.coins", PAPER=PAPER)
    games = module("refutable.theory.games", coins=twin, __path__=[])
    monkeypatch.setitem(sys.modules, games.__name__, games)
    monkeypatch.setitem(sys.modules, twin.__name__, twin)
    claims_of(module(place, COIN=unnamed))
    assert unnamed.paper is PAPER
    own = replace(PAPER, title="Another")
    assert paper_of(module(place, PAPER=own)) is own


def test_without_a_paper_anywhere_there_is_none():
    assert paper_of(module("mine")) is None
    assert paper_of(module("mine", PAPER="On coins")) is None
    assert paper_of(module("refutable.simulations.games.nowhere.at_all")) is None
    assert paper_of(module("refutable.simulations.alone")) is None


def test_a_twin_that_cannot_be_imported_is_not_taken_for_none(monkeypatch, tmp_path):
    import refutable.theory

    (tmp_path / "broken_twin.py").write_text("import nothing_of_that_name\n")
    monkeypatch.setattr(refutable.theory, "__path__", [str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match="nothing_of_that_name"):
        paper_of(module("refutable.simulations.broken_twin.claims"))


def test_a_control_s_outcomes_may_be_one_or_several():
    assert BrokenWorld("x", judged_by="a").outcomes == ("a",)
    assert BrokenWorld("x", judged_by=["a", "b"]).outcomes == ("a", "b")
    assert BrokenWorld("x").outcomes == ()


def test_the_partial_of_a_change_is_the_claim_s_function():
    simulate, compute = BrokenWorld("x", change={"bias": 1}).mechanism(throw, None)
    assert isinstance(simulate, functools.partial)
    assert (simulate.func, simulate.keywords, compute) == (throw, {"bias": 1}, None)
    assert BrokenWorld("x").mechanism(throw, None) == (throw, None)
    assert BrokenWorld("x", compute=half).mechanism(throw, None) == (None, half)


def test_exact_expectations_may_judge_a_control_too():
    claim = replace(ARITHMETIC, controls=(BrokenWorld("x", compute=lambda cell: {"sides": 3}),))
    assert decide(claim).controls[0].checks[0].functional == Exact("sides").label
