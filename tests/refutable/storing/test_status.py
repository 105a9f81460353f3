"""Fresh, stale or missing, and why: told in a line that stays short."""

from dataclasses import replace

import pytest
from coins import COIN, coin, toss
from trials import decide

from refutable import BrokenWorld, Effort
from refutable.storing.fingerprint import fingerprint
from refutable.storing.status import changes, statuses
from refutable.storing.store import Store
from refutable.storing.terms import terms


@pytest.fixture(scope="module")
def decided():
    return {effort: decide(COIN, effort) for effort in (Effort.SMOKE, Effort.STANDARD)}


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s") as store:
        yield store


def keep(store, result, claim=COIN, without=(), changed=()):
    """Keep a result with the fingerprints of now, but for worlds and parts that were otherwise."""
    effort = Effort(result.effort)
    prints = {}
    for world in claim.worlds(effort):
        parts = dict(fingerprint(world.simulate, world.compute).parts)
        parts |= dict.fromkeys(changed, "another")
        if world.name not in without:
            prints[world.key] = parts
    store.write_result(result, {})
    store.write_print(claim.id, prints)


def state(store, effort=Effort.SMOKE):
    (row,) = statuses(store, [COIN], effort)
    assert row["claim"] == COIN.id
    return row["state"], row["why"]


def test_what_was_never_run_is_missing(store):
    assert state(store) == ("missing", "never run in this store")


def test_what_was_run_with_more_effort_stands_and_with_less_does_not(store, decided):
    keep(store, decided[Effort.STANDARD])
    assert state(store, Effort.SMOKE) == ("fresh", "supported at effort standard")
    assert state(store, Effort.STANDARD) == ("fresh", "supported at effort standard")
    assert state(store, Effort.FULL) == ("stale", "was run at effort standard, not full")


def test_a_new_control_is_named_and_a_changed_definition_once(store, decided):
    keep(store, decided[Effort.SMOKE], without=["a loaded coin"], changed=["coins:toss"])
    found = changes(store, COIN, Effort.SMOKE)
    assert found == ["coins:toss", "control 'a loaded coin' is new"]
    more = BrokenWorld("tossed by another", simulate=toss)
    two = coin(controls=(BrokenWorld("a new one", simulate=toss), more, COIN.controls[1]))
    found = changes(store, two, Effort.SMOKE)
    assert found[1:] == [
        f"control {name!r} is new" for name in ("a new one", "tossed by another", "a loaded coin")
    ]
    keep(store, decided[Effort.SMOKE], changed=["version:numpy"])
    assert changes(store, COIN, Effort.SMOKE) == ["version:numpy"]
    assert state(store) == ("stale", "changed: version:numpy")


@pytest.mark.parametrize(("count", "rest"), [(5, ""), (6, ""), (7, " and 1 more")])
def test_six_changes_are_named_and_the_rest_is_counted(store, decided, count, rest):
    names = [f"gone:f{number}" for number in range(count)]
    keep(store, decided[Effort.SMOKE], changed=names)
    assert state(store) == ("stale", f"changed: {', '.join(names[:6])}{rest}")


def test_terms_are_those_of_the_effort_that_the_claim_was_decided_at(store, decided):
    keep(store, decided[Effort.STANDARD])
    store.write_record(COIN.id, {"id": COIN.id, "terms": terms(COIN, Effort.STANDARD)})
    assert state(store)[0] == "fresh"
    shorter = coin(cap=replace(COIN.cap, standard=1024))
    (row,) = statuses(store, [shorter], Effort.SMOKE)
    assert row["why"] == "changed: the cap"


def test_each_claim_has_its_line(store, decided):
    keep(store, decided[Effort.SMOKE])
    other = coin(id="coins.other", controls=(BrokenWorld("same", simulate=toss),))
    rows = statuses(store, [other, COIN], Effort.SMOKE)
    assert [(row["claim"], row["state"]) for row in rows] == [
        ("coins.other", "missing"),
        ("coins.fair", "fresh"),
    ]
