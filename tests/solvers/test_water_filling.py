"""Water-filling against bisection, a concave programme, and the one-pass rule."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.water_filling import (
    proportional,
    redistribute_sorted,
    runs_out_of_groups,
    water_fill,
)
from scipy.optimize import brentq

Case = tuple[list[int], int]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    sizes = draw(st.lists(st.integers(1, 60), min_size=1, max_size=12))
    return sizes, draw(st.integers(1, sum(sizes)))


def plain_rule(sizes: list[int], budget: int, whole: bool) -> list[Fraction]:
    """The released loop, one case at a time, in exact arithmetic."""
    up = ceil if whole else (lambda value: value)
    level = Fraction(up(Fraction(budget, len(sizes))))
    out = []
    for i, size in enumerate(sorted(sizes)):
        if size < level:
            left = len(sizes) - i - 1
            out.append(Fraction(size))
            level += up((level - size) / left) if left else 0
        else:
            out.append(level)
    return out


@given(cases())
def test_shares_fill_to_a_level(case: Case) -> None:
    sizes, budget = case
    result = water_fill([sizes], [budget])
    assert result.shares.sum() == pytest.approx(budget)
    np.testing.assert_allclose(result.shares[0], np.minimum(sizes, result.level[0]))


@given(cases())
def test_level_by_bisection(case: Case) -> None:
    sizes, budget = case
    spent = lambda level: float(np.minimum(sizes, level).sum() - budget)  # noqa: E731
    level = brentq(spent, 0.0, float(max(sizes)), xtol=1e-12)
    assert np.minimum(sizes, level).sum() == pytest.approx(
        np.minimum(sizes, water_fill([sizes], [budget]).level[0]).sum()
    )


@given(cases())
def test_sorted_rule_equals_water_filling(case: Case) -> None:
    sizes, budget = case
    ours = redistribute_sorted([sizes], [budget]).shares
    np.testing.assert_allclose(ours, water_fill([sizes], [budget]).shares, atol=1e-9)


@given(cases(), st.booleans())
def test_sorted_rule_equals_the_plain_loop(case: Case, whole: bool) -> None:
    sizes, budget = case
    ours = np.sort(redistribute_sorted([sizes], [budget], whole).shares[0])
    np.testing.assert_allclose(ours, np.sort([float(v) for v in plain_rule(sizes, budget, whole)]))


@given(cases(), st.integers(1, 5))
def test_absent_groups_do_not_matter(case: Case, absent: int) -> None:
    sizes, budget = case
    padded = [[0] * absent + sizes]
    for whole in (False, True):
        alone = redistribute_sorted([sizes], [budget], whole).shares[0]
        np.testing.assert_allclose(
            redistribute_sorted(padded, [budget], whole).shares[0, absent:], alone
        )
    np.testing.assert_allclose(
        water_fill(padded, [budget]).shares[0, absent:], water_fill([sizes], [budget]).shares[0]
    )


@given(cases())
def test_rounded_rule_never_underspends(case: Case) -> None:
    sizes, budget = case
    assert redistribute_sorted([sizes], [budget], whole=True).shares.sum() >= budget - 1e-9


def test_proportional_fairness_programme() -> None:
    sizes, budget = np.array([3.0, 10.0, 40.0, 41.0]), 60.0
    share = cp.Variable(4)
    rules = [share <= sizes, cp.sum(share) == budget]
    cp.Problem(cp.Maximize(cp.sum(cp.log(share))), rules).solve(solver="CLARABEL")
    ours = water_fill([sizes], [budget]).shares[0]
    # The objective is flat near its maximum, so it pins values far better than the shares.
    assert np.log(ours).sum() == pytest.approx(np.log(share.value).sum(), abs=1e-6)
    np.testing.assert_allclose(ours, share.value, atol=1e-2)


def test_running_out_of_groups() -> None:
    # ceil(5/3) = 2 > 1 twice over: b grows to 2 + 1 = 3, then 3 + 2 = 5 > 3, the last group.
    assert runs_out_of_groups([[1, 1, 3]], [5]).tolist() == [True]
    assert runs_out_of_groups([[9, 9, 9]], [5]).tolist() == [False]


def test_proportional_shares() -> None:
    np.testing.assert_allclose(proportional([[1, 3]], [2]), [[0.5, 1.5]])


@pytest.mark.parametrize(
    ("sizes", "budget", "word"),
    [
        ([[1, 2]], [4], "exceeds"),
        ([[1, -2]], [1], "sizes"),
        ([[1, 2]], [0], "budget"),
        ([[1, 2]], [1, 1], "cases"),
        ([[np.nan, 2]], [1], "sizes"),
        ([1, 2], [1], "sizes"),
    ],
)
def test_refusals(sizes: list[object], budget: list[float], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        water_fill(sizes, budget)  # type: ignore[arg-type]


@pytest.mark.parametrize("sizes", [[[1.5, 2.0]], [[1.0, 2.0], [3.0, 2.0 + 1e-9]]])
def test_rounded_rule_refuses_fractional_sizes(sizes: list[list[float]]) -> None:
    budget = [1.5] * len(sizes)  # a fraction is divided and rounded like any budget
    with pytest.raises(ValueError, match=r"^sizes\b"):
        redistribute_sorted(sizes, budget, whole=True)
    with pytest.raises(ValueError, match=r"^sizes\b"):
        runs_out_of_groups(sizes, budget)
    assert redistribute_sorted(sizes, budget).shares.sum(axis=1) == pytest.approx(budget)
    assert redistribute_sorted(np.ceil(sizes), budget, whole=True).shares.min() >= 1
