"""Every refusal names the argument and says what to give; what passes comes back in one type."""

from __future__ import annotations

import decimal
import fractions
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from refutable.solvers import argument_checks as ac

NUMBERS: dict[str, Callable[[str, Any], float]] = {
    "whole_number": ac.whole_number,
    "finite": ac.finite,
    "positive": ac.positive,
    "nonnegative": ac.nonnegative,
    "between": lambda name, value: ac.between(name, value, 0, 5),
    "inside": lambda name, value: ac.inside(name, value, 0, 5),
    "below": lambda name, value: ac.below(name, value, 0, 5),
}
NO_NUMBERS = [
    None, True, np.True_, np.array(True), "3", b"3", [3], (3,), np.array([3]), 3j,
    decimal.Decimal(3), np.nan, np.inf, -np.inf, 10**400,
]  # fmt: skip


@pytest.mark.parametrize("check", NUMBERS)
@pytest.mark.parametrize("bad", NO_NUMBERS, ids=lambda bad: repr(bad)[:20])
def test_what_is_no_number_is_refused_by_name(check: str, bad: object) -> None:
    with pytest.raises(ValueError, match=r"^rate(=| has shape ).*: give a"):
        NUMBERS[check]("rate", bad)


@pytest.mark.parametrize("check", NUMBERS)
@pytest.mark.parametrize(
    "good", [3, 3.0, np.int8(3), np.uint64(3), np.float32(3), np.array(3), fractions.Fraction(3)]
)
def test_every_kind_of_number_passes(check: str, good: object) -> None:
    found = NUMBERS[check]("rate", good)
    assert found == 3
    assert type(found) is (int if check == "whole_number" else float)


@pytest.mark.parametrize(
    ("call", "good", "bad"),
    [
        (lambda v: ac.whole_number("k", v), (1, 10**30), (0, -1, 1.5)),
        (lambda v: ac.whole_number("k", v, 0), (0, 1), (-1, 0.5)),
        (lambda v: ac.whole_number("k", v, 2, 4), (2, 4), (1, 5)),
        (lambda v: ac.positive("k", v), (5e-324, 1e308), (0, -1)),
        (lambda v: ac.positive("k", v, endless=True), (np.inf,), (0, -np.inf, np.nan)),
        (lambda v: ac.nonnegative("k", v), (0, 1e308), (-5e-324,)),
        (lambda v: ac.nonnegative("k", v, endless=True), (np.inf,), (-1, np.nan)),
        (lambda v: ac.between("k", v, 0, 1), (0, 1), (-1e-9, 1 + 1e-9)),
        (lambda v: ac.inside("k", v, 0, 1), (1e-9, 1 - 1e-9), (0, 1)),
        (lambda v: ac.below("k", v, 0, 1), (0, 1 - 1e-9), (-1e-9, 1)),
        (lambda v: ac.one_of("k", v, ("a", "b")), ("a", "b"), ("c", "", None, 3, ["a"])),
    ],
)
def test_the_ends_of_a_range(call: Callable[[Any], Any], good: Any, bad: Any) -> None:
    assert [call(value) for value in good] == list(good)
    for value in bad:
        with pytest.raises(ValueError, match="^k="):
            call(value)


def test_a_large_whole_number_keeps_its_last_digit() -> None:
    assert ac.whole_number("k", 2**53 + 1) == 2**53 + 1


def test_a_message_stays_short_and_says_the_range() -> None:
    with pytest.raises(ValueError, match=r"^k=7: give a whole number from 1 to 3$"):
        ac.whole_number("k", 7, 1, 3)
    with pytest.raises(ValueError, match="^k=") as caught:
        ac.finite("k", "x" * 10_000)
    shown = str(caught.value).removeprefix("k=").partition(": give")[0]
    assert (len(shown), "..." in shown) == (60, True)


def test_of_an_array_the_shape_is_told_and_of_one_number_the_value() -> None:
    with pytest.raises(ValueError, match=r"^k has shape \(2, 3\): give a number$"):
        ac.refuse("k", np.zeros((2, 3)), "a number")
    with pytest.raises(ValueError, match=r"^k=array\(4\.\): give a number$"):
        ac.refuse("k", np.array(4.0), "a number")


def test_text_among_objects_is_no_number_even_if_it_spells_one() -> None:
    mixed = np.array([fractions.Fraction(1, 2), "1.5"], dtype=object)
    with pytest.raises(ValueError, match="^scores: give an array of real numbers"):
        ac.real_array("scores", mixed)
    assert ac.real_array("scores", mixed[:1]).tolist() == [0.5]


def test_a_partition_has_a_label_for_every_point() -> None:
    assert ac.partition("labels", [0, 1], 2, 2).tolist() == [0, 1]
    assert ac.partition("labels", [0, 1], None, 2).tolist() == [0, 1]
    with pytest.raises(ValueError, match=r"^labels has shape \(2,\): give shape \(3,\)$"):
        ac.partition("labels", [0, 1], 3, 2)


def test_whole_numbers_come_in_the_shape_that_is_asked_for() -> None:
    for asked, told in (
        ({"ndim": 1}, "has 2 axes: give an array with 1"),
        ({"least": 3}, "has 2 axes: give at least 3"),
        ({"shape": (2, 1)}, r"has shape \(1, 2\): give shape \(2, 1\)"),
    ):
        with pytest.raises(ValueError, match=f"^counts {told}$"):
            ac.whole_array("counts", [[1, 2]], **asked)
    with pytest.raises(ValueError, match="^counts is empty"):
        ac.whole_array("counts", np.empty((0, 2), dtype=int))


ARRAYS: dict[str, Callable[[str, Any], np.ndarray]] = {
    "finite_array": ac.finite_array,
    "positive_array": ac.positive_array,
    "bounded_array": lambda name, values: ac.bounded_array(name, values, -9),
    "whole_array": ac.whole_array,
    "flags": ac.flags,
    "matrix": ac.matrix,
    "square": ac.square,
    "symmetric": lambda name, values: ac.symmetric(name, values, 1e-9),
    "probabilities": ac.probabilities,
    "directions": ac.directions,
    "signs": ac.signs,
    "unit_vector": ac.unit_vector,
    "partition": lambda name, values: ac.partition(name, values, None, 1),
}
NO_ARRAYS = [
    None, "text", ["a", "b"], [], [[], []], np.empty((0, 2)), [np.nan], [[np.inf, 1.0]], [[1j]],
    [[1, 2], [3]], [None], [["1"]], np.array([[1, None]], dtype=object), object(), True,
]  # fmt: skip


@pytest.mark.parametrize("check", ARRAYS)
@pytest.mark.parametrize("bad", NO_ARRAYS, ids=lambda bad: repr(bad).split(" at 0x")[0][:25])
def test_what_is_no_array_of_numbers_is_refused_by_name(check: str, bad: object) -> None:
    with pytest.raises(ValueError, match=r"^scores\b.*: (give|remove)"):
        ARRAYS[check]("scores", bad)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        ("positive_array", [1e-300, 2], [0.0, 1.0]),
        ("bounded_array", [-9, 3], [-9.1, 0]),
        ("whole_array", [0, 3], [0.0, 3.0]),
        ("whole_array", np.array([3], dtype=np.uint8), [-1]),
        ("whole_array", [1, 0], [True, False]),
        ("flags", [True, False], [0, 2]),
        ("matrix", [[1, 2]], [1, 2]),
        ("square", [[1, 2], [3, 4]], [[1, 2]]),
        ("square", [[[1, 2], [3, 4]]] * 3, [[[1, 2]]] * 2),
        ("symmetric", [[1, 2], [2, 1]], [[1, 2], [2.1, 1]]),
        ("symmetric", [[[1, 200], [200.0000001, 0.5]]], [[1, 200], [200.000001, 0.5]]),
        ("symmetric", [[1e-4, 0], [0, 1]], [[1e-4, 1e-12], [0, 1e-4]]),
        ("probabilities", [[0.25, 0.75], [1, 0]], [[0.25, 0.75], [1, 1]]),
        ("probabilities", [0.5, 0.5], [-0.5, 1.5]),
        ("directions", [[0, 1]], [[0, 1], [0, 0]]),
        ("directions", [[[0, 1], [1, 0]]], [[[0, 1], [0, 0]]]),
        ("signs", [1, -1], [0, 1]),
        ("unit_vector", [0.6, -0.8], [0.6, 0.8001]),
        ("partition", [0, 0], [0, 1]),
    ],
)
def test_each_check_of_an_array_asks_for_what_it_says(check: str, good: Any, bad: Any) -> None:
    np.testing.assert_array_equal(ARRAYS[check]("scores", good), good)
    with pytest.raises(ValueError, match=r"^scores\b"):
        ARRAYS[check]("scores", bad)


def test_types_of_checked_arrays() -> None:
    for check, values in (("finite_array", [1]), ("matrix", [[1]]), ("signs", [1])):
        assert ARRAYS[check]("x", values).dtype == np.float64
    assert ac.whole_array("x", np.array([1], dtype=np.uint8)).dtype == np.int64
    assert ac.flags("x", [0.0, 1.0]).dtype == np.bool_
    assert ac.finite_array("x", [True, False]).tolist() == [1.0, 0.0]
    objects = np.array([1, fractions.Fraction(1, 2)], dtype=object)
    assert ac.finite_array("x", objects).tolist() == [1.0, 0.5]
    assert ac.finite_array("x", 3).shape == ac.whole_array("x", 3).shape == ()
    turned = np.ones((3, 2)).T
    assert ac.matrix("x", turned).flags.c_contiguous


def test_the_range_of_an_array_is_said() -> None:
    with pytest.raises(ValueError, match="^x holds values from -1.0 to 2.0: give at least 0$"):
        ac.bounded_array("x", [-1, 2], 0)
    with pytest.raises(ValueError, match="^x holds values from 0 to 2: give values from 0 to 1$"):
        ac.whole_array("x", [0, 2], 0, 1)
    with pytest.raises(ValueError, match="^x holds values from -3 to 2: give at least -2$"):
        ac.whole_array("x", [-3, 2], -2)


def test_a_bound_holds_for_every_entry() -> None:
    for bad in ([0.5, 1.5], [-0.5, 0.5]):
        with pytest.raises(ValueError, match="^x holds values from"):
            ac.bounded_array("x", bad, 0, 1)


@pytest.mark.parametrize("off", [0.5e-6, 1.5e-6])
def test_a_norm_and_a_sum_may_be_off_by_a_millionth(off: float) -> None:
    calls = (
        lambda: ac.unit_vector("x", [1 + off, 0.0]),
        lambda: ac.probabilities("x", [0.5, 0.5 + off]),
    )
    for call in calls:
        if off < 1e-6:
            call()
        else:
            with pytest.raises(ValueError, match=r"^x\b"):
                call()


def test_axes_shapes_and_columns() -> None:
    with pytest.raises(ValueError, match="^x has 2 axes: give an array with 1"):
        ac.finite_array("x", [[1.0]], ndim=1)
    with pytest.raises(ValueError, match="^x has 1 axes: give at least 2"):
        ac.finite_array("x", [1.0], least=2)
    with pytest.raises(ValueError, match=r"^x has shape \(2,\): give shape \(3,\)"):
        ac.finite_array("x", [1.0, 2.0], shape=(3,))
    with pytest.raises(ValueError, match="at least 3 columns"):
        ac.matrix("x", np.ones((2, 2)), columns=3)


def test_both_classes_and_groups() -> None:
    ac.both_classes("y", np.array([[1.0, -1.0]]))
    ac.both_classes("y", np.array([[[1.0, -1.0], [-1.0, 1.0]]] * 2))
    for bad in (np.ones((1, 2)), -np.ones((1, 2))):
        with pytest.raises(ValueError, match="^y holds one class only"):
            ac.both_classes("y", np.vstack([[1.0, -1.0], bad]))
        with pytest.raises(ValueError, match="^y holds one class only"):
            ac.both_classes("y", np.stack([[[1.0, -1.0], [1.0, -1.0]], [[1.0, -1.0], bad[0]]]))
    with pytest.raises(ValueError, match="leaves one of the 3 groups empty"):
        ac.partition("labels", [0, 0, 2], 3, 3)
    with pytest.raises(ValueError, match="^labels"):
        ac.partition("labels", [0, 1, 3], 3, 3)


def test_equal_shapes_and_generators() -> None:
    ac.equal_shapes("a", np.ones(2), "b", np.ones(2))
    with pytest.raises(ValueError, match="^b has shape.*give the shape of a"):
        ac.equal_shapes("a", np.ones(2), "b", np.ones(3))
    rng = np.random.default_rng(0)
    assert ac.generator("rng", rng) is rng
    for bad in (0, None, np.random, np.random.RandomState(0)):
        with pytest.raises(ValueError, match="^rng=.*default_rng"):
            ac.generator("rng", bad)
