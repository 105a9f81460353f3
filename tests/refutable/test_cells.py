"""Cells, grids and what varies with the effort."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refutable import ByEffort, Cell, Cells, Effort
from refutable.claims.cells import at_effort

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


def test_settings_may_depend_on_the_effort():
    caps = ByEffort(smoke=1, standard=2, full=3)
    assert [at_effort(caps, effort) for effort in Effort] == [1, 2, 3]
    assert at_effort(7, Effort.FULL) == 7
    both = Cells(n=(1, 2)) + Cells(n=(2, 3))
    assert [cell.n for cell in both] == [1, 2, 3]
