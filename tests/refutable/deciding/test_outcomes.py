"""What `simulate` may return, and that storing it loses no bit."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from refutable.deciding.outcomes import check_computed, check_simulated, decode, encode
from refutable.errors import OutcomeError

FLOATS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=2, max_side=5),
    elements=st.floats(allow_nan=False, allow_infinity=False),
)


@given(FLOATS)
def test_floats_come_back_bit_for_bit(values):
    back = decode(encode({"x": values}))["x"]
    assert back.shape == values.shape
    assert back.tobytes() == values.tobytes()


@pytest.mark.parametrize(
    "values",
    [np.array([True, False]), np.array([1, -(2**60)]), np.array(["a", "ü"]), np.float32([0.1, 3])],
)
def test_other_kinds_come_back_equal(values):
    np.testing.assert_array_equal(decode(encode({"x": values}))["x"], values)


def test_exact_numbers_come_back_exactly():
    columns = check_computed({"third": Fraction(1, 3), "price": Decimal("0.10"), "big": 10**30})
    back = decode(encode(columns))
    assert back["third"][0] == Fraction(1, 3)
    assert str(back["price"][0]) == "0.10"
    assert back["big"][0] == 10**30


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "a NoneType was returned"),
        ({}, "no outcome"),
        ({"x": np.zeros(3)}, r"shape \(3,\), but 4 replicates"),
        ({"x": np.zeros((4, 2, 2))}, "shape"),
        ({"x": 1.0}, "shape"),
        ({"x": np.zeros((4, 0))}, "no rows"),
        ({"x": np.array([1, np.nan, np.inf, 2])}, "2 NaN or infinite values of 4"),
        ({"x": np.array([None] * 4)}, "dtype object"),
        ({"x": np.zeros(4, complex)}, "dtype complex"),
    ],
)
def test_bad_blocks_are_refused_with_the_mend(returned, message):
    with pytest.raises(OutcomeError, match=message):
        check_simulated(returned, 4)


def test_an_empty_value_of_a_computed_claim_is_refused():
    with pytest.raises(OutcomeError, match="is empty"):
        check_computed({"x": []})


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (np.ma.masked_array(np.zeros(4), mask=[0, 1, 0, 0]), "is a masked array"),
        ([np.ma.masked_array([0.0]), np.ma.masked_array([1.0])] * 2, "is a masked array"),
        (np.zeros(4, [("a", "f8"), ("b", "f8")]), r"one column for each of its fields \(a, b\)"),
        (np.array([True, None, 1, 2], dtype=object), "dtype object; use float, int or bool"),
        (np.array([True, False] * 2, dtype=object), "dtype object; use float, int or bool"),
        (np.full(4, 2**64 - 1, np.uint64), r"integers above 2\*\*63 - 1"),
        (np.full(4, np.longdouble("1e4000")), "4 NaN or infinite"),
    ],
)
def test_columns_that_would_count_as_something_else_are_refused(column, message):
    with pytest.raises(OutcomeError, match=message):
        check_simulated({"x": column}, 4)


@pytest.mark.parametrize("name", [1, None, "", "a\x1b", "\ud800"])
def test_a_name_that_nothing_can_show_is_refused(name):
    with pytest.raises(OutcomeError, match="the name .* of an outcome"):
        check_simulated({name: np.zeros(4)}, 4)
