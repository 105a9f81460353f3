"""The gap by which identities between arrays are judged."""

import numpy as np
from refutable.simulations.experts._identities.gap import relative_gap


def test_relative_gap_is_per_replicate_and_relative_to_the_second_array():
    b = np.array([[[1.0, -4.0], [2.0, 0.0]], [[10.0, 5.0], [0.0, 0.0]]])
    a = b + np.array([[[0.0, 1.0], [-2.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]]])
    np.testing.assert_allclose(relative_gap(a, b), [0.5, 0.1])
    assert relative_gap(b, a)[0] == 2 / 3
