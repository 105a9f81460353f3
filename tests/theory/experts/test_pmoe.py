"""PMoE's frequencies, directions and variances against enumeration and simulation."""

import numpy as np
import pytest
import scipy
from refutable.theory.experts import pmoe as theory

MEANS = np.array([0.0, 0.3, 0.6, 1.0])
WEIGHTS = scipy.special.softmax([0.0629, -0.0661, 0.3202, 0.0525])


def test_two_primitives_win_by_the_normal_law_of_their_difference():
    for gap, sd in ((0.5, 1.0), (2.0, 0.7)):
        found = theory.win_probabilities((0.0, gap), sd)
        better = scipy.special.ndtr(gap / sd / np.sqrt(2))
        np.testing.assert_allclose(found, [1 - better, better], atol=1e-10)


@pytest.mark.parametrize("means", [(0.0, 0.5, 1.0), (0.0, 0.3, 0.6, 1.0), (3.0, 3.0, 3.0)])
def test_wins_are_the_orthant_probabilities_of_differences(means):
    found = theory.win_probabilities(means)
    assert found.sum() == pytest.approx(1.0, abs=1e-10)
    for i in range(len(means)):
        gaps = np.delete(means[i] - np.array(means), i)
        covariance = np.eye(gaps.size) + 1.0
        law = scipy.stats.multivariate_normal(np.zeros(gaps.size), covariance, seed=0)
        assert found[i] == pytest.approx(law.cdf(gaps), abs=2e-5)


def test_the_jacobian_and_both_directions_are_derivatives():
    theta = np.log(WEIGHTS)
    wins = theory.win_probabilities(MEANS)

    def loss(at):
        w = scipy.special.softmax(at)
        return sum(p * ((w - e) ** 2).sum() for p, e in zip(wins, np.eye(4), strict=True))

    def value(at):
        return scipy.special.softmax(at) @ MEANS

    for function, found in (
        (loss, -theory.frequency_ascent(WEIGHTS, wins)),
        (value, theory.policy_gradient(WEIGHTS, MEANS)),
    ):
        numeric = scipy.optimize.approx_fprime(theta, function, 1e-7)
        np.testing.assert_allclose(found, numeric, atol=1e-6)
    columns = scipy.optimize.approx_fprime(theta, scipy.special.softmax, 1e-7)
    np.testing.assert_allclose(theory.softmax_jacobian(WEIGHTS), columns, atol=1e-6)


def test_the_frequency_rule_is_the_policy_gradient_of_two_primitives_up_to_length():
    weights = np.array([0.3, 0.7])
    wins = theory.win_probabilities((0.0, 2.0))
    one = theory.frequency_ascent(weights, wins)
    assert theory.cosine(one, theory.policy_gradient(weights, np.array([0.0, 2.0]))) == (
        pytest.approx(1.0)
    )
    assert theory.cosine(one, -one) == pytest.approx(-1.0)


@pytest.mark.parametrize("sd", [1.0, 0.4])
@pytest.mark.parametrize("baseline", [0.0, 0.5])
def test_spreads_are_those_of_draws(sd, baseline):
    rng, size = np.random.default_rng(3), 400_000
    moves = np.eye(4) - WEIGHTS
    taken = rng.choice(4, size=size, p=WEIGHTS)
    steps = (rng.normal(MEANS[taken], sd) - baseline)[:, None] * moves[taken]
    mean = theory.policy_gradient(WEIGHTS, MEANS)
    np.testing.assert_allclose(steps.mean(axis=0), mean, atol=6e-3)
    _compare(steps, mean, theory.reinforce_spread(WEIGHTS, MEANS, sd, baseline))
    best = rng.normal(MEANS, sd, (size, 4)).argmax(axis=1)
    wins = theory.win_probabilities(MEANS, sd)
    steps = -2 * (WEIGHTS - np.eye(4)[best]) @ theory.softmax_jacobian(WEIGHTS)
    mean = theory.frequency_ascent(WEIGHTS, wins)
    np.testing.assert_allclose(steps.mean(axis=0), mean, atol=3e-3)
    _compare(steps, mean, theory.frequency_spread(WEIGHTS, wins))


def _compare(steps, mean, predicted):
    squares = ((steps - mean) ** 2).sum(axis=1) / (mean @ mean)
    assert predicted[0] == pytest.approx(squares.mean(), rel=0.01)
    assert predicted[1] == pytest.approx(squares.var(), rel=0.04)
