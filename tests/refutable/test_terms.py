"""A changed region, grid, cap or control makes a verdict stale, and is named."""

from dataclasses import replace

import pytest
from claims import ARITHMETIC, COIN, coin, toss_biased

from refutable import BrokenWorld, ByEffort, Cells, Effort, FalseTheory, Probability, Slope
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
    assert "what slope of log(loss / curve) must be" in found


def test_status_names_the_changed_term(tmp_path):
    with Store(tmp_path / "s", seed=0) as store:
        Runner(store, serial(), Silent()).run(
            [Job(COIN, Source("module", "claims"), Effort.SMOKE, 0)]
        )
        (row,) = statuses(store, [COIN], Effort.SMOKE)
        assert row["state"] == "fresh"
        (row,) = statuses(store, [coin(block=32)], Effort.SMOKE)
        assert (row["state"], row["why"]) == ("stale", "changed: the block")
        more = replace(COIN, cap=ByEffort(4096, 8192, 32768))
        (row,) = statuses(store, [more], Effort.SMOKE)
        assert row["state"] == "fresh"
