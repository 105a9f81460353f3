"""Straight-through gradients against plain loops, and their moments against other integrals."""

import math
from itertools import pairwise

import numpy as np
import pytest
from refutable.solvers.gumbel_softmax import choose, straight_through, straight_through_moments
from scipy import integrate, special, stats

LOGITS = np.array([1.0, 0.0, -1.0, 0.5])
VALUES = np.array([0.0, 1.0, 4.0, 9.0])
SQUARE = 2 * np.outer(VALUES, VALUES)


def test_the_gradient_is_that_of_the_jacobian_of_softmax():
    rng = np.random.default_rng(0)
    perturbed, slopes = 3 * rng.standard_normal((2, 3, 4)), rng.standard_normal((4, 4))
    found = straight_through(perturbed, slopes, 0.7)
    for place in np.ndindex(2, 3):
        u = perturbed[place]
        y = special.softmax(u / 0.7)
        jacobian = (np.diag(y) - np.outer(y, y)) / 0.7
        assert found[place] == pytest.approx(jacobian @ slopes[np.argmax(u)])


def test_hard_and_soft_choices_are_argmax_and_softmax():
    perturbed = 3 * np.random.default_rng(2).standard_normal((5, 4))
    hard, soft = choose(perturbed, 0.3)
    for i in range(5):
        assert hard[i] == max(range(4), key=lambda j: perturbed[i, j])
        assert soft[i] == pytest.approx(special.softmax(perturbed[i] / 0.3))
    assert choose([1.0, 2.0, 2.0], 1.0)[0] == 1


def test_cold_and_large_arguments_stay_finite():
    found = straight_through(np.array([2000.0, 1999.0, -5000.0]), np.eye(3), 1e-3)
    assert found == pytest.approx(np.zeros(3))


def two_choices(slopes, tau, gap):
    """Moments for two logits: the gap of two Gumbel variables is logistic."""

    def moment(power):
        def term(d):
            y = special.expit(d / tau)
            row = slopes[0] if d > 0 else slopes[1]
            gradient = y * (1 - y) * (row[0] - row[1]) / tau
            return gradient**power * stats.logistic.pdf(d, gap)

        ends = tau * np.array([-60.0, -6.0, 0.0, 6.0, 60.0])
        return sum(integrate.quad(term, *e, epsabs=0, epsrel=1e-11)[0] for e in pairwise(ends))

    return moment(1), moment(2) - moment(1) ** 2


@pytest.mark.parametrize("tau", [2.0, 1.0, 0.1, 0.001])
@pytest.mark.parametrize("gap", [0.3, -9.0])
def test_moments_of_two_choices_are_single_integrals(tau, gap):
    slopes = np.array([[3.0, -1.0], [0.5, 2.0]])
    found = straight_through_moments([gap + 2.0, 2.0], slopes, tau, 0)
    mean, variance = two_choices(slopes, tau, gap)
    assert found.mean == pytest.approx(mean, rel=1e-8)
    assert found.variance == pytest.approx(variance, rel=1e-8)


@pytest.mark.parametrize("component", [0, 3])
@pytest.mark.parametrize("tau", [1.0, 0.3])
def test_moments_of_four_choices_are_those_of_draws(tau, component):
    count = 200_000
    noise = np.random.default_rng(1).gumbel(size=(count, 4))
    drawn = straight_through(LOGITS + noise, SQUARE, tau)[:, component]
    found = straight_through_moments(LOGITS, SQUARE, tau, component)
    assert found.mean == pytest.approx(drawn.mean(), abs=4 * drawn.std() / math.sqrt(count))
    spread = (drawn - drawn.mean()) ** 2
    assert found.variance == pytest.approx(spread.mean(), abs=4 * spread.std() / math.sqrt(count))


def test_the_mean_of_a_linear_loss_is_the_gradient_of_the_relaxed_one():
    """E v . y as a triple integral over the gaps of three logits to a fourth, differentiated."""
    logits, values = np.array([0.4, 0.0, -0.3]), np.array([1.0, -2.0, 0.5])
    tau, step = 1.0, 1e-3

    def relaxed(places):
        t = np.linspace(-18, 30, 481)
        a, b = np.meshgrid(t, t, indexing="ij")
        # gaps a, b of the first two to the third: density 2 e^(a' + b') / (1 + ...)^3
        low, high = a - (places[0] - places[2]), b - (places[1] - places[2])
        density = 2 * np.exp(-low - high) / (np.exp(-low) + np.exp(-high) + 1) ** 3
        y = special.softmax(np.stack([a, b, np.zeros_like(a)], axis=-1) / tau, axis=-1)
        return (density * (y @ values)).sum() * (t[1] - t[0]) ** 2

    up, down = (relaxed(logits + sign * step * np.eye(3)[1]) for sign in (1, -1))
    found = straight_through_moments(logits, np.tile(values, (3, 1)), tau, 1)
    assert found.mean == pytest.approx((up - down) / (2 * step), rel=1e-5)


def test_a_common_shift_and_a_common_slope_change_nothing():
    plain = straight_through_moments(LOGITS, SQUARE, 0.5, 3)
    moved = straight_through_moments(LOGITS + 100.0, SQUARE + np.ones(4), 0.5, 3)
    assert moved.mean == pytest.approx(plain.mean, rel=1e-10)
    assert moved.variance == pytest.approx(plain.variance, rel=1e-10)


def test_eight_logits_are_right_and_nine_refused():
    logits = np.linspace(-2, 2, 8)
    slopes = np.random.default_rng(3).standard_normal((8, 8))
    noise = np.random.default_rng(4).gumbel(size=(100_000, 8))
    drawn = straight_through(logits + noise, slopes, 0.5)[:, 6]
    found = straight_through_moments(logits, slopes, 0.5, 6)
    assert found.mean == pytest.approx(drawn.mean(), abs=4 * drawn.std() / math.sqrt(1e5))
    assert found.variance == pytest.approx(drawn.var(), rel=0.05)
    with pytest.raises(ValueError, match=r"logits .*2 to 8 numbers"):
        straight_through_moments(np.zeros(9), np.eye(9), 0.5, 0)
    with pytest.raises(ValueError, match=r"logits .*differ by at most 10"):
        straight_through_moments([0.0, 11.0], np.eye(2), 0.5, 0)
    with pytest.raises(ValueError, match=r"temperature.*0.001 to 2"):
        straight_through_moments(LOGITS, SQUARE, 3.0, 0)
