"""Intervals: nested intersections, and decisions that more data never undo."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refutable.deciding.kernels import Interval

REALS = st.floats(allow_nan=False, width=32)


@st.composite
def intervals(draw):
    return Interval(*sorted((draw(REALS), draw(REALS))))


@pytest.mark.parametrize("ends", [(math.nan, 1.0), (0.0, math.nan), (2.0, 1.0)])
def test_bad_ends_are_refused(ends):
    with pytest.raises(ValueError, match=r"interval|lower"):
        Interval(*ends)


@given(st.lists(intervals(), max_size=20))
def test_a_running_intersection_never_widens(pieces):
    running = Interval.everything()
    for piece in pieces:
        narrower = running.intersect(piece)
        assert narrower.inside(running.lower, running.upper)
        running = narrower


@given(st.lists(intervals(), max_size=20), st.tuples(REALS, REALS))
def test_a_decision_is_never_undone(pieces, region):
    low, high = sorted(region)
    running, inside, outside = Interval.everything(), False, False
    for piece in pieces:
        running = running.intersect(piece)
        assert running.inside(low, high) >= inside
        assert running.disjoint(low, high) >= outside
        inside, outside = running.inside(low, high), running.disjoint(low, high)
        assert not (inside and outside)


@given(REALS, st.lists(st.tuples(st.booleans(), st.floats(0, 9), st.floats(0, 9)), max_size=20))
def test_looking_more_often_never_contradicts_looking_less_often(truth, looks):
    """Intervals that all hold the truth; the first entry says who looks."""
    often = seldom = Interval.everything()
    for both_look, left, right in looks:
        piece = Interval(truth - left, truth + right)
        often = often.intersect(piece)
        seldom = seldom.intersect(piece) if both_look else seldom
    assert often.inside(seldom.lower, seldom.upper)
    assert not often.conflict


@given(intervals(), intervals())
def test_intersection_of_overlapping_intervals_is_the_plain_one(a, b):
    both = a.intersect(b)
    if max(a.lower, b.lower) <= min(a.upper, b.upper):
        assert both == Interval(max(a.lower, b.lower), min(a.upper, b.upper))
    else:
        assert both.conflict
        assert both.lower == both.upper in (a.lower, a.upper)


def test_a_conflict_is_remembered():
    clash = Interval(0.0, 1.0).intersect(Interval(2.0, 3.0))
    assert clash == Interval(1.0, 1.0, conflict=True)
    assert clash.intersect(Interval(0.0, 5.0)).conflict


def test_regions_are_closed():
    assert Interval(0.2, 0.8).inside(0.2, 0.8)
    assert not Interval(0.2, 0.8).disjoint(0.8, 1.0)
    assert Interval(0.2, 0.8).disjoint(0.81, 1.0)
    assert Interval.everything().inside(-math.inf, math.inf)
    assert Interval.everything().width == math.inf
