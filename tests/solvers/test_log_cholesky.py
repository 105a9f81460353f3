"""The log-Cholesky coordinates against numerical derivatives and integrals."""

import numpy as np
import pytest
from refutable.solvers import log_cholesky as lc
from scipy import stats


@pytest.fixture
def vectors():
    return 0.5 * np.random.default_rng(3).standard_normal((5, 2, 6))


def test_there_and_back(vectors):
    matrices = lc.positive_definite(vectors)
    assert matrices.shape == (5, 2, 3, 3)
    assert np.linalg.eigvalsh(matrices).min() > 0
    np.testing.assert_allclose(lc.coordinates(matrices), vectors, atol=1e-12)


def test_rows_come_one_after_another_with_logarithms_on_the_diagonal():
    factor = lc.cholesky_factor([np.log(2.0), -1.0, np.log(3.0)])
    np.testing.assert_allclose(factor, [[2.0, 0.0], [-1.0, 3.0]])


def test_the_jacobian_is_the_determinant_of_numerical_derivatives(vectors):
    step, rows, columns = 1e-5, *np.tril_indices(3)
    for x in vectors[:, 0]:
        moved = lc.positive_definite(x + step * np.eye(6)) - lc.positive_definite(
            x - step * np.eye(6)
        )
        derivative = moved[:, rows, columns] / (2 * step)
        _, expected = np.linalg.slogdet(derivative)
        assert lc.log_jacobian(x) == pytest.approx(expected, abs=1e-7)


def test_a_wishart_density_keeps_its_mass():
    law = stats.wishart(5, np.array([[1.0, 0.3], [0.3, 0.5]]))

    axes = [np.linspace(*ends, 60) for ends in ((-3, 2.5), (-7, 7), (-4.5, 2))]
    x = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    density = law.pdf(lc.positive_definite(x).transpose(1, 2, 0)) * np.exp(lc.log_jacobian(x))
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    assert density.sum() * cell == pytest.approx(1.0, abs=1e-4)


def test_the_gradient_is_the_numerical_one(vectors):
    weight = np.random.default_rng(4).standard_normal((3, 3))

    def value(x):
        g = lc.positive_definite(x)
        return np.linalg.slogdet(g)[1] + (weight * g).sum(axis=(-1, -2))

    x, step = vectors[0, 0], 1e-5
    numerical = (value(x + step * np.eye(6)) - value(x - step * np.eye(6))) / (2 * step)
    exact = lc.pull_back(x, np.linalg.inv(lc.positive_definite(x)) + weight)
    np.testing.assert_allclose(exact, numerical, rtol=1e-7)


def test_what_is_no_positive_definite_matrix_is_refused():
    with pytest.raises(ValueError, match="matrix has shape"):
        lc.coordinates([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(ValueError, match="vector has 4 numbers"):
        lc.positive_definite(np.zeros(4))
