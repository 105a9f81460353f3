"""Who owns how much error: checks by what they say, claims by weight, stores once."""

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import coins
import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin
from commands import refutable
from sealing import holds, seal

from refutable import Cells, Distribution, Exact, FalseTheory, Probability
from refutable.claims.cells import Cell
from refutable.claims.records import Effort
from refutable.deciding.checks import Check
from refutable.deciding.kernels import bernoulli
from refutable.deciding.ledger import SUITE_ERROR, Levels, control_levels, lines, own_levels
from refutable.deciding.trial import Trial
from refutable.errors import ClaimError, StoreError
from refutable.storing.lines import enter, families, lines_file
from refutable.storing.lines import lines as stored_lines
from refutable.storing.store import Store

OWNED = SUITE_ERROR / 2048
CELL = Cell({"p": 0.5})

FILE = """
from fractions import Fraction
import coins
from dataclasses import replace
HEAVY = replace(coins.COIN, id="coins.{name}", weight=Fraction({weight}))
"""


def test_inside_costs_the_whole_share_and_outside_the_share_over_the_own_checks():
    assert own_levels(COIN, Effort.SMOKE) == Levels(OWNED, OWNED / 2)
    assert own_levels(COIN, Effort.STANDARD) == Levels(OWNED, OWNED / 4)
    three = coin(cells=Cells(p=(0.4, 0.5, 0.6)))
    assert own_levels(three, Effort.SMOKE).outside == OWNED / 6
    assert own_levels(COIN, Effort.SMOKE, share=0.5) == Levels(OWNED / 2, OWNED / 4)


def test_a_control_is_refuted_at_the_share_over_its_checks_and_survives_at_that_over_controls():
    cells = (CELL, Cell({"p": 0.6}))
    found = control_levels(COIN, COIN.expect, cells)
    assert found == Levels(OWNED / 2, OWNED / 4)
    (theory,) = COIN.false_theories
    assert control_levels(COIN, theory.expect, (CELL,)) == Levels(OWNED / 2, OWNED)


def test_arithmetic_is_no_part_of_the_division():
    mixed = coin(expect=(*COIN.expect, Exact("value").at_most(9)))
    assert own_levels(mixed, Effort.SMOKE) == Levels(OWNED, OWNED / 2)


def test_a_trial_gives_each_check_its_levels():
    trial = Trial(COIN, Effort.SMOKE, 0, "")
    assert {check.levels for check in trial.own.checks} == {Levels(OWNED, OWNED / 2)}
    result = trial.result()
    assert result.alpha == OWNED
    assert Trial(ARITHMETIC, Effort.SMOKE, 0, "").result().alpha == 0


def test_other_claims_controls_and_workers_do_not_change_a_share():
    more = coin(controls=(*COIN.controls, FalseTheory("x", Probability("heads").at_most(0.1))))
    assert own_levels(more, Effort.SMOKE) == own_levels(COIN, Effort.SMOKE)


@pytest.mark.parametrize(
    ("region", "outside"),
    [((0.3, 0.7), 0.01), ((0.3, math.inf), 0.02)],
    ids=["two ends", "one end"],
)
def test_inside_may_err_through_one_end_and_outside_through_those_of_the_region(region, outside):
    expect = Probability("heads")
    expect = expect.within(*region) if math.isfinite(region[1]) else expect.at_least(region[0])
    check = Check(expect, CELL, Levels(0.1, 0.01), Effort.SMOKE)
    assert (check.spent, check.spent_inside) == (outside, 0.2)


def test_the_distance_of_distributions_gets_no_second_end():
    expect = Distribution("value", cdf=lambda cell: lambda x: x).within(0.2)
    check = Check(expect, CELL, Levels(0.1, 0.01), Effort.SMOKE)
    assert (check.spent, check.spent_inside) == (0.01, 0.1)
    check.feed({"value": np.linspace(0.01, 0.99, 64)}, 64)
    assert check.against.upper > check.within.upper, "either statement has a look of its own"


def _fed(region, successes, levels):
    check = Check(Probability("heads").within(*region), CELL, levels, Effort.SMOKE)
    check.feed({"heads": np.arange(200) < successes}, 200)
    return check


def test_what_is_shown_is_the_interval_that_decided():
    narrow, wide = bernoulli.interval(100, 200, 0.2), bernoulli.interval(100, 200, 1e-6)
    between = (narrow.lower + wide.lower) / 2, (narrow.upper + wide.upper) / 2
    inside = _fed(between, 100, Levels(0.1, 1e-6)).result()
    assert (inside.status, inside.interval, inside.alpha) == (
        "inside",
        (narrow.lower, narrow.upper),
        0.1,
    )
    still = _fed((0.0, (narrow.lower + wide.lower) / 2), 100, Levels(0.1, 1e-6)).result()
    assert (still.status, still.interval, still.alpha) == ("open", (wide.lower, wide.upper), 1e-6)
    gone = _fed((0.0, wide.lower - 1e-9), 100, Levels(0.1, 1e-6)).result()
    assert (gone.status, gone.interval, gone.alpha) == ("outside", (wide.lower, wide.upper), 1e-6)


def test_the_interval_of_either_statement_narrows_on_its_own():
    check = Check(Probability("heads").within(0.49, 0.51), CELL, Levels(0.1, 1e-6), Effort.SMOKE)
    for successes in (50, 90):
        check.feed({"heads": np.arange(100) < successes}, 100)
    looks = [(50, 100), (140, 200)]
    for spent, seen in ((check.spent, check.against), (check.spent_inside, check.within)):
        first, second = (bernoulli.interval(*look, spent) for look in looks)
        assert seen == first.intersect(second)


def test_a_ledger_has_room_for_2048_claims():
    crowd = [coin(id=f"coins.c{k}") for k in range(2049)]
    assert sum(lines(crowd[:2048]).values()) == 1
    with pytest.raises(ClaimError, match="2049 claims of this run sum to 1"):
        lines(crowd)
    arithmetic = [replace(ARITHMETIC, id=f"coins.a{k}") for k in range(3)]
    assert lines(arithmetic) == {}, "chance has no part in arithmetic"


def test_what_the_store_holds_counts_and_a_claim_keeps_its_larger_weight():
    half = coin(id="coins.half", weight=Fraction(1, 2))
    known = {"coins.old": Fraction(1, 2)}
    assert lines([half], known) == {"coins.old": Fraction(1, 2), "coins.half": Fraction(1, 2)}
    lighter = lines([replace(half, weight=Fraction(1, 8))], {"coins.half": Fraction(1, 2)})
    assert lighter == {"coins.half": Fraction(1, 2)}
    with pytest.raises(ClaimError, match=r"1 that the store holds already \(0.5\) sum to 1.5"):
        lines([replace(half, weight=Fraction(1))], known)


def test_every_family_has_a_ledger_of_its_own():
    ours, theirs = coin(id="a.ours", weight=Fraction(1)), coin(id="b.theirs", weight=Fraction(3, 4))
    brought = {"b.theirs": "package", "b.more": "package"}
    both = {"a.ours": Fraction(1), "b.theirs": Fraction(3, 4)}
    assert lines([ours, theirs], families=brought) == both
    with pytest.raises(ClaimError, match="sum to 1.75"):
        lines([ours, theirs])
    more = coin(id="b.more", weight=Fraction(1, 2))
    with pytest.raises(ClaimError, match=r"1 claim of this run and of 1 .* \(0.75\) sum to 1.25"):
        lines([more], both, brought)
    assert lines([more], both, {**brought, "b.more": "another"})["b.more"] == Fraction(1, 2)


def test_a_claim_stays_in_the_family_in_which_it_spent(tmp_path):
    whole = coin(weight=Fraction(1))
    with Store(tmp_path / "s", 0) as store:
        enter(store, [whole])
        enter(store, [whole], {whole.id: "package"})
        assert families(store) == {}
        other = coin(id="b.theirs", weight=Fraction(1))
        enter(store, [other], {other.id: "package"})
        enter(store, [other])
        assert families(store) == {other.id: "package"}
        with pytest.raises(ClaimError):
            enter(store, [coin(id="b.more")], {"b.more": "package"})


def test_a_refused_run_enters_nothing(tmp_path):
    with Store(tmp_path / "s", 0) as store:
        enter(store, [coin(weight=Fraction(3, 4))])
        before = lines_file(store).read_text()
        with pytest.raises(ClaimError):
            enter(store, [coin(id="coins.other", weight=Fraction(1, 2))])
        assert lines_file(store).read_text() == before
        seal(lines_file(store), {"a": "x"})
        with pytest.raises(StoreError, match="weights of claims"):
            stored_lines(store)


@pytest.fixture
def claim_file(tmp_path):
    def write(name, weight):
        path = tmp_path / f"{name}.py"
        here = Path(coins.__file__).parent
        text = f"import sys; sys.path.append({str(here)!r})\n" + FILE
        path.write_text(text.format(name=name, weight=weight))
        return path

    return write


def test_files_of_weight_one_run_one_after_the_other_are_refused(tmp_path, claim_file):
    store = tmp_path / "store"
    files = [claim_file(name, 1) for name in ("one", "two", "three")]
    run = ("--store", store, "--workers", 1)
    assert refutable("run", files[0], *run)[0] == 0
    for path in files[1:]:
        code, _, err = refutable("run", path, *run)
        assert code == 1
        assert "a store owns its error probability once" in err
    assert refutable("run", files[0], *run)[0] == 0, "the same claim owns no more than before"
    assert holds(store / "weights.json") == {"coins.one": "1"}
    assert [path.stem for path in (store / "results").glob("*")] == ["coins.one"]


def test_a_store_without_lines_tells_them_by_its_results(tmp_path, claim_file):
    store = tmp_path / "store"
    run = ("--store", store, "--workers", 1)
    refutable("run", claim_file("one", "3, 4"), *run)
    (store / "weights.json").unlink()
    assert stored_lines(Store(store)) == {"coins.one": Fraction(3, 4)}
    assert refutable("run", claim_file("two", "1, 2"), *run)[0] == 1


def test_another_seed_has_a_line_and_a_store_of_its_own(tmp_path, claim_file):
    store, path = tmp_path / "store", claim_file("one", 1)
    run = ("run", path, "--store", store, "--workers", 1)
    refutable(*run)
    for seed in (7, 9, 7):
        code, _, err = refutable(*run, "--seed", seed)
        assert code == 0
        assert f"seed {seed} is not the store's" in err
    heads = [holds(store / f"seed-{s}" / "store.json") for s in (7, 9)]
    assert [(h["seed"], round(h["share"], 6)) for h in heads] == [(7, 0.5), (9, 0.166667)]
    assert holds(store / "seeds.json") == [7, 9]
    owned = [
        holds(place / "results" / "coins.one.json")["alpha"] for place in (store, store / "seed-7")
    ]
    assert owned == [pytest.approx(0.01), pytest.approx(0.005)]
