"""Accounting of tensors, and numbers as printed."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.accounting import (
    Agreement,
    Interval,
    Tensor,
    activated,
    agreement,
    bytes_stored,
    exact_mean,
    experts,
    linear,
    multiply_adds,
    parameters,
    printed_interval,
    prints,
    repeated,
)

SHAPES = st.lists(st.integers(1, 9), max_size=3).map(tuple)


@given(st.lists(st.tuples(SHAPES, st.integers(0, 5)), max_size=6))
def test_parameters_are_the_entries_of_real_arrays(items):
    tensors = [Tensor(f"t{i}", shape, count) for i, (shape, count) in enumerate(items)]
    arrays = [np.zeros(shape) for shape, count in items for _ in range(count)]
    assert parameters(tensors) == sum(a.size for a in arrays)
    assert bytes_stored(tensors) == sum(a.astype(np.float16).nbytes for a in arrays)


def test_multiply_adds_count_the_used_copies_of_matrices_only():
    experts = linear("expert", 3, 5, count=8, active=2)
    table = Tensor("embedding", (100, 3), active=0)
    assert multiply_adds([*experts, table]) == 2 * 15
    assert multiply_adds([*experts, table], tokens=7) == 7 * 30
    assert multiply_adds(linear("dense", 3, 5, count=4)) == 60


def test_repeating_a_block_scales_everything():
    block = [*linear("a", 2, 3, count=4, active=1), Tensor("n", (3,), 2)]
    thrice = repeated(block, 3)
    assert parameters(thrice) == 3 * parameters(block)
    assert multiply_adds(thrice) == 3 * multiply_adds(block)
    assert parameters(thrice, prefix="n") == 18


@given(st.integers(1, 6), st.data())
def test_activated_are_the_entries_of_the_arrays_that_a_routed_token_meets(held, data):
    chosen, shared, layers = (data.draw(st.integers(0, n)) for n in (held, 3, 4))
    block = linear("expert", 3, 5)
    layer = (
        *linear("router", 3, held, bias=False),
        *experts(block, held, chosen),
        *repeated(linear("shared", 3, 5), shared),
    )
    model = [Tensor("embedding", (7, 3), active=0), *repeated(layer, layers)]
    met = []
    for _ in range(layers):
        networks = [[np.zeros(t.shape) for t in block] for _ in range(held)]
        scores = data.draw(st.permutations(range(held)))
        met += [
            a for e in sorted(range(held), key=scores.__getitem__)[:chosen] for a in networks[e]
        ]
        met += [np.zeros((3, held)), *(np.zeros(t.shape) for _ in range(shared) for t in block)]
    assert activated(model) == 21 + sum(a.size for a in met)
    assert multiply_adds(model) == sum(a.size for a in met if a.ndim == 2)
    assert activated(model, prefix="shared") == layers * shared * 20
    assert parameters(model) - activated(model) == layers * (held - chosen) * 20


def test_experts_within_experts_and_active_copies_are_chosen_together():
    inner = experts((Tensor("w", (2, 3), count=2, active=1),), 4, 3)
    assert [(t.count, t.active, t.chosen) for t in inner] == [(8, 3, 6)]
    assert [(t.count, t.active, t.chosen) for t in experts(inner, 5, 2)] == [(40, 6, 12)]
    assert [(t.count, t.active, t.chosen) for t in experts(inner, 5, 0)] == [(40, 0, 0)]


def test_fractional_bits_spread_group_scales():
    assert bytes_stored([Tensor("w", (64, 8), bits=4 + Fraction(16, 64))]) == Fraction(17, 4) * 64


@pytest.mark.parametrize(
    "bad",
    [
        {"shape": (0, 3)},
        {"shape": (2.5, 3)},
        {"shape": (math.nan, 3)},
        {"shape": (3,), "count": -1},
        {"shape": (3,), "count": 1.5},
        {"shape": (3,), "bits": 0},
        {"shape": (3,), "bits": math.nan},
        {"shape": (3,), "bits": math.inf},
        {"shape": (3,), "active": -1},
        {"shape": (3,), "active": math.nan},
        {"shape": (3,), "count": 2, "chosen": 3},
        {"shape": (3,), "chosen": -1},
        {"shape": (3,), "chosen": 0.5},
    ],
)
def test_impossible_tensors_are_refused(bad):
    name = list(bad)[-1]  # of the argument that is wrong
    with pytest.raises(ValueError, match=rf"^{name} of 'w'="):
        Tensor("w", **bad)


@given(st.integers(-(10**6), 10**6), st.integers(0, 4), st.integers(-6, 6))
def test_prints_is_half_a_unit_with_both_ends(digits, places, tenths):
    printed = f"{Decimal(digits).scaleb(-places):f}"
    unit = Fraction(1, 10**places)
    value = Fraction(printed) + tenths * unit / 10
    assert prints(value, printed) == (abs(tenths) <= 5)


def test_boundaries_need_exact_decimals():
    assert prints(exact_mean(["70.60", "77.75", "67.16", "38.09", "28.86", "7.73"]), "48.37")
    assert exact_mean(["1.01", "1.02"]) == Fraction("1.015")


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_python_rounding_always_prints(value, places):
    assert prints(value, f"{value:.{places}f}")


def test_agreement_has_three_outcomes():
    assert agreement(3.19, "3.2") == (Agreement.REPRODUCED, "")
    assert agreement(3.3, "3.2", {"a": 3.4, "b": 3.2}) == (Agreement.UNDER_CONVENTION, "b")
    assert agreement(3.3, "3.2", {"a": 3.4}) == (Agreement.NOT_REPRODUCED, "")


@given(*[st.fractions(-5, 5, max_denominator=40) for _ in range(4)], st.fractions(0, 1))
def test_interval_arithmetic_holds_every_pair_of_members(a, b, c, d, t):
    x, y = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    u, v = x.low + t * (x.high - x.low), y.high - t * (y.high - y.low)
    assert u + v in x + y
    assert u - v in x - y
    assert u * v in x * y
    if y.low > 0 or y.high < 0:
        assert u / v in x / y


def test_rounded_inputs_widen_what_could_be_printed():
    ratio = printed_interval("2.00") / printed_interval("3.0")
    assert ratio.overlaps(printed_interval("0.67"))
    assert ratio.overlaps(printed_interval("0.68"))
    assert not ratio.overlaps(printed_interval("0.69"))
    mean = Interval.mean([printed_interval("1.0"), printed_interval("2.0")])
    assert (mean.low, mean.high) == (Fraction("1.45"), Fraction("1.55"))


@pytest.mark.parametrize("text", ["abc", "nan", "inf", ""])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"^printed\b"):
        printed_interval(text)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None, Decimal("NaN")])
@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda bad: prints(bad, "3.2"), "value"),
        (lambda bad: agreement(bad, "3.2"), "value"),
        (lambda bad: agreement(1, "3.2", {"other": bad}), "value"),
        (lambda bad: printed_interval("3.2").scaled(bad), "factor"),
    ],
)
def test_values_that_are_no_finite_numbers_are_refused(call, name, bad):
    with pytest.raises(ValueError, match=f"^{name}=.*: give a finite number"):
        call(bad)


def test_empty_and_unbounded_are_refused():
    with pytest.raises(ValueError, match="^entries is empty"):
        exact_mean([])
    with pytest.raises(ValueError, match="^entries is empty"):
        Interval.mean([])
    with pytest.raises(ValueError, match="holds 0"):
        printed_interval("1") / printed_interval("0")
    with pytest.raises(ValueError, match="^low="):
        Interval(Fraction(2), Fraction(1))
