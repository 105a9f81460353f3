"""The random walk against a Wishart law, the diagnostics against chains with known answers."""

import numpy as np
import pytest
from refutable.solvers import log_cholesky as lc
from refutable.solvers.random_walk_metropolis import (
    bulk_effective_size,
    random_walk_metropolis,
    split_r_hat,
)
from scipy import stats

SCALE = np.array([[1.0, 0.3], [0.3, 0.5]])
DEGREES = 6


def wishart_level(x):
    g = lc.positive_definite(x)
    volume = np.linalg.slogdet(g)[1]
    inside = (DEGREES - 3) * volume - np.trace(np.linalg.solve(SCALE, g), axis1=-2, axis2=-1)
    return inside / 2 + lc.log_jacobian(x)


def autoregression(rng, n, chains, rho):
    x = np.empty((n, chains))
    x[0] = rng.standard_normal(chains)
    for t in range(1, n):
        x[t] = rho * x[t - 1] + np.sqrt(1 - rho**2) * rng.standard_normal(chains)
    return x


def walk(chains=400, **change):
    start = np.tile(lc.coordinates(SCALE * DEGREES), (chains, 1))
    settings = {"factor": 0.4 * np.eye(3), "warm_up": 200, "kept": 150, "thin": 3, **change}
    return random_walk_metropolis(wishart_level, start, np.random.default_rng(5), **settings)


def test_a_wishart_law_is_sampled_with_its_moments():
    found = walk()
    g = lc.positive_definite(found.states)
    law = stats.wishart(DEGREES, SCALE)
    # Chains are independent: the standard error comes from their means.
    for value, exact in ((g, law.mean()), (g**2, law.var() + law.mean() ** 2)):
        means = value.mean(axis=0)
        error = means.std(axis=0) / np.sqrt(len(means))
        assert (np.abs(means.mean(axis=0) - exact) < 4.5 * error).all()
        assert (error < 0.05 * np.abs(exact)).all()


def test_the_warm_up_reaches_the_acceptance_rate_for_each_chain():
    # Long enough that one chain's own rate scatters by 0.02.
    found = walk(chains=60, warm_up=400, target=0.4)
    assert found.accepted.mean() == pytest.approx(0.4, abs=0.04)
    assert found.accepted.std() < 0.08
    assert found.scale.shape == (60,)


def test_nothing_is_adapted_after_the_warm_up():
    # Steps far too small are all accepted, and stay so.
    found = walk(chains=50, warm_up=0, factor=1e-4 * np.eye(3))
    assert (found.scale == found.scale[0]).all()
    assert found.accepted.min() > 0.99


def test_a_chain_has_a_factor_of_its_own():
    factor = np.stack([0.4 * np.eye(3), 1e-6 * np.eye(3)])
    found = walk(chains=2, warm_up=0, factor=factor)
    assert found.states[:, 1].std(axis=0).max() < 1e-3 < found.states[:, 0].std(axis=0).min()


def test_the_density_is_left_nowhere_outside_its_support():
    level = lambda x: np.where(x[:, 0] > 0, -x[:, 0], -np.inf)  # noqa: E731
    found = random_walk_metropolis(
        level, np.ones((300, 1)), np.random.default_rng(1), np.eye(1), 100, 200, 2
    )
    assert found.states.min() > 0
    assert found.states.mean() == pytest.approx(1.0, abs=0.06)


def test_a_start_of_density_zero_is_refused():
    with pytest.raises(ValueError, match="start has shape"):
        random_walk_metropolis(
            lambda x: np.full(len(x), -np.inf),
            np.ones((2, 1)),
            np.random.default_rng(1),
            np.eye(1),
            1,
            1,
        )


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_the_effective_size_of_an_autoregression_is_the_closed_form(rho):
    draws = autoregression(np.random.default_rng(2), 4000, 16, rho)
    expected = draws.size * (1 - rho) / (1 + rho)
    assert bulk_effective_size(draws) == pytest.approx(expected, rel=0.08)


def test_ranks_make_the_diagnostics_free_of_monotone_maps():
    draws = autoregression(np.random.default_rng(2), 400, 4, 0.5)
    assert bulk_effective_size(np.exp(5 * draws)) == pytest.approx(bulk_effective_size(draws))
    assert split_r_hat(np.exp(5 * draws)) == pytest.approx(split_r_hat(draws))


def test_r_hat_is_near_one_for_mixed_chains_and_not_for_shifted_or_drifting_ones():
    draws = np.random.default_rng(2).standard_normal((500, 4))
    assert split_r_hat(draws) == pytest.approx(1.0, abs=0.005)
    # Normal chains of variance 1 with means of variance 1/3 (sample, of 8 halves 2/7).
    assert split_r_hat(draws + np.array([0, 0, 1, 1])) == pytest.approx(np.sqrt(9 / 7), abs=0.03)
    assert split_r_hat(draws + np.linspace(-1, 1, 500)[:, None]) > 1.1
