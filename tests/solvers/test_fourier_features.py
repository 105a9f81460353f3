"""Random Fourier features against their kernel, scikit-learn, differences and least squares."""

import numpy as np
import pytest
from refutable.solvers import fourier_features as ff
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import Ridge

RNG = np.random.default_rng(0)
POINTS = RNG.standard_normal((5, 2))


def test_inner_products_are_those_of_a_gaussian_kernel():
    phi = ff.draw_fourier_features(RNG, 50_000, 2, 1.5, 1).of(POINTS)[0]
    apart = ((POINTS[:, None] - POINTS) ** 2).sum(axis=-1)
    np.testing.assert_allclose(phi @ phi.T, np.exp(-(1.5**2) * apart / 2), atol=0.02)


def test_features_are_those_of_scikit_learn():
    peer = RBFSampler(gamma=0.5, n_components=7, random_state=0).fit(POINTS)
    mine = ff.FourierFeatures(peer.random_weights_, peer.random_offset_)
    np.testing.assert_allclose(mine.of(POINTS), peer.transform(POINTS), rtol=1e-12)


def test_each_replicate_has_features_of_its_own():
    drawn = ff.draw_fourier_features(RNG, 6, 3, 1.0, 4)
    points = RNG.standard_normal((4, 5, 3))
    for r in range(4):
        one = ff.FourierFeatures(drawn.frequencies[r], drawn.phases[r])
        np.testing.assert_allclose(drawn.of(points)[r], one.of(points[r]), rtol=1e-12)
        np.testing.assert_allclose(drawn.of(points[0])[r], one.of(points[0]), rtol=1e-12)
    assert len(np.unique(drawn.frequencies)) == drawn.frequencies.size


def test_the_steepest_place_by_differences():
    drawn, h = ff.draw_fourier_features(RNG, 30, 2, 2.0, 3), 1e-5
    rule = RNG.standard_normal((3, 30))
    across, along = np.linspace(-1, 2, 23), np.linspace(0, 1, 17)
    mesh = np.stack(np.meshgrid(across, along), axis=-1).reshape(-1, 2)
    slopes = [
        ((drawn.of(mesh + h * e) - drawn.of(mesh - h * e)) @ rule[..., None])[..., 0] / (2 * h)
        for e in np.eye(2)
    ]
    found = ff.steepest_on_mesh(drawn, rule, across, along)
    np.testing.assert_allclose(found, np.hypot(*slopes).max(axis=1), rtol=1e-7)


def test_a_rule_is_the_ridge_of_scikit_learn_and_a_least_squares_problem():
    phi, y = RNG.standard_normal((2, 40, 6)), RNG.standard_normal((2, 40))
    root = RNG.standard_normal((2, 3, 6))
    penalty = np.swapaxes(root, 1, 2) @ root
    plain = ff.penalised_rule(phi, y, penalty, 0.0, 0.05)
    bent = ff.penalised_rule(phi, y, penalty, 0.3, 0.05)
    for r in range(2):
        peer = Ridge(alpha=40 * 0.05, fit_intercept=False).fit(phi[r], y[r])
        np.testing.assert_allclose(plain[r], peer.coef_, rtol=1e-9)
        rows = np.vstack([phi[r] / 40**0.5, 0.3**0.5 * root[r], 0.05**0.5 * np.eye(6)])
        right = np.concatenate([y[r] / 40**0.5, np.zeros(9)])
        np.testing.assert_allclose(bent[r], np.linalg.lstsq(rows, right)[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ff.FourierFeatures(np.ones((2, 3)), np.ones(2)), "^phases has shape"),
        (lambda: ff.draw_fourier_features(RNG, 3, 2, 0.0, 1), "^bandwidth"),
        (lambda: ff.draw_fourier_features(RNG, 3, 2, 1.0, 1).of(np.ones((4, 3))), "^points has"),
        (
            lambda: ff.steepest_on_mesh(
                ff.draw_fourier_features(RNG, 3, 1, 1.0, 1), np.ones((1, 3)), [0.0], [0.0]
            ),
            "^features has shape",
        ),
        (
            lambda: ff.penalised_rule(np.ones((4, 2)), np.ones(3), np.eye(2), 1.0, 1.0),
            "^y has shape",
        ),
        (
            lambda: ff.penalised_rule(np.ones((4, 2)), np.ones(4), np.eye(3), 1.0, 1.0),
            "^penalty has shape",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
