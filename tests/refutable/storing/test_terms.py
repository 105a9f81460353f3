"""A changed region, grid, cap or control makes a verdict stale, and is named."""

import functools
from dataclasses import replace

import numpy as np
import pytest
from coins import ARITHMETIC, COIN, coin, toss_biased

from refutable import (
    BrokenWorld,
    ByEffort,
    Cells,
    Distribution,
    Effort,
    FalseTheory,
    Mean,
    Probability,
    Slope,
)
from refutable.running.backends import serial
from refutable.running.job import Job
from refutable.running.progress import Silent
from refutable.running.registry import Source
from refutable.running.runner import Runner
from refutable.storing.status import statuses
from refutable.storing.store import Store
from refutable.storing.terms import differences, terms

HEADS, VALUE = COIN.expect
CHANGES = {
    "region": (dict(expect=(Probability("heads").near(0.5, 0.2), VALUE)), "what P(heads) must be"),
    "grid": (dict(cells=Cells(p=(0.5, 0.55))), "the grid"),
    "block": (dict(block=32), "the block"),
    "cap": (dict(cap=8192), "the cap"),
    "weight": (dict(weight=COIN.weight / 2), "the weight"),
    "expectation gone": (dict(expect=(HEADS,)), "what E[value] must be"),
    "false theory": (
        dict(controls=(FalseTheory("nine of ten", Probability("heads").at_least(0.8)),)),
        "what P(heads) is by control 'nine of ten'",
    ),
    "control's grid": (
        dict(
            controls=(
                COIN.controls[0],
                BrokenWorld("a loaded coin", simulate=toss_biased, cells=Cells(p=(0.4,))),
            )
        ),
        "the grid of control 'a loaded coin'",
    ),
}


def test_the_same_claim_has_the_same_terms():
    assert differences(terms(COIN, Effort.SMOKE), terms(coin(), Effort.SMOKE)) == []
    assert terms(COIN, Effort.SMOKE) != terms(COIN, Effort.STANDARD)
    assert "what sides must be" in terms(ARITHMETIC, Effort.SMOKE)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named(name):
    changes, term = CHANGES[name]
    assert term in differences(terms(COIN, Effort.SMOKE), terms(coin(**changes), Effort.SMOKE))


def test_what_stays_is_not_named():
    changed = coin(expect=(Probability("heads").near(0.5, 0.2), VALUE))
    found = differences(terms(COIN, Effort.SMOKE), terms(changed, Effort.SMOKE))
    # the broken world is judged by the claim's own expectations
    assert found == ["what P(heads) must be", "what P(heads) must be in control 'a loaded coin'"]


def _flat(cell, sizes):
    return 0 * sizes + 1


def _steep(cell, sizes):
    return 1 / sizes


def test_a_changed_curve_is_a_changed_term():
    first, second = (
        coin(expect=(Slope("loss", (1, 2, 4), curve).near(0, 0.1),)) for curve in (_flat, _steep)
    )
    found = differences(terms(first, Effort.SMOKE), terms(second, Effort.SMOKE))
    assert "what median slope of log(loss / curve) must be" in found


def _half(cell):
    return 0.5


def _also_half(cell):
    return 1.0 - 0.5


def _computed(cell):
    return SOLVED["p"]


SOLVED = {"p": 0.3}
"""Stands for what a library of linear algebra gives, to the last bit or not."""


def test_what_a_bound_comes_to_does_not_count_but_what_is_written_does(monkeypatch):
    before = terms(_bounded(_computed), Effort.SMOKE)
    monkeypatch.setitem(SOLVED, "p", 0.1 * 3)
    assert terms(_bounded(_computed), Effort.SMOKE) == before
    first, second = (terms(_bounded(bound), Effort.SMOKE) for bound in (_half, _also_half))
    assert differences(first, second) == ["what P(heads) must be"]


def _bounded(bound):
    return coin(expect=(Probability("heads").at_most(bound),), controls=COIN.controls[:1])


def _with_numbers(number, computed):
    """Return a claim in each of whose terms a number stands, or what is computed from it."""
    law = functools.partial(_flat, sizes=np.full(3, computed))
    slope = Slope("loss", (1, 2, computed + 4), p=(computed, 0.5)).near(computed, 0.1)
    told = Mean("value").within(-computed, number, predicted=computed)
    return coin(
        cells=Cells(p=(0.3,)),
        expect=(slope, told, Distribution("value", law).within(number)),
        controls=COIN.controls[:1],
    )


def test_the_last_bits_of_a_number_do_not_count():
    first, second = (terms(_with_numbers(0.7, x), Effort.SMOKE) for x in (0.3, 0.1 * 3))
    assert differences(first, second) == []
    third = terms(_with_numbers(0.7, 0.3 + 1e-8), Effort.SMOKE)
    assert set(differences(first, third)) == {
        "what median slope of log(loss) must be",
        "what median slope of log(loss) from 2 up must be",
        "what E[value] must be",
        "what sup |F - F_predicted| of value must be",
    }


def test_a_number_counts_alike_however_it_is_written():
    one, two = (coin(expect=(Mean("value").at_most(x),)) for x in (1, 1.0))
    assert terms(one, Effort.SMOKE) == terms(two, Effort.SMOKE)


def test_a_cell_counts_to_its_last_bit():
    first, second = (coin(cells=Cells(p=(p,))) for p in (0.3, 0.1 * 3))
    assert "the grid" in differences(terms(first, Effort.SMOKE), terms(second, Effort.SMOKE))


def test_status_names_the_changed_term(tmp_path):
    with Store(tmp_path / "s", seed=0) as store:
        Runner(store, serial(), Silent()).run(
            [Job(COIN, Source("module", "coins"), Effort.SMOKE, 0)]
        )
        (row,) = statuses(store, [COIN], Effort.SMOKE)
        assert row["state"] == "fresh"
        (row,) = statuses(store, [coin(block=32)], Effort.SMOKE)
        assert (row["state"], row["why"]) == ("stale", "changed: the block")
        more = replace(COIN, cap=ByEffort(4096, 8192, 32768))
        (row,) = statuses(store, [more], Effort.SMOKE)
        assert row["state"] == "fresh"
