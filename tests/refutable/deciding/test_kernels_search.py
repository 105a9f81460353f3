"""Ends of intervals: the last place that is refuted, in few evaluations."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refutable.deciding.kernels.search import RESOLUTION, last_above


def counted(function):
    places = []

    def surplus(place):
        places.append(place)
        return function(place)

    return surplus, places


FALLING = {
    "line": lambda root: lambda x: root - x,
    "steep": lambda root: lambda x: math.expm1(min(50 * (root - x), 700)),
    "flat": lambda root: lambda x: (root - x) ** 3,
    "jump": lambda root: lambda x: 1.0 if x < root else -1.0,
    "infinite": lambda root: lambda x: math.inf if x < root else -math.inf,
    "pole": lambda root: lambda x: math.log(root / x),
}


@pytest.mark.parametrize("name", FALLING)
@given(root=st.floats(0.001, 0.999), scale=st.sampled_from([1e-12, 1.0, 1e6]))
def test_the_place_is_just_below_the_root(name, root, scale):
    function = FALLING[name](root)
    surplus, places = counted(lambda x: function(x / scale))
    found = last_above(surplus, 0.0, scale)
    assert 0 <= root * scale - found <= 1.01 * RESOLUTION * scale or name == "flat"
    assert function(found / scale) > 0 or found == 0.0
    assert len(places) <= 32
    assert all(0.0 < place < scale for place in places)


def test_smooth_evidence_takes_a_third_of_the_evaluations_of_bisection():
    x = np.random.default_rng(0).beta(2, 5, 500)
    surplus, places = counted(lambda m: float(np.log1p(0.2 * (x / m - 1)).sum()) - 10.0)
    found = last_above(surplus, 0.0, 1.0)
    assert surplus(found) > 0 >= surplus(found + RESOLUTION)
    assert len(places) - 2 <= 14


def test_nothing_refuted_and_everything_refuted():
    assert last_above(lambda x: -1.0, 0.0, 1.0) == 0.0
    assert last_above(lambda x: 1.0, 0.0, 1.0) == pytest.approx(1.0, abs=2 * RESOLUTION)
    assert last_above(lambda x: 1.0, 0.5, 0.5) == 0.5
