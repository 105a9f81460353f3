"""Cut probabilities against a fine grid of placements, and against values known elsewhere."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.selection import mini_monkey as theory

GRIDS = st.tuples(st.integers(1, 7), st.integers(1, 7))


def uncut_by_integration(grids, w, h, points=3001):
    """Midpoint rule over placements, axis by axis."""

    def whole(parts, size):
        starts = (np.arange(points) + 0.5) / points * (1 - size)
        inner = np.arange(1, parts) / parts
        return ~((starts[:, None] < inner) & (inner < starts[:, None] + size)).any(axis=1)

    x = [whole(m, w) for m, _ in grids]
    y = [whole(k, h) for _, k in grids]
    total = sum(a.mean() * b.mean() for a, b in zip(x, y, strict=True))
    if len(grids) == 2:
        total -= (x[0] & x[1]).mean() * (y[0] & y[1]).mean()
    return total


@given(first=GRIDS, second=GRIDS, w=st.floats(0.02, 0.9), h=st.floats(0.02, 0.9))
def test_against_integration(first, second, w, h):
    for grids in ((first,), (first, second)):
        assert theory.uncut(grids, w, h) == pytest.approx(
            uncut_by_integration(grids, w, h), abs=0.02
        )


@pytest.mark.parametrize(
    ("grids", "size", "value"),
    [
        (((4, 3),), (0.05, 0.05), 0.75346),
        (((4, 3), (3, 2)), (0.05, 0.05), 0.98061),
        (((4, 3), (2, 2)), (0.05, 0.05), 0.94183),
        (((4, 3),), (0.15, 0.1), 0.36601),
        (((4, 3), (3, 2)), (0.15, 0.1), 0.75817),
        (((4, 3), (2, 2)), (0.15, 0.1), 0.78431),
        (((4, 3), (4, 3)), (0.05, 0.05), 0.75346),
    ],
)
def test_values(grids, size, value):
    assert theory.uncut(grids, *size) == pytest.approx(value, abs=5e-6)


@given(m=st.integers(1, 8), size=st.floats(0.01, 0.99))
def test_simple_formula_holds_up_to_one_tile(m, size):
    if size <= 1 / m:
        assert theory.uncut_on_axis([m], size) == pytest.approx(theory.simple_uncut(m, size))
    else:
        assert theory.uncut_on_axis([m], size) == pytest.approx(0, abs=1e-12)


@given(first=GRIDS, second=GRIDS)
def test_shared_lines_by_listing(first, second):
    common = any(
        {Fraction(i, a) for i in range(1, a)} & {Fraction(i, b) for i in range(1, b)}
        for a, b in zip(first, second, strict=True)
    )
    assert theory.share_a_line(first, second) == common
    assert theory.coprime_rule(first, second) is not common


@given(first=GRIDS, second=GRIDS)
def test_rules_are_nested(first, second):
    if theory.neither_divides_rule(first, second):
        assert theory.released_rule(first, second)


def test_counts():
    assert theory.TOKENS_PER_TILE == 256
    assert theory.compressed_tokens(12, 7) == 3584
    counts = [theory.grid_count(*span) for span in ((1, 12), (4, 12), (3, 7))]
    assert counts == [35, 30, 13]


def test_refusal():
    with pytest.raises(ValueError, match="grids"):
        theory.uncut((), 0.1, 0.1)
