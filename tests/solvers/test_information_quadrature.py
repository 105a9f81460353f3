"""Spectra of information matrices against exact matrices, LAPACK's eigenvalues and 40 digits."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from refutable.solvers.information_quadrature import information_spectrum, line_rule


def monomials(count):
    """Scores 1, x, ..., on the uniform law of [0, 1]: the information is Hilbert's matrix."""
    nodes, weights = leggauss(count)
    x = (nodes + 1) / 2
    return np.vander(x, count, increasing=True), weights / 2


@pytest.mark.parametrize("count", [3, 6, 9])
def test_hilberts_matrix_to_forty_digits(count):
    with mpmath.workdps(40):
        exact = sorted(float(v) for v in mpmath.eigsy(mpmath.hilbert(count), eigvals_only=True))
    found = information_spectrum(*monomials(count))
    assert found.values == pytest.approx(exact, rel=1e-9, abs=0)
    assert (found.least, found.greatest) == (found.values[0], found.values[-1])


def test_the_formed_matrix_would_not_do():
    """Else the detour would be for nothing; the scores are turned, so that none is small."""
    scores, weights = monomials(13)
    scores = scores @ np.linalg.qr(np.random.default_rng(0).standard_normal((13, 13)))[0]
    with mpmath.workdps(40):
        exact = float(min(mpmath.eigsy(mpmath.hilbert(13), eigvals_only=True)))
    formed = np.linalg.eigvalsh((scores * weights[:, None]).T @ scores)[0]
    assert abs(formed / exact - 1) > 1
    assert information_spectrum(scores, weights).least == pytest.approx(exact, rel=1e-5, abs=0)


@given(st.integers(1, 5), st.integers(0, 6), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_random_spectra_are_those_of_the_formed_matrix(size, extra, seed):
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((2, 3, size + extra, size))
    weights = rng.random((2, 3, size + extra))
    found = information_spectrum(scores, weights)
    formed = np.einsum("...np,...n,...nq->...pq", scores, weights, scores)
    assert found.values == pytest.approx(np.linalg.eigvalsh(formed), abs=1e-12)
    again = np.einsum("...pk,...k,...qk->...pq", found.vectors, found.values, found.vectors)
    assert again == pytest.approx(formed, abs=1e-12)
    shared = information_spectrum(scores, weights[0, 0])
    assert shared.values[0, 0] == pytest.approx(found.values[0, 0], abs=1e-12)


def test_a_parameter_that_does_nothing_has_no_information():
    scores = np.column_stack([np.ones(5), np.arange(5.0), np.zeros(5)])
    found = information_spectrum(scores, np.full(5, 0.2))
    assert found.least == 0
    assert np.abs(found.vectors[:, 0]) == pytest.approx([0, 0, 1])


def test_the_rule_gives_gaussian_moments():
    nodes, weights = line_rule(-12, 13, 51)
    density = np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    moments = [(weights * density * nodes**k).sum() for k in range(7)]
    assert moments == pytest.approx([1, 0, 1, 0, 3, 0, 15], abs=1e-12)


def test_the_rule_halves_its_ends():
    nodes, weights = line_rule(0, 1, 5)
    assert nodes == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert weights == pytest.approx([0.125, 0.25, 0.25, 0.25, 0.125])


@pytest.mark.parametrize("ends", [(1, 1), (2, 1)])
def test_ends_in_the_wrong_order_are_refused(ends):
    with pytest.raises(ValueError, match=r"^high="):
        line_rule(*ends, 5)


def test_fewer_nodes_than_parameters_and_negative_weights_are_refused():
    with pytest.raises(ValueError, match=r"^scores .* nodes"):
        information_spectrum(np.ones((2, 3)), np.ones(2))
    with pytest.raises(ValueError, match=r"^weights holds"):
        information_spectrum(np.ones((3, 2)), np.array([1.0, -1.0, 1.0]))
    with pytest.raises(ValueError, match=r"^weights has shape"):
        information_spectrum(np.ones((2, 3, 2)), np.ones((1, 3)))
