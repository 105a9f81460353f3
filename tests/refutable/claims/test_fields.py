"""Prose that quotes stored numbers: checked with its claim, filled in from its result."""

import pytest
from coins import COIN, coin

from refutable.claims.describe import record
from refutable.claims.fields import fields, filled
from refutable.claims.validate import check
from refutable.deciding.quoting import NOT_YET, quoted
from refutable.deciding.results import CheckResult, ClaimResult
from refutable.errors import ClaimError
from refutable.interface.showing import as_text
from refutable.interface.views import claim_view

BY_P = "{estimate of P(heads) at p=0.5}"


def _check(**changes):
    made = dict(
        functional="P(heads)",
        evidence="statistical",
        cell={"p": 0.5},
        region=(0.4, 0.6),
        region_label="within 0.1 of 0.5",
        predicted=0.5,
        estimate=0.51234,
        standard_error=None,
        interval=(0.45, 0.55),
        status="inside",
        detail="",
        replicates=64,
        alpha=1e-5,
    )
    return CheckResult(**{**made, **changes})


def _result(*checks):
    return ClaimResult("coins.fair", "supported", "supported", "", 0, "smoke", "", 64, checks)


def _why(text, *checks):
    return quoted(record(coin(why=text), ""), _result(*checks) if checks else None)["why"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{estimate of P(tails) at p=0.5}", "fits 0 checks at effort smoke"),
        ("{estimate of P(heads)}", "fits 2 checks at effort standard"),
        ("{estimate of P(heads) at p=0.7}", "fits 0 checks"),
        ("{estimat of P(heads) at p=0.5}", "which is no quantity"),
    ],
)
@pytest.mark.parametrize("place", ["why", "does_not_show", "notes"])
def test_a_text_that_quotes_no_check_is_refused(place, text, problem):
    with pytest.raises(ClaimError, match="its prose quotes") as told:
        check(coin(**{place: (text,) if place == "notes" else text}))
    assert problem in str(told.value)


def test_what_fits_is_well_formed_and_mathematics_is_left_alone():
    check(coin(why=f"{BY_P}, {{lowest of P(heads)}}, {{interval of E[value] at p=0.5}}"))
    check(coin(why="sum_{j != i} e_j, {} and {x}"))
    assert fields("sum_{j != i} e_j, {} and {x}") == []
    assert filled("sum_{j != i}", lambda field: "lost") == "sum_{j != i}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BY_P, "0.5123"),
        ("{estimate of P(heads) at p=0.5 to 2 digits}", "0.51"),
        ("{interval of P(heads) at p=0.5}", "[0.45, 0.55]"),
        ("{replicates of P(heads) at p=0.5}", "64"),
        ("{predicted of P(heads) at p=0.5}", "0.5"),
        ("{lowest of P(heads)} to {highest of P(heads)}", "0.5123 to 0.7"),
    ],
)
def test_numbers_come_from_the_result(text, said):
    other = _check(cell={"p": 0.6}, estimate=0.7)
    assert _why(f"So {text}.", _check(), other, _check(functional="x")) == f"So {said}."


def test_of_computed_values_the_extremes_are_told():
    computed = _check(evidence="sampled identity", interval=(0.146, 0.999))
    assert _why("{lowest of P(heads)} to {highest of P(heads)}", computed) == "0.146 to 0.999"


def test_before_a_result_nothing_is_made_up():
    assert _why(BY_P) == NOT_YET
    assert _why(BY_P, _check(estimate=None)) == NOT_YET
    assert _why(BY_P, _check(functional="E[value]")) == NOT_YET
    assert quoted(record(COIN, ""), None) == record(COIN, "")


def test_show_tells_the_number_and_not_the_field():
    claim = coin(notes=(f"Heads in {BY_P} of all.",))
    shown = as_text(claim_view(record(claim, ""), _result(_check())))
    assert "Heads in 0.5123 of all." in " ".join(shown.split())
    assert "estimate of" not in shown
