"""Closed forms of scores, of labels by the nearest centre and of stepwise EM, by second routes."""

import numpy as np
import pytest
import scipy
from refutable.theory.mixtures import agmm as theory
from refutable.theory.mixtures.agmm import NearestCentre

SEPARATION = 3 * np.sqrt(2)
CENTRES = 3 * np.eye(3, 4)


@pytest.mark.parametrize("noise", [0.25, 1.0, 2.0])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_one_channel_is_an_integral_over_a_square(noise, power):
    closed = 1 / np.sqrt(1 + 2 * power * noise**2)
    assert theory.score_power(1, noise, power) == pytest.approx(closed, abs=2e-8)


@pytest.mark.parametrize("noise", [0.3, 1.0, 2.0])
def test_two_channels_by_integrating_over_the_plane(noise):
    def density(y, x):
        normal = np.exp(-0.5 * (x**2 + y**2)) / (2 * np.pi)
        return 4 * normal * np.exp(-((0.5 * noise * (x + y)) ** 2))

    value = scipy.integrate.dblquad(density, 0, 12, 0, 12, epsabs=1e-11)[0]
    assert theory.score_power(2, noise) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("channels", [1, 16])
def test_mean_square_distance_by_drawing(channels):
    rng = np.random.default_rng(2)
    distance = np.abs(0.5 * rng.standard_normal((100_000, channels))).mean(axis=1)
    found = theory.mean_square_distance(channels, 0.5)
    assert found == pytest.approx((distance**2).mean(), rel=0.02)


def test_the_deviation_is_that_of_draws():
    rng = np.random.default_rng(0)
    scores = np.exp(-(np.abs(rng.standard_normal((200_000, 16))).mean(axis=1) ** 2))
    assert theory.score_power(16, 1.0) == pytest.approx(scores.mean(), abs=0.001)
    assert theory.score_deviation(16, 1.0) == pytest.approx(scores.std(), rel=0.01)


@pytest.mark.parametrize("noise", [0.25, 1.0])
def test_limit_bias_and_deviation_of_many_channels(noise):
    """A Taylor expansion about the mean distance, whose variance is s^2 (1 - 2 / pi) / C."""
    channels, limit = 2048, theory.score_limit(noise)
    variance, square = noise**2 * (1 - 2 / np.pi) / channels, 2 * noise**2 / np.pi
    bias = 0.5 * (4 * square - 2) * limit * variance
    assert theory.score_power(channels, noise) - limit == pytest.approx(bias, rel=0.01)
    slope = 2 * np.sqrt(square) * limit
    deviation = theory.score_deviation(channels, noise)
    assert deviation == pytest.approx(slope * np.sqrt(variance), rel=0.002)


@pytest.mark.parametrize("channels", [1, 2, 16, 2048])
def test_no_deviation_beyond_the_bound(channels):
    for noise in np.linspace(0.05, 2, 20):
        bound = theory.score_deviation_at_most(channels, noise)
        assert theory.score_deviation(channels, noise) < bound


def test_the_bound_is_met_where_the_score_is_steepest_but_for_the_law_of_distances():
    """At D^2 = 1/2; the bound takes s^2 / C for the variance s^2 (1 - 2 / pi) / C of D."""
    noise = np.sqrt(np.pi) / 2
    deviation = theory.score_deviation(2048, noise) / theory.score_deviation_at_most(2048, noise)
    assert deviation == pytest.approx(np.sqrt(1 - 2 / np.pi), rel=0.001)


def test_the_noise_of_a_level_inverts_the_limit():
    for level in (0.2, 0.9, 1.0):
        assert theory.score_limit(theory.noise_at_limit(level)) == pytest.approx(level)


@pytest.mark.parametrize(("channels", "noise"), [(0, 1.0), (4, -0.1), (4, 2.1)])
def test_scores_out_of_range(channels, noise):
    with pytest.raises(ValueError, match="need channels >= 1"):
        theory.score_power(channels, noise)


def slices_of_the_sphere(radius, d):
    """Densities of `within` in the radius, over the angles of a uniform direction in R^d."""
    turn, edge = np.linspace(0, 2 * np.pi, 1500, endpoint=False), np.linspace(0, 1, 1501)
    rho = np.sqrt((edge[:-1] + edge[1:]) / 2)[:, None]  # equal parts of the disc's area
    thickness = (d - 2) / 2 * (1 - rho**2) ** ((d - 4) / 2)
    plane = [radius * rho * np.cos(turn - a) for a in (0.0, np.pi / 3)]
    near = (plane[0] <= SEPARATION / 2) & (plane[1] <= SEPARATION / 2)
    odds = sum(np.exp(SEPARATION * (y - SEPARATION / 2)) for y in plane)
    shell = scipy.stats.chi(d).pdf(radius)
    right = (near * thickness).mean() * shell
    return right, (near * thickness * (1 + odds)).mean() * shell


@pytest.mark.parametrize("d", [4, 7])
@pytest.mark.parametrize("radius", [1.5, 2.8])
def test_labels_by_slicing_the_sphere(d, radius):
    model, h = NearestCentre(SEPARATION, d), 1e-3
    rise = np.subtract(model.within(radius + h), model.within(radius - h)) / (2 * h)
    np.testing.assert_allclose(rise, slices_of_the_sphere(radius, d), rtol=5e-4)


@pytest.mark.parametrize("d", [4, 16])
def test_octiles_by_drawing(d):
    rng, n = np.random.default_rng(1), 400_000
    truth = rng.integers(0, 3, n)
    x = 3 * np.eye(3, d)[truth] + rng.standard_normal((n, d))
    label = x[:, :3].argmax(axis=1)
    distance = np.linalg.norm(x - 3 * np.eye(3, d)[label], axis=1)
    right = (label == truth)[np.argsort(distance)].reshape(8, -1).mean(axis=1)
    model = NearestCentre(SEPARATION, d)
    np.testing.assert_allclose(model.octile_accuracy, right, atol=0.005)
    inner = np.quantile(distance, np.arange(1, 8) / 8)
    np.testing.assert_allclose(model.borders[1:-1], inner, atol=0.02)


def test_everything_is_near_enough_in_the_end():
    right, total = NearestCentre(SEPARATION, 4).within(20.0)
    assert total == pytest.approx(1.0, abs=1e-12)

    def no_other_is_larger(first):
        density = np.exp(-0.5 * (first - 3) ** 2) / np.sqrt(2 * np.pi)
        return density * scipy.special.ndtr(first) ** 2

    assert right == pytest.approx(scipy.integrate.quad(no_other_is_larger, -8, 14)[0], abs=1e-9)


@pytest.mark.parametrize(("separation", "d"), [(0.0, 4), (1.0, 3)])
def test_models_out_of_range(separation, d):
    with pytest.raises(ValueError, match="need separation > 0"):
        NearestCentre(separation, d)


def test_no_negative_radius():
    with pytest.raises(ValueError, match="radius >= 0"):
        NearestCentre(1.0, 4).within(-1.0)


def population(weights):
    """Quadrature points of the mixture in R^4, shape (M, 4), and their probabilities."""
    t, w = np.polynomial.hermite_e.hermegauss(18)
    s, v = np.polynomial.hermite_e.hermegauss(3)  # only squares of the last coordinate matter
    grid = np.stack(np.meshgrid(t, t, t, s, indexing="ij"), axis=-1).reshape(-1, 4)
    mass = np.einsum("i,j,k,l->ijkl", w, w, w, v).ravel() / (2 * np.pi) ** 2
    return np.concatenate([grid + c for c in CENTRES]), np.concatenate([p * mass for p in weights])


def expected_sufficient(points, means, weights):
    logs = np.log(weights) - 0.5 * ((points[:, None] - means) ** 2).sum(axis=-1)
    return scipy.special.softmax(logs, axis=1)


@pytest.mark.parametrize("weights", [(1 / 3, 1 / 3, 1 / 3), (0.2, 0.3, 0.5)])
def test_stepwise_error_solves_the_lyapunov_equation(weights):
    """Drift from differences of the population's M-step, noise from one pixel's pull."""
    weights, batch, step, h = np.array(weights), 50, 0.01, 1e-4
    points, mass = population(weights)

    def m_step(flat):
        r = expected_sufficient(points, flat.reshape(3, 4), weights)
        sums = np.einsum("m,mk,mc->kc", mass, r, points)
        return (sums / (mass @ r)[:, None]).ravel()

    centre, shifts = CENTRES.ravel(), h * np.eye(12)
    jacobian = np.stack([(m_step(centre + e) - m_step(centre - e)) / (2 * h) for e in shifts], 1)
    r = expected_sufficient(points, CENTRES, weights)
    pull = (r[:, :, None] * (points[:, None] - CENTRES) / weights[:, None]).reshape(-1, 12)
    noise = np.einsum("m,mi,mj->ij", mass, pull, pull) / batch
    drift = jacobian - np.eye(12)
    assert np.linalg.eigvals(jacobian).real.max() > 0.02  # the overlap is felt
    covariance = step * scipy.linalg.solve_continuous_lyapunov(drift, -noise)
    predicted = theory.stepwise_error(np.full(4000, step), batch, weights)
    assert predicted == pytest.approx(np.diag(covariance).mean() / (1 - step / 2), rel=1e-4)


def test_with_known_labels_it_is_a_weighted_mean_of_batches():
    steps, held = np.array([0.9, 0.5, 0.7, 0.2]), 0.0
    for step in steps:  # of the variance, in units of a batch's
        held = (1 - step) ** 2 * held + step**2
    found = theory.stepwise_error(steps, 25, (0.2, 0.8), variance=3.0)
    assert found == pytest.approx(held * 3.0 / 25 * (5 + 1.25) / 2)
    assert theory.stepwise_error([1.0], 1, [1.0]) == 1.0


def test_steps_that_decay_are_a_small_last_step():
    steps = np.arange(2.0, 200_000) ** -0.6
    small = steps[-1] / (2 * 50) * 3
    assert theory.stepwise_error(steps, 50, (1 / 3,) * 3) == pytest.approx(small, rel=0.01)
