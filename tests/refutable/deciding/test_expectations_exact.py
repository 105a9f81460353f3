"""Values that are computed, not sampled: Exact, Certificate, Printed, Symbolic."""

import math
from dataclasses import replace
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from checking import ALPHA, CELL, blocks_of, computed, judge
from coins import ARITHMETIC
from hypothesis import given
from hypothesis import strategies as st
from trials import decide

from refutable import Certificate, Evidence, Exact, FalseTheory, Mean, Printed, Symbolic
from refutable.claims.regions import ResolvedRegion
from refutable.claims.symbolic import vanishes
from refutable.deciding.estimating import Look, Status, start
from refutable.deciding.kernels import Interval
from refutable.errors import OutcomeError

FINITE = st.floats(-10, 10)


# --- Exact and Certificate ---------------------------------------------------------------------

KINDS = [Exact("x"), Certificate("x")]

EDGES = [
    ((2.0, 2.0), (2.0, 2.0), True),
    ((1.0, 2.0), (1.0, 2.0), True),
    ((1.0, 2.0), (1.0, math.inf), True),
    ((1.0, 2.0), (-math.inf, 2.0), True),
    ((1.0, 2.0), (math.nextafter(1, 2), 3.0), False),
    ((1.0, 2.0), (0.0, math.nextafter(2, 1)), False),
    ((1.0, 2.0), (1.5, 1.5), False),
    ((1.0, 2.0), (3.0, 4.0), False),
]


@pytest.mark.parametrize("functional", KINDS)
@pytest.mark.parametrize(("seen", "region", "holds"), EDGES)
def test_one_value_outside_refutes_at_once_and_all_inside_support_at_the_end(
    functional, seen, region, holds
):
    look = Look(1.5, Interval(*seen))
    early = start(functional, CELL).status(look, ResolvedRegion(*region), final=False)
    late = start(functional, CELL).status(look, ResolvedRegion(*region), final=True)
    assert (early, late) == (("open", "inside") if holds else ("outside", "outside"))
    nothing = Look(None, Interval.everything())
    assert (
        start(functional, CELL).status(nothing, ResolvedRegion(-math.inf, 9), final=True) == "open"
    )


@given(st.lists(st.lists(FINITE, min_size=1, max_size=5), min_size=1, max_size=5), FINITE, FINITE)
def test_it_holds_iff_every_value_of_every_block_lies_in_the_region(blocks, one, other):
    low, high = sorted((one, other))
    values = np.concatenate([np.array(block) for block in blocks])
    check = judge(Exact("x").within(low, high), *({"x": b} for b in blocks), close=True)
    holds = bool(((low <= values) & (values <= high)).all())
    assert check.status == ("inside" if holds else "outside")
    if holds:
        assert (check.interval.lower, check.interval.upper) == (values.min(), values.max())
        assert check.result().estimate == pytest.approx(values.mean(), abs=1e-12)
        assert check.result().replicates == values.size


@given(st.permutations([[3.0, 1.0], [9.0], [-2.0, 0.5, 4.0], [0.0]]))
def test_the_range_and_the_average_are_those_of_every_block_in_any_order(blocks):
    result = judge(Exact("x").within(-2, 9), *({"x": b} for b in blocks), close=True).result()
    assert (result.status, result.interval) == ("inside", (-2.0, 9.0))
    assert (result.estimate, result.detail) == (pytest.approx(15.5 / 7), "7 values")


def test_a_value_outside_in_the_middle_of_the_last_block_refutes():
    values = np.zeros(1000)
    values[777] = 1e-6
    blocks = blocks_of({"x": values}, range(100, 1000, 100))
    check = judge(Exact("x").at_most(1e-9), *blocks)
    assert (check.status, check.replicates) == (Status.OUTSIDE, 800)
    assert judge(Exact("x").at_most(1e-9), *blocks[:7]).status is Status.OPEN


@pytest.mark.parametrize(
    ("value", "expectation", "holds"),
    [
        (2, Exact("x").equals(2), True),
        (2 + 1e-15, Exact("x").equals(2), False),
        (2.5, Exact("x").equals(2, 0.5), True),
        (math.nextafter(2.5, 3), Exact("x").equals(2, 0.5), False),
        (1.5, Exact("x").equals(2, tolerance=lambda cell: cell.p), False),
        (4, Exact("x").equals(lambda cell: cell.n), True),
        (True, Exact("x").equals(True), True),
        (False, Exact("x").at_least(1), False),
        (Fraction(1, 3), Exact("x").equals(Fraction(1, 3)), True),
        (Fraction(1, 3), Exact("x").equals(Fraction(33, 100)), False),
        (Decimal("0.25"), Exact("x").equals(lambda cell: cell.p), True),
        ([[1, 2], [3, 4]], Exact("x").within(1, 4), True),
        ([[1, 2], [3, 5]], Exact("x").within(1, 4), False),
        (1e-9, Certificate("x").at_most(1e-9), True),
        (2e-9, Certificate("x").at_most(1e-9), False),
    ],
)
def test_computed_values(value, expectation, holds):
    assert computed(expectation, x=value).status == ("inside" if holds else "outside")


def test_several_values_are_counted_and_one_is_not():
    assert computed(Exact("x").at_most(4), x=[1, 2, 4]).result().detail == "3 values"
    assert computed(Exact("x").at_most(4), x=1).result().detail == ""


def test_no_value_yet_is_open():
    for expectation in (Exact("x").at_most(1), Printed("x").prints("1"), Symbolic("x").holds()):
        check = judge(expectation, close=True)
        assert (check.status, check.result().estimate) == (Status.OPEN, None)
        assert start(expectation.functional, CELL).look(ALPHA).estimate is None


def test_text_is_sent_to_where_it_belongs():
    with pytest.raises(OutcomeError, match="'x' is compared as a number.*use Printed or Symbolic"):
        computed(Exact("x").equals(1), x="1")


def test_each_kind_says_what_its_evidence_is():
    printed, symbolic = Printed("x").prints("1"), Symbolic("x").holds()
    for expectation, evidence in (
        (Exact("x").equals(1), Evidence.EXACT),
        (Certificate("x").equals(1), Evidence.CERTIFIED),
        (printed, Evidence.EXACT),
        (symbolic, Evidence.SYMBOLIC),
        (Mean("x").at_most(1), Evidence.STATISTICAL),
    ):
        assert judge(expectation).result().evidence == str(evidence)
        assert expectation.functional.evidence is evidence


# --- Printed -----------------------------------------------------------------------------------


@given(
    st.decimals(-999, 999, places=5, allow_nan=False),
    st.integers(0, 4),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_DOWN]),
    st.sampled_from([Decimal, Fraction, str]),
)
def test_a_number_reproduces_its_rounding_and_no_neighbour_of_it(value, places, mode, kind):
    unit = Decimal(1).scaleb(-places)
    rounded = value.quantize(unit, rounding=mode)
    check = computed(Printed("x").prints(f"{rounded:f}"), x=kind(value))
    assert check.status is Status.INSIDE
    assert check.result().estimate == float(value)
    for neighbour in (rounded - unit, rounded + unit):
        halfway = abs(value - neighbour) * 2 == unit
        status = computed(Printed("x").prints(f"{neighbour:f}"), x=kind(value)).status
        assert status == ("inside" if halfway else "outside")


@pytest.mark.parametrize(
    ("value", "printed", "reproduced"),
    [
        (3.24, "3.2", True),
        (3.26, "3.2", False),
        (3.25, "3.2", True),  # half-way, exactly a binary fraction: papers round it either way
        (3.25, "3.3", True),
        (3.2, "3.20", True),
        (3.204, "3.20", True),
        (3.206, "3.20", False),
        (3, "3", True),
        (np.int64(1234567), "1.23e6", True),
        ("2.675", "2.68", True),
        (Decimal("2.675"), "2.67", True),
        (True, "1", True),
        (-0.5, "0.5", False),
    ],
)
def test_printed_numbers(value, printed, reproduced):
    result = computed(Printed("x").prints(printed), x=value).result()
    assert result.status == ("inside" if reproduced else "outside")
    assert result.detail.endswith(
        f"printed {printed}: " + ("" if reproduced else "not ") + "reproduced"
    )
    assert result.interval == (float(reproduced),) * 2


CONVENTIONS = {"divides by n - 1": "unbiased", "in nats": "nats"}


@pytest.mark.parametrize(
    ("x", "unbiased", "plain", "only", "words"),
    [
        (1.0, 9.0, "inside", "outside", ": reproduced"),
        (1.0, 1.0, "inside", "outside", ": reproduced"),
        (9.0, 1.0, "outside", "inside", "reproduced only under the convention divides by n - 1"),
        (9.0, 9.0, "outside", "outside", ": not reproduced"),
    ],
)
def test_reproduced_only_under_a_named_convention_is_an_outcome_of_its_own(
    x, unbiased, plain, only, words
):
    functional = Printed("x", conventions=CONVENTIONS)
    values = {"x": x, "unbiased": unbiased, "nats": 5.0}
    without = computed(functional.prints("1.0"), **values).result()
    under = computed(functional.prints_only_under("divides by n - 1", "1.0"), **values).result()
    assert (without.status, under.status) == (plain, only)
    assert without.detail.endswith(words)
    assert under.detail == without.detail
    other = computed(functional.prints_only_under("in nats", "1.0"), **values)
    assert other.status is Status.OUTSIDE  # another convention does not help


def test_several_conventions_that_reproduce_a_number_are_all_named():
    functional = Printed("x", conventions=CONVENTIONS)
    check = computed(functional.prints("1.0"), x=2.0, unbiased=1.0, nats=1.04)
    assert check.result().detail.endswith("under the convention divides by n - 1, in nats")
    assert functional.outcomes == ("x", "unbiased", "nats")


def test_the_printed_number_may_depend_on_the_cell_and_the_filter_is_kept():
    expectation = Printed("x", n=4).prints(lambda cell: f"{cell.p:.1f}")
    assert expectation.selects(CELL)
    assert not Printed("x", n=5).prints("1").selects(CELL)
    assert computed(expectation, x=0.21).status is Status.INSIDE
    assert computed(expectation, x=0.14).status is Status.OUTSIDE
    only = Printed("x", conventions=CONVENTIONS, n=5).prints_only_under("in nats", "1")
    assert not only.selects(CELL)


def test_what_printed_refuses():
    with pytest.raises(ValueError, match="'in bits' is not one of"):
        Printed("x", conventions=CONVENTIONS).prints_only_under("in bits", "1")
    with pytest.raises(ValueError, match=r"Printed\('x'\) needs \.prints"):
        start(Printed("x"), CELL)
    with pytest.raises(OutcomeError, match="'x' has 2 values; a printed number is one"):
        computed(Printed("x").prints("1"), x=[1, 1])
    with pytest.raises(OutcomeError, match="'nats' has 2 values"):
        computed(Printed("x", conventions=CONVENTIONS).prints("1"), x=1, unbiased=1, nats=[1, 2])


# --- Symbolic ----------------------------------------------------------------------------------

X = sympy.Symbol("x", positive=True)
PROVED = vanishes((X + 1) ** 2 - X**2 - 2 * X - 1)
WRONG = vanishes((X + 1) ** 2 - X**2 - X - 1)
HIDDEN = vanishes(sympy.Function("f")(X))


@pytest.mark.parametrize(
    ("answer", "status", "estimate", "detail"),
    [
        (PROVED, "inside", 1.0, "proved"),
        (WRONG, "outside", 0.0, "refuted at x = 1/2"),
        (HIDDEN, "open", None, "neither proved nor refuted"),
        ([PROVED, PROVED], "inside", 1.0, "proved"),
        ([PROVED, HIDDEN], "open", None, "neither"),
        ([HIDDEN, PROVED, WRONG], "outside", 0.0, "refuted at x = 1/2"),
    ],
)
def test_an_identity_holds_only_if_every_part_is_proved(answer, status, estimate, detail):
    result = computed(Symbolic("identity").holds(), identity=answer).result()
    assert (result.status, result.estimate) == (status, estimate)
    assert result.detail.startswith(detail)


# --- whole claims ------------------------------------------------------------------------------


def arithmetic(compute, *expect, false):
    return replace(
        ARITHMETIC, compute=compute, expect=expect, controls=(FalseTheory("not so", false),)
    )


@pytest.mark.parametrize(
    ("printed", "identity", "gap", "verdict"),
    [
        ("3.14", PROVED, 1e-12, "supported"),
        ("3.15", PROVED, 1e-12, "refuted"),
        ("3.14", WRONG, 1e-12, "refuted"),
        ("3.14", HIDDEN, 1e-12, "undecided"),
        ("3.14", PROVED, 1e-3, "refuted"),
    ],
)
def test_a_claim_of_all_four_kinds_needs_every_one(printed, identity, gap, verdict):
    claim = arithmetic(
        lambda cell: {"pi": math.pi, "identity": identity, "gap": gap, "sides": 2},
        Printed("pi").prints(printed),
        Symbolic("identity").holds(),
        Certificate("gap").at_most(1e-6),
        Exact("sides").equals(2),
        false=Exact("sides").equals(3),
    )
    assert decide(claim).verdict == verdict


def test_a_convention_is_a_control_of_the_plain_reading():
    functional = Printed("x", conventions={"in bits": "bits"})
    claim = arithmetic(
        lambda cell: {"x": math.log(2), "bits": 1.0},
        functional.prints("0.69"),
        false=functional.prints_only_under("in bits", "0.69"),
    )
    assert decide(claim).verdict == "supported"
    flipped = arithmetic(
        claim.compute,
        functional.prints_only_under("in bits", "1.0"),
        false=functional.prints("1.0"),
    )
    assert decide(flipped).verdict == "supported"
