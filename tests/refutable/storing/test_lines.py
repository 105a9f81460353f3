"""Whose weight a store of a former version, which has no list of weights, is taken to hold."""

import json
from fractions import Fraction

import pytest
from coins import ARITHMETIC, COIN, coin
from sealing import seal
from trials import decide

from refutable import Exact, FalseTheory, Mean, Probability
from refutable.errors import StoreError
from refutable.storing.lines import enter, lines, lines_file
from refutable.storing.store import Store

SURE = Exact("heads").within(0, 1)
FALSE = FalseTheory("both", Exact("heads").at_least(2))
KINDS = {
    "decided by chance": (COIN, True),
    "computed": (ARITHMETIC, False),
    "exact on what was drawn": (coin(expect=(SURE,), controls=(FALSE,), cap=64), False),
    "only shown by chance": (
        coin(expect=(SURE, Mean("value").shown()), controls=(FALSE,), cap=64),
        False,
    ),
    "a control refuted by chance": (
        coin(
            expect=(SURE,),
            controls=(FalseTheory("nine of ten", Probability("heads").at_least(0.9)),),
            cap=64,
        ),
        True,
    ),
}


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "s") as store:
        yield store


@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_has_a_line_if_anything_of_it_was_decided_by_chance(store, kind):
    claim, counts = KINDS[kind]
    store.write_result(decide(claim), {})
    assert lines(store) == {}  # its record does not tell the weight
    store.write_record(claim.id, {"id": claim.id, "weight": "1/2048"})
    assert lines(store) == ({claim.id: Fraction(1, 2048)} if counts else {})


def test_what_was_entered_is_read_again_and_stays(store):
    enter(store, [COIN])
    first = lines(store)
    assert first == {COIN.id: Fraction(COIN.weight)}
    enter(store, [coin(id="coins.other")])
    assert lines(store) == {**first, "coins.other": Fraction(COIN.weight)}


@pytest.mark.parametrize("text", ['{"a.b": "many"}', '{"a.b": "1/0"}', '{"a.b": null}'])
def test_weights_that_are_none_are_told(store, text):
    seal(lines_file(store), json.loads(text))
    with pytest.raises(StoreError, match=r"weights\.json does not hold the weights of claims"):
        lines(store)
