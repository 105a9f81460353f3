"""Kronecker products that are never formed, against NumPy's that are."""

import functools

import numpy as np
import pytest
from refutable.solvers import kronecker as kr
from scipy import stats

SIZES = [(3,), (2, 4), (3, 2, 4)]


def rng(seed=0):
    return np.random.default_rng(seed)


def kron(factors):
    return functools.reduce(np.kron, factors)


def squares(generator, sizes, rank=0):
    roots = [generator.standard_normal((n, n - rank)) for n in sizes]
    return [r @ r.T for r in roots]


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_mode_product_is_a_sum_over_one_axis(axis):
    tensor, matrix = rng().standard_normal((2, 3, 4)), rng(1).standard_normal((5, (2, 3, 4)[axis]))
    letters = "abc"[axis]
    wanted = np.einsum(f"abc,z{letters}->{'abc'.replace(letters, 'z')}", tensor, matrix)
    np.testing.assert_allclose(kr.mode_product(tensor, matrix, axis), wanted)


@pytest.mark.parametrize("sizes", SIZES)
def test_a_product_is_that_of_the_dense_matrix(sizes):
    factors = [rng(i).standard_normal((i + 2, n)) for i, n in enumerate(sizes)]
    tensor = rng(9).standard_normal(sizes)
    found = kr.multiply(factors, tensor)
    assert found.shape == tuple(len(f) for f in factors)
    np.testing.assert_allclose(found.ravel(), kron(factors) @ tensor.ravel())


@pytest.mark.parametrize("sizes", SIZES)
def test_a_mode_product_along_each_axis_is_the_product(sizes):
    factors = [rng(i).standard_normal((i + 2, n)) for i, n in enumerate(sizes)]
    tensor = rng(9).standard_normal(sizes)
    found = tensor
    for axis, factor in enumerate(factors):
        found = kr.mode_product(found, factor, axis)
    np.testing.assert_allclose(found, kr.multiply(factors, tensor))


@pytest.mark.parametrize("sizes", SIZES)
def test_solves_and_determinants_are_those_of_the_dense_matrix(sizes):
    factors, tensor = squares(rng(3), sizes, rank=1), rng(4).standard_normal(sizes)
    dense = 0.3 * np.eye(tensor.size) + kron(factors)
    spectrum = kr.decompose(factors)
    found = kr.solve(spectrum, 0.3, tensor)
    np.testing.assert_allclose(found.ravel(), np.linalg.solve(dense, tensor.ravel()))
    assert kr.logdet(spectrum, 0.3) == pytest.approx(np.linalg.slogdet(dense)[1])
    with pytest.raises(ValueError, match="noise=0.0: give a number large enough"):
        kr.logdet(kr.decompose([np.diag([1.0, 0.0])]))


@pytest.mark.parametrize("sizes", SIZES)
def test_an_inverse_takes_a_solve_along_each_axis(sizes):
    factors, tensor = squares(rng(5), sizes), rng(6).standard_normal(sizes)
    found = kr.inverse_multiply(factors, tensor)
    wanted = np.linalg.solve(kron(factors), tensor.ravel())
    np.testing.assert_allclose(found.ravel(), wanted, rtol=1e-7)
    np.testing.assert_allclose(kr.solve(kr.decompose(factors), 0.0, tensor), found, rtol=1e-7)
    factors[-1] = np.ones_like(factors[-1])
    with pytest.raises(ValueError, match=rf"^factors\[{len(sizes) - 1}\] .*singular"):
        kr.inverse_multiply(factors, tensor)


def test_a_batch_is_its_members():
    factors = [rng(i).standard_normal((5, n, n)) for i, n in enumerate((2, 3, 4))]
    factors = [f @ np.swapaxes(f, -1, -2) for f in factors]
    tensor, noise = rng(7).standard_normal((5, 2, 3, 4)), rng(8).uniform(0.1, 1, 5)
    spectrum = kr.decompose(factors)
    found = (
        kr.multiply(factors, tensor),
        kr.inverse_multiply(factors, tensor),
        kr.solve(spectrum, noise, tensor),
        kr.logdet(spectrum, noise),
    )
    for r in range(5):
        own = [f[r] for f in factors]
        one = kr.decompose(own)
        np.testing.assert_allclose(found[0][r], kr.multiply(own, tensor[r]))
        np.testing.assert_allclose(found[1][r], kr.inverse_multiply(own, tensor[r]))
        np.testing.assert_allclose(found[2][r], kr.solve(one, noise[r], tensor[r]))
        assert found[3][r] == pytest.approx(kr.logdet(one, noise[r]))
    shared = [factors[0], factors[1][0], factors[2][0]]
    np.testing.assert_allclose(
        kr.multiply(shared, tensor)[3], kr.multiply([shared[0][3], *shared[1:]], tensor[3])
    )


@pytest.mark.parametrize("sizes", [((2, 3),), ((2, 3), (3, 3), (2, 4))])
def test_the_posterior_is_that_of_the_dense_model(sizes):
    matrices = [rng(i).standard_normal(size) for i, size in enumerate(sizes)]
    scales = [rng(i + 5).uniform(0.2, 2, n) for i, (_, n) in enumerate(sizes)]
    scales[0][1] = 0.0
    data = rng(9).standard_normal([m for m, _ in sizes])
    found = kr.sparse_posterior(matrices, scales, 0.2, data)
    a, gamma = kron(matrices), kron(scales)
    covariance = 0.2 * np.eye(data.size) + (a * gamma) @ a.T
    gain = gamma[:, None] * a.T @ np.linalg.inv(covariance)
    np.testing.assert_allclose(found.mean.ravel(), gain @ data.ravel(), atol=1e-12)
    posterior = np.diag(gamma) - gain @ a * gamma
    np.testing.assert_allclose(found.variance.ravel(), np.diag(posterior), atol=1e-12)
    inverse = np.linalg.inv(covariance)
    slope = np.einsum("mi,mn,ni->i", a, inverse, a) - (a.T @ inverse @ data.ravel()) ** 2
    np.testing.assert_allclose(found.slope.ravel(), slope)
    density = stats.multivariate_normal.logpdf(data.ravel(), cov=covariance)
    assert found.cost == pytest.approx(-2 * density - data.size * np.log(2 * np.pi))


def test_a_batch_of_posteriors_is_its_members():
    matrices = [rng(0).standard_normal((4, 2, 3)), rng(1).standard_normal((4, 3, 3))]
    scales = [rng(2).uniform(0, 1, (4, 3)), rng(3).uniform(0, 1, (4, 3))]
    data, noise = rng(4).standard_normal((4, 2, 3)), rng(5).uniform(0.1, 1, 4)
    found = kr.sparse_posterior(matrices, scales, noise, data)
    for r in range(4):
        own = [[v[r] for v in values] for values in (matrices, scales)]
        one = kr.sparse_posterior(*own, noise[r], data[r])
        np.testing.assert_allclose(found.mean[r], one.mean)
        np.testing.assert_allclose(found.variance[r], one.variance)
        assert found.cost[r] == pytest.approx(one.cost)


def test_eigenvalues_below_zero_are_refused_and_rounding_is_not():
    with pytest.raises(ValueError, match=r"^factors\[1\]=-2.0: give matrices without"):
        kr.decompose([np.eye(2), np.diag([1.0, -2.0])])
    root = rng().standard_normal((20, 2))
    assert kr.decompose([root @ root.T]).values.min() == 0


def test_arguments_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match=r"^scales.*give a sequence of 2 arrays"):
        kr.sparse_posterior([np.eye(2)] * 2, [np.ones(2)], 1.0, np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"^matrix has shape \(2, 2\): give one with 3 columns"):
        kr.mode_product(np.ones((2, 3)), np.eye(2), 1)
