"""Cells, grids and what varies with the effort."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refutable import ByEffort, Cell, Cells, Effort, Probability
from refutable.claims.cells import at_effort
from refutable.deciding import seeds

SCALARS = st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(max_size=5))


def test_a_grid_is_the_full_product_in_order():
    assert [c.label for c in Cells(n=(1, 2), r=(0.5, 1.5))] == [
        "n=1,r=0.5",
        "n=1,r=1.5",
        "n=2,r=0.5",
        "n=2,r=1.5",
    ]


def test_without_axes_there_is_one_cell_without_parameters():
    assert [len(cell) for cell in Cells()] == [0]


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), SCALARS))
def test_a_cell_is_the_same_whatever_the_order_and_after_travel(parameters):
    cell = Cell(parameters)
    assert cell == Cell(dict(reversed(parameters.items())))
    assert hash(cell) == hash(Cell(dict(reversed(parameters.items()))))
    assert pickle.loads(pickle.dumps(cell)) == cell


def test_a_cell_reads_as_attributes_and_says_what_it_has():
    cell = Cell({"n": 3})
    assert cell.n == 3
    with pytest.raises(AttributeError, match="no 'm'; it has n"):
        _ = cell.m
    with pytest.raises(AttributeError, match="cannot be changed"):
        cell.n = 4


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_parameters_stay_plain(value):
    with pytest.raises(TypeError, match="use an int, a float, a str or a bool"):
        Cell({"n": value})


def test_an_axis_must_be_a_tuple():
    with pytest.raises(TypeError, match="give a tuple of values"):
        Cells(n=3)
    with pytest.raises(TypeError, match="give a tuple of values"):
        Cells(name="abc")


def test_filters_select_by_value_or_by_any_of_several():
    cell = Cell({"n": 3, "r": 0.5})
    assert cell.matches({"n": 3})
    assert cell.matches({"n": (1, 3), "r": 0.5})
    assert not cell.matches({"n": 4})
    assert not cell.matches({"unknown": 4})


@pytest.mark.parametrize(
    ("value", "wanted", "holds"),
    [
        (0.1 * 3, 0.3, True),
        (0.3, 0.1 * 3, True),
        (0.3, 0.3 * (1 + 0.9e-9), True),
        (0.3, 0.3 * (1 + 1.1e-9), False),
        (0.0, 1e-300, False),
        (-0.3, 0.3, False),
        (1.0, 1, True),
        (10**9, 10**9 + 0.5, True),
        (10**12, 10**12 + 1, False),
        (True, False, False),
        (True, True, True),
        ("0.3", 0.3, False),
        ("a", "a", True),
        ("a", "A", False),
        (0.3, np.float64(0.1 * 3), True),
        (3, np.int64(3), True),
        (3, np.int64(4), False),
        (0.3, (0.2, 0.1 * 3), True),
        (0.3, [0.2, 0.1 * 3], True),
        (0.3, np.linspace(0.1, 0.3, 3), True),
        (0.3, np.linspace(0.1, 0.2, 3), False),
        (0.3, None, False),
    ],
)
def test_floats_of_a_filter_may_differ_in_their_last_bits_and_nothing_else(value, wanted, holds):
    assert Cell({"p": value}).matches({"p": wanted}) is holds


def test_a_filter_finds_a_computed_cell():
    grid = Cells(p=np.arange(1, 5) * 0.1)
    (cell,) = (cell for cell in grid if Probability("x", p=0.3).at_most(1).selects(cell))
    assert cell.p == 0.1 * 3 != 0.3


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        (np.arange(1, 4), [1, 2, 3]),
        (np.geomspace(10, 1000, 3).astype(int), [10, 100, 1000]),
        (np.linspace(0, 1, 3), [0.0, 0.5, 1.0]),
        (np.array([True, False]), [True, False]),
        (np.array(["a", "b"]), ["a", "b"]),
        ((np.int32(4), np.float64(0.5), np.bool_(True), np.str_("a")), [4, 0.5, True, "a"]),
    ],
)
def test_an_axis_of_numpy_is_the_axis_of_plain_values(axis, values):
    grid, same = Cells(n=axis), Cells(n=tuple(values))
    assert [cell.canonical for cell in grid] == [cell.canonical for cell in same]
    assert [cell.label for cell in grid] == [cell.label for cell in same]
    for cell, value in zip(grid, values, strict=True):
        assert type(cell.n) is type(value)
        assert seeds.entropy(1, "a.b", cell, 0) == seeds.entropy(1, "a.b", Cell({"n": value}), 0)


def test_a_grid_of_points_may_be_of_numpy_too():
    points = [{"n": n} for n in np.arange(2)]
    assert Cells.of(*points) == Cells(n=(0, 1))


@pytest.mark.parametrize("axis", [np.zeros((2, 2)), np.array([1j]), np.array(["2020"], "M8[Y]")])
def test_an_axis_of_numpy_that_holds_no_plain_values_is_told(axis):
    with pytest.raises(TypeError, match="use an int, a float, a str or a bool"):
        Cells(n=axis)


def test_settings_may_depend_on_the_effort():
    caps = ByEffort(smoke=1, standard=2, full=3)
    assert [at_effort(caps, effort) for effort in Effort] == [1, 2, 3]
    assert at_effort(7, Effort.FULL) == 7
    both = Cells(n=(1, 2)) + Cells(n=(2, 3))
    assert [cell.n for cell in both] == [1, 2, 3]
