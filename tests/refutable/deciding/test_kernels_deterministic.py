"""Printed decimals against the decimal module, tolerances, certificates and symbols."""

import math
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from refutable.claims.symbolic import vanishes
from refutable.deciding.kernels.deterministic import prints


@given(
    st.decimals(-1000, 1000, allow_nan=False, places=6),
    st.integers(0, 5),
    st.sampled_from([ROUND_HALF_UP, ROUND_HALF_DOWN]),
)
def test_every_number_prints_its_own_rounding(value, places, mode):
    unit = Decimal(1).scaleb(-places)
    printed = value.quantize(unit, rounding=mode)
    assert prints(value, str(printed))
    assert prints(Fraction(value), f"{printed}")
    assert not prints(value, str(printed + unit + unit))


@pytest.mark.parametrize(
    ("value", "printed", "expected"),
    [
        (0.25, "0.2", True),
        (0.25, "0.3", True),
        ("0.349999", "0.3", True),
        ("0.350001", "0.3", False),
        (2.675, "2.68", False),  # as a binary fraction it is below its decimal reading
        ("2.675", "2.68", True),
        (Fraction(1, 3), "0.3333", True),
        (3, "3.0", True),
        (np.int64(3), "3", True),
        (np.float64(3.06), "3.0", False),
        (123456, "1.2e5", True),
        (-0.004, "\u22120.00", True),
        (0.05, "0.1", True),  # the float lies a little above 1/20
    ],
)
def test_printed_numbers(value, printed, expected):
    assert prints(value, printed) is expected


@pytest.mark.parametrize("value", [math.nan, math.inf, Decimal("nan"), Decimal("inf"), "x", None])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="value"):
        prints(value, "1.0")


@pytest.mark.parametrize("printed", ["", "nan", "inf", "1,2", "3.2 (0.1)", "12%", "1_000"])
def test_what_is_not_decimal_notation_is_refused(printed):
    with pytest.raises(ValueError, match="printed"):
        prints(1.0, printed)


X, Y = sympy.symbols("x y", positive=True)
N = sympy.Symbol("n", integer=True, positive=True)


@pytest.mark.parametrize(
    "identity",
    [
        (X + Y) ** 2 - X**2 - 2 * X * Y - Y**2,
        sympy.log(X * Y) - sympy.log(X) - sympy.log(Y),
        sympy.gamma(X + 1) - X * sympy.gamma(X),
        sympy.binomial(N + 1, 2) - N * (N + 1) / 2,
        sympy.Integer(0),
    ],
)
def test_identities_are_proved(identity):
    assert vanishes(identity) == "proved"


def test_a_false_identity_is_refuted_at_a_point():
    assert vanishes(X**2 - Y, x=[2], y=["9/2"]) == "refuted at x = 2, y = 9/2: -0.500000000000"
    assert vanishes(sympy.pi - sympy.Rational(355, 113)).startswith("refuted at (no symbols)")


def test_a_difference_far_below_double_precision_is_still_seen():
    assert vanishes(sympy.exp(X) - sympy.exp(X) * (1 + sympy.Rational(1, 10**20))).startswith(
        "refuted"
    )


def test_what_sympy_cannot_see_is_open():
    hidden = sympy.Function("f")(X) - sympy.Function("g")(X)
    assert vanishes(hidden) == "open"


def test_ranges_must_name_symbols_and_hold_points():
    with pytest.raises(ValueError, match="ranges"):
        vanishes(X - Y, z=[1])
    with pytest.raises(ValueError, match="range of x"):
        vanishes(X - Y, x=[])
