"""Surrogates by scikit-learn and by the exact process, and what the contests draw."""

import numpy as np
import pytest
from refutable.simulations.bayes.bnn_bo import _contests as contests
from refutable.simulations.bayes.bnn_bo import _optimisation as optimisation
from refutable.simulations.bayes.bnn_bo import _surrogates as surrogates
from refutable.simulations.bayes.bnn_bo import mechanisms, regret, wide_networks
from refutable.solvers.gaussian_process import condition
from refutable.solvers.kernels import InfiniteWidth
from scipy import integrate, stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern

from refutable import Cells

N, D = 20, 3


def data(size=2, t=5):
    rng = np.random.default_rng(0)
    x = rng.random((size, N + t, D))
    return x, surrogates.Inputs.of(x, N), np.sin(5 * x[:, :N].sum(axis=-1))


def triangle(inputs, surrogate, length):
    rows, columns = np.tril_indices(N)
    return surrogate.kernel(
        inputs.train[:, rows, columns], inputs.own[:, rows], inputs.own[:, columns], length
    )


@pytest.mark.parametrize("name", ["fitted", "prior", "infinite", "linear"])
def test_the_profile_is_that_of_the_exact_process(name):
    _, inputs, y = data()
    one = contests.surrogate(name, D)
    length, noises = one.lengths[-1], np.array([0.01, 0.3])
    covariance = one.kernel(inputs.train, inputs.own[:, :, None], inputs.own[:, None], length)
    level = np.trace(covariance, axis1=1, axis2=2) / N
    said = [
        condition(covariance + (noise * level)[:, None, None] * np.eye(N), y).profiled_loss
        for noise in noises
    ]
    found = surrogates.profile(triangle(inputs, one, length), y, noises)
    np.testing.assert_allclose(found, np.stack(said, axis=1), rtol=1e-8)


def test_the_choice_and_the_prediction_are_those_of_scikit_learn():
    """Scale profiled out by hand, length-scale and noise by search of the same grid."""
    x, inputs, y = data()
    lengths = surrogates.fitted().lengths * np.sqrt(D)

    def model(length, noise):
        return GaussianProcessRegressor(Matern(length, nu=2.5), alpha=noise, optimizer=None)

    def loss(length, noise):
        fit = model(length, noise).fit(x[0, :N], y[0])
        energy = y[0] @ fit.alpha_
        half = np.log(np.diag(fit.L_)).sum()
        return N / 2 * np.log(energy / N) + half

    grid = [(length, noise) for length in lengths for noise in surrogates.NOISES]
    best = min(grid, key=lambda pair: loss(*pair))
    length, noise = surrogates.choose(surrogates.fitted(), inputs, y)
    assert (length[0] * np.sqrt(D), noise[0]) == pytest.approx(best)
    said = model(*best).fit(x[0, :N], y[0]).predict(x[0, N:])
    found = surrogates.predict(surrogates.fitted(), inputs, y)[0]
    np.testing.assert_allclose(found, said, atol=1e-8)


def test_the_old_prior_pulls_the_length_scale_below_one():
    _, inputs, y = data()
    flat = y * 0 + inputs.own[:, :N]  # nearly linear: the likelihood wants long scales
    free, _ = surrogates.choose(surrogates.fitted(), inputs, flat)
    pulled, _ = surrogates.choose(surrogates.with_gamma_prior(D), inputs, flat)
    assert (free * np.sqrt(D) > 1).all()
    assert (pulled * np.sqrt(D) <= 1 + 1e-12).all()


def test_the_penalty_enters_the_choice():
    _, inputs, y = data()
    one = surrogates.with_gamma_prior(D)
    heavy = surrogates.Surrogate(one.kernel, one.lengths, 1e6 * np.arange(9.0)[::-1])
    np.testing.assert_allclose(surrogates.choose(heavy, inputs, y)[0], one.lengths[-1])


def test_held_parameters_are_not_fitted():
    _, inputs, y = data()
    length, noise = surrogates.choose(surrogates.fitted().held(0.7, 0.2), inputs, y)
    assert set(length) == {0.7}
    assert set(noise) == {0.2}


def test_drawn_networks_are_layers_of_standard_normal_weights():
    x = np.random.default_rng(1).random((2, 4, 3))
    found = contests.tanh_network(np.random.default_rng(2), x)
    rng, layer = np.random.default_rng(2), x
    for width in (256, 256, 1):
        weights = rng.standard_normal((2, layer.shape[-1], width), dtype=np.float32)
        layer = layer @ weights + rng.standard_normal((2, 1, width), dtype=np.float32)
        layer = np.tanh(layer) if width > 1 else layer
    np.testing.assert_allclose(found, layer[..., 0], rtol=1e-3, atol=1e-3)


def test_the_mean_of_the_outputs_has_an_error_near_one_and_noise_is_no_help():
    blind = surrogates.fitted().held(1e-3, None)
    (error,) = contests.errors(np.random.default_rng(0), 16, (blind,), 5)
    assert error.mean() == pytest.approx(1.0, abs=0.03)
    near = surrogates.fitted().held(0.2, 1e-4)
    clean = contests.errors(np.random.default_rng(0), 16, (near,), 2)
    noisy = contests.errors(np.random.default_rng(0), 16, (near,), 2, noise=1.0)
    assert noisy.mean() > 3 * clean.mean()


def test_contests_compare_the_two_that_they_name():
    (cell,) = Cells.of({"d": 2, "rival": "infinite"})
    won = contests.contest(cell, np.random.default_rng(0), 8)["network_wins"]
    assert not won.any()  # against itself nobody wins
    handicap = contests.contest(cell, np.random.default_rng(0), 8, rival_noise=0.5)
    assert handicap["network_wins"].all()


def test_networks_of_one_width_have_the_moments_of_theory():
    rng = np.random.default_rng(0)
    units = wide_networks.UNITS["relu"]
    kernels = wide_networks.network_kernels(rng, 20_000, 8, units, wide_networks.WEIGHT, 1)
    variance, _ = wide_networks._moments(8)
    assert kernels[:, 1, 1].var() == pytest.approx(variance, rel=0.3)
    corners = wide_networks.CORNERS
    said = InfiniteWidth("relu", 3, 10.0, 1.6, 10.0, 1.6).at(corners).nngp
    np.testing.assert_allclose(wide_networks._predicted(), said)
    np.testing.assert_allclose(np.diag(kernels.mean(axis=0)), np.diag(said), rtol=0.05)


def test_shared_weights_make_pairs_of_equal_units():
    rng = np.random.default_rng(0)
    layer = wide_networks._affine(rng, np.ones((3, 2, 4)), 6, 1.0, 2)
    np.testing.assert_array_equal(layer[..., ::2], layer[..., 1::2])


def test_neighbours_are_found_among_all_pairs():
    (cell,) = Cells(d=(200,))
    found = mechanisms.neighbours(cell, np.random.default_rng(0), 2, 1.5)
    x = np.random.default_rng(0).random((2, 100, 200))
    apart = np.sqrt(((x[:, :, None] - x[:, None]) ** 2).sum(axis=-1)) + 99 * np.eye(100)
    t = np.sqrt(5) / 1.5 * apart.min(axis=(1, 2))
    np.testing.assert_array_equal(found["alone"], (1 + t + t**2 / 3) * np.exp(-t) < 0.01)


def test_linearity_is_a_squared_correlation():
    (cell,) = Cells(d=(5,))
    found = mechanisms.linearity(cell, np.random.default_rng(0), 2)["unexplained"]
    x = np.random.default_rng(0).random((2, 100, 5))
    centre, lower = np.eye(100) - 0.01, np.tril_indices(100, -1)
    for points, share in zip(x, found, strict=True):
        kernel = InfiniteWidth("relu", 3, 10.0, 1.6, 10.0, 1.6).at(points).nngp
        both = [(centre @ each @ centre)[lower] for each in (kernel, points @ points.T)]
        assert share == pytest.approx(1 - np.corrcoef(*both)[0, 1] ** 2, abs=1e-9)


@pytest.mark.parametrize(("mean", "deviation"), [(0.3, 0.5), (-1.0, 0.7), (2.0, 0.1)])
def test_the_expected_improvement_is_an_integral(mean, deviation):
    law = stats.norm(mean, deviation)
    said = integrate.quad(lambda f: (f - 0.4) * law.pdf(f), 0.4, mean + 12 * deviation)[0]
    arrays = (np.array(each) for each in (mean, deviation, 0.4))
    assert optimisation.expected_improvement(*arrays) == pytest.approx(said, rel=1e-6)


def test_the_improvement_is_that_of_the_scaled_process():
    """A process with known parameters, by scikit-learn; outputs are standardised before."""
    x, _, y = data(size=1)
    one = surrogates.fitted().held(0.5, 0.01)
    found = optimisation.improvement(one, x[:, :N], y, x[:, N:])[0]
    z = (y[0] - y[0].mean()) / y[0].std()
    model = GaussianProcessRegressor(Matern(0.5 * np.sqrt(D), nu=2.5), alpha=0.01, optimizer=None)
    mean, deviation = model.fit(x[0, :N], z).predict(x[0, N:], return_std=True)
    scale = np.sqrt(z @ model.alpha_ / N)
    law = stats.norm(mean, scale * deviation)
    gap = law.mean() - z.max()
    said = gap * law.sf(z.max()) + law.std() ** 2 * law.pdf(z.max())
    np.testing.assert_allclose(found, said, rtol=1e-6)


def test_the_best_of_the_candidates_is_evaluated_next():
    rng = np.random.default_rng(0)
    x = rng.random((3, 6, 2))
    drawn = optimisation.Candidates(20, 5).draw(rng, 3, 2)
    one = surrogates.infinite()

    def height(u):
        return -((u - 0.3) ** 2).sum(axis=-1)

    after = optimisation._next(one, height, x, drawn)
    np.testing.assert_array_equal(after[:, :6], x)
    best = x[np.arange(3), height(x).argmax(axis=1)]
    near = np.clip(best[:, None] + drawn[1], 0, 1)
    candidates = np.concatenate([drawn[0], near], axis=1)
    gains = optimisation.improvement(one, x, height(x), candidates)
    chosen = candidates[np.arange(3), gains.argmax(axis=1)]
    np.testing.assert_array_equal(after[:, 6], chosen)


def test_search_never_loses_what_it_has_and_starts_alike():
    pair = (surrogates.fitted().held(0.3, 1e-4), surrogates.infinite())
    few = optimisation.Candidates(10, 2)

    def best(steps):
        rng = np.random.default_rng(3)
        return optimisation.best_values(rng, 4, lambda u: u[..., 0], 2, pair, 3, steps, few)

    start = best(0)
    np.testing.assert_array_equal(start, np.broadcast_to(start[0], (3, 4)))
    assert (best(4) >= start).all()
    assert (best(4)[0] > start[0]).all()


def test_a_slope_is_added_to_the_function():
    (cell,) = Cells(steps=(2,))
    steep = regret.optimisations(cell, np.random.default_rng(0), 4, slope=1e6)
    flat = regret.optimisations(cell, np.random.default_rng(0), 4)
    assert not steep["random_ahead"].any()  # both surrogates climb at once
    assert set(flat) == {"process_ahead", "random_ahead"}
