"""Every refusal names the argument and says what to do."""

from __future__ import annotations

import numpy as np
import pytest
from refutable.solvers.argument_checks import equal_shapes, finite_array, positive, whole_number


@pytest.mark.parametrize("bad", [[], [np.nan], [[np.inf]]])
def test_finite_array_refuses(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="scores"):
        finite_array("scores", bad)


def test_finite_array_counts_axes() -> None:
    assert finite_array("x", [[1]], ndim=2).dtype == np.float64
    with pytest.raises(ValueError, match="give an array with 1"):
        finite_array("x", [[1.0]], ndim=1)
    with pytest.raises(ValueError, match="at least 2"):
        finite_array("x", [1.0], least=2)


def test_numbers() -> None:
    assert whole_number("k", 3, 1, 3) == 3
    for bad in (0, 4, 1.5):
        with pytest.raises(ValueError, match="k="):
            whole_number("k", bad, 1, 3)  # type: ignore[arg-type]
    for value in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="beta="):
            positive("beta", value)


def test_equal_shapes() -> None:
    equal_shapes("a", np.ones(2), "b", np.ones(2))
    with pytest.raises(ValueError, match="give the shape of a"):
        equal_shapes("a", np.ones(2), "b", np.ones(3))
