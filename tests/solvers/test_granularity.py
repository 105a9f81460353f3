"""Granularity of printed shares against a loop over all counts in rational numbers."""

import math
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.accounting import counts_that_print, is_count_over


def printing(k, n, digits, unit, rules):
    """What k of n can print as, under any of the roundings, by decimal arithmetic."""
    step = Decimal(10) ** -digits
    value = Context(prec=60).divide(Decimal(unit * k), Decimal(n))
    return {value.quantize(step, rounding=r) for r in rules}


@given(
    st.integers(1, 60), st.integers(0, 60), st.integers(-1, 1), st.integers(0, 3),
    st.sampled_from([1, 100]), st.sampled_from(["rounded", "truncated"]),
)  # fmt: skip
def test_counts_are_those_of_a_loop(n, k, off, digits, unit, rule):
    printed = f"{Decimal(unit * min(k, n)) / n + off * Decimal(10) ** -digits:.{digits}f}"
    rules = [ROUND_DOWN] if rule == "truncated" else [ROUND_HALF_UP, ROUND_HALF_DOWN]
    target = Decimal(printed)
    hits = [k for k in range(n + 1) if target in printing(k, n, digits, unit, rules)]
    first, last = counts_that_print(printed, n, unit=unit, rule=rule)
    assert list(range(int(first), int(last) + 1)) == hits
    assert bool(is_count_over(printed, n, unit=unit, rule=rule)) == bool(hits)


def test_shares_of_a_benchmark_with_1319_tasks():
    for printed, count in (("61.79", 815), ("66.94", 883), ("75.59", 997)):
        assert [int(v) for v in counts_that_print(printed, 1319)] == [count, count]
    for printed in ("78.31", "62.00", "67.00"):
        assert not is_count_over(printed, 1319)
    assert [int(v) for v in counts_that_print("78.31", 1319, rule="truncated")] == [1033, 1033]
    assert is_count_over("78.3", 1319)


def test_sizes_are_taken_at_once():
    sizes = np.arange(1, 400).reshape(3, 133)
    found = is_count_over("33.33", sizes)
    near = [math.floor(Fraction(n, 3) + Fraction(1, 2)) for n in sizes.ravel()]
    expected = [
        abs(Fraction(100 * k, n) - Fraction(3333, 100)) <= Fraction(1, 200)
        for k, n in zip(near, sizes.ravel().tolist(), strict=True)
    ]
    np.testing.assert_array_equal(found.ravel(), expected)
    assert found[0, 2]
    assert not found[0, 1]


def test_ends_count_where_rounding_leaves_them_open():
    assert is_count_over("0.5", 8, unit=1)
    assert is_count_over("12", 8)  # 12.5 rounded half to even
    assert is_count_over("13", 8)
    assert not is_count_over("13", 8, rule="truncated")
    assert not is_count_over("101", 8)
    assert not is_count_over("-1", 8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: is_count_over("x", 3), "^printed"),
        (lambda: is_count_over("5", 0), "^n holds"),
        (lambda: is_count_over("5", 3, unit=0), "^unit=0"),
        (lambda: is_count_over("5", 3, rule="up"), "^rule"),
        (lambda: is_count_over("5.00000001", [10**12]), "^n has shape"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
