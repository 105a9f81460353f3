"""Prototype scores against SciPy's distances."""

import numpy as np
import pytest
from refutable.solvers.prototype_scores import prototype_scores
from scipy.spatial.distance import cdist

X = np.random.default_rng(0).standard_normal((5, 7, 3))
PROTOTYPE = np.array([0.5, -1.0, 2.0])


@pytest.mark.parametrize(
    ("distance", "metric", "scale"),
    [
        ("mean absolute", "cityblock", 1 / 3),
        ("root mean square", "euclidean", 3**-0.5),
        ("norm over channels", "euclidean", 1 / 3),
    ],
)
@pytest.mark.parametrize("variance", [0.5, 2.0])
def test_every_distance(distance, metric, scale, variance):
    apart = scale * cdist(X.reshape(-1, 3), PROTOTYPE[None], metric).reshape(5, 7)
    found = prototype_scores(X, PROTOTYPE, distance=distance, variance=variance)
    np.testing.assert_allclose(found, np.exp(-(apart**2) / (2 * variance)))


def test_one_point_and_no_change_of_what_is_given():
    point = PROTOTYPE + 1.0
    assert prototype_scores(point, PROTOTYPE) == pytest.approx(np.exp(-1))
    np.testing.assert_array_equal(point, PROTOTYPE + 1.0)


def test_features_of_another_length():
    with pytest.raises(ValueError, match="last axis of the prototype's length, 3"):
        prototype_scores(X[..., :2], PROTOTYPE)
