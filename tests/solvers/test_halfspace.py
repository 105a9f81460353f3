"""Halfspace solvers against finite differences, brute force and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers import halfspace as hs
from scipy.integrate import quad


def rotated(w: np.ndarray, angle: float, rng: np.random.Generator) -> np.ndarray:
    u = rng.standard_normal(len(w))
    u -= (u @ w) * w
    return np.cos(angle) * w + np.sin(angle) * u / np.linalg.norm(u)


def unit(rng: np.random.Generator, d: int) -> np.ndarray:
    w = rng.standard_normal(d)
    return w / np.linalg.norm(w)


class TestRamp:
    @pytest.mark.parametrize("sigma", [0.1, 2.0])
    def test_slope_integrates_to_one(self, sigma):
        assert quad(lambda t: float(hs.ramp_slope(t, sigma)), -sigma, sigma)[0] == pytest.approx(1)

    def test_slope_is_minus_the_derivative_of_the_loss(self):
        t = np.linspace(-1.5, 1.5, 301)
        difference = (hs.ramp_loss(t + 1e-6, 2.0) - hs.ramp_loss(t - 1e-6, 2.0)) / 2e-6
        np.testing.assert_allclose(difference, -hs.ramp_slope(t, 2.0), atol=1e-6)

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 10**6), st.integers(2, 6), st.floats(0.2, 3))
    def test_gradient_is_the_derivative_along_the_sphere(self, seed, d, sigma):
        rng = np.random.default_rng(seed)
        x, w = rng.standard_normal((200, d)), unit(rng, d)
        y = rng.choice([-1.0, 1.0], 200)
        u = rotated(w, np.pi / 2, rng)

        def loss(angle: float) -> float:
            return hs.ramp_loss(y * (x @ (np.cos(angle) * w + np.sin(angle) * u)), sigma).mean()

        slope = (loss(1e-6) - loss(-1e-6)) / 2e-6
        gradient = hs.ramp_gradient(x, y, w, sigma)
        assert gradient @ u == pytest.approx(slope, abs=1e-5)
        assert abs(gradient @ w) < 1e-12

    def test_loss_is_a_smoothed_error(self):
        assert hs.ramp_loss([-1.0, 0.0, 1.0], 0.5).tolist() == [1.0, 0.5, 0.0]


class TestFourthMoment:
    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10**6), st.integers(1, 5), st.integers(3, 40))
    def test_bounds_every_direction(self, seed, m, n):
        rng = np.random.default_rng(seed)
        z, k = rng.standard_t(3, (n, m)), rng.random(n)
        u = rng.standard_normal((500, m))
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        fourth = k @ (z @ u.T) ** 4
        assert hs.fourth_moment_bound(z, k) >= fourth.max() * (1 - 1e-9)

    def test_one_dimension_is_exact(self):
        z, k = np.array([[1.0], [2.0], [-3.0]]), np.array([0.2, 0.3, 0.5])
        centred = k @ z[:, 0] ** 4 - (k @ z[:, 0] ** 2) ** 2
        assert hs.fourth_moment_bound(z, k) == pytest.approx(centred + (k @ z[:, 0] ** 2) ** 2)

    def test_tight_for_a_gaussian(self):
        z = np.random.default_rng(0).standard_normal((400_000, 3))
        weights = np.full(len(z), 0.4 / len(z))
        assert hs.fourth_moment_bound(z, weights) == pytest.approx(3 * 0.4, rel=0.03)


class TestDisagreement:
    @settings(max_examples=40, deadline=None)
    @given(
        st.integers(0, 10**6),
        st.sampled_from(sorted(hs.MARGINALS)),
        st.floats(0.01, 1.4),
        st.integers(2, 4),
    )
    def test_bounds_every_near_halfspace(self, seed, marginal, theta0, d):
        rng = np.random.default_rng(seed)
        w = unit(rng, d)
        x = hs.sample_marginal(marginal, rng, 400, w)
        x = x[x @ w != 0]  # ties go to one side by convention, not by geometry
        bound = hs.disagreement_certificate(x, w, theta0) if len(x) else 1.0
        for _ in range(30):
            v = rotated(w, theta0 * rng.random(), rng)
            assert (hs.halfspace_labels(x, v) != hs.halfspace_labels(x, w)).mean() <= bound + 1e-12

    def test_vacuous_beyond_a_right_angle(self):
        assert hs.disagreement_certificate(np.eye(3), [1, 0, 0], np.pi / 2) == 1.0

    def test_grows_with_the_angle(self):
        x = np.random.default_rng(1).standard_normal((5000, 3))
        bounds = [hs.disagreement_certificate(x, [1, 0, 0], a) for a in (0.01, 0.1, 0.3, 1.0)]
        assert bounds == sorted(bounds)


class TestAngle:
    @pytest.mark.parametrize("marginal", ["gaussian", "cube", "sphere", "laplace", "anisotropic"])
    @pytest.mark.parametrize("noise", sorted(hs.MASSART))
    def test_covers_the_true_angle(self, marginal, noise):
        rng = np.random.default_rng(3)
        for angle in (0.02, 0.2, 0.8):
            w_star = unit(rng, 3)
            x = hs.sample_marginal(marginal, rng, 60_000, w_star)
            rates = hs.massart_rates(noise, x, w_star, unit(rng, 3), 0.1)
            y = hs.flipped(hs.halfspace_labels(x, w_star), rates, rng)
            w = rotated(w_star, angle, rng)
            found = hs.angle_certificate(hs.band_moments(x, y, w, 0.2), 3, 0.1, 1e-4)
            assert angle <= found.theta0

    def test_empty_band_certifies_nothing(self):
        moments = hs.band_moments(np.full((50, 2), 5.0), np.ones(50), [1, 0], 0.1)
        found = hs.angle_certificate(moments, 2, 0.1)
        assert found.empty_band
        assert found.void

    def test_moments_against_plain_sums(self):
        rng = np.random.default_rng(5)
        x, y, w = rng.standard_normal((3000, 4)), rng.choice([-1.0, 1.0], 3000), unit(rng, 4)
        t = x @ w
        k = hs.ramp_slope(t, 0.7)
        z = x - t[:, None] * w
        second = np.linalg.eigvalsh((z * k[:, None]).T @ z / 3000)  # one zero along w
        found = hs.band_moments(x, y, w, 0.7)
        assert found.mass == pytest.approx(k.mean())
        assert found.margin == pytest.approx((k * np.abs(t)).mean())
        assert (found.lam_min, found.lam_max) == pytest.approx((second[1], second[-1]))
        assert found.gradient == pytest.approx(np.linalg.norm((k * y) @ z / 3000))
        assert found.spread == pytest.approx(np.sqrt((k**2 * (z**2).sum(1)).sum()) / 3000)


class TestLearner:
    @pytest.mark.parametrize("noise", sorted(hs.MASSART))
    def test_finds_the_halfspace(self, noise):
        rng = np.random.default_rng(7)
        w_star = unit(rng, 5)
        x = rng.standard_normal((40_000, 5))
        rates = hs.massart_rates(noise, x, w_star, unit(rng, 5), 0.2)
        y = hs.flipped(hs.halfspace_labels(x, w_star), rates, rng)
        path = hs.learn_direction(x, y, hs.Schedule(0.2, batch=5000), rng)
        assert path.end @ w_star > np.cos(0.03)
        np.testing.assert_allclose(np.linalg.norm(path.candidates, axis=1), 1)

    def test_bandwidths_halve_down_to_the_target(self):
        assert hs.Schedule(0.3, 2.0).bandwidths == (2.0, 1.0, 0.5, 0.3)
        assert hs.Schedule(0.5, 2.0).bandwidths == (2.0, 1.0, 0.5)
        assert hs.Schedule(0.1, 0.1).bandwidths == (0.1,)

    def test_same_generator_same_path(self):
        x = np.random.default_rng(0).standard_normal((3000, 3))
        y = hs.halfspace_labels(x, np.array([0.6, 0.8, 0.0]))
        schedule = hs.Schedule(0.2, batch=500, steps=10)
        ends = [hs.learn_direction(x, y, schedule, np.random.default_rng(1)).end for _ in range(2)]
        np.testing.assert_array_equal(*ends)


class TestWorlds:
    @pytest.mark.parametrize("marginal", ["gaussian", "quartic", "truncated", "cube", "laplace"])
    def test_isotropic(self, marginal):
        x = hs.sample_marginal(marginal, np.random.default_rng(0), 100_000, [0.0, 1.0])
        np.testing.assert_allclose(np.cov(x.T), np.eye(2), atol=0.03)
        np.testing.assert_allclose(x.mean(axis=0), 0, atol=0.02)

    def test_gaps_are_empty(self):
        for marginal, gap in (("gap", 1.0), ("thin_gap", 0.05)):
            x = hs.sample_marginal(marginal, np.random.default_rng(0), 10_000, [0.0, 1.0])
            assert np.abs(x[:, 0]).min() >= gap

    @pytest.mark.parametrize("noise", sorted(hs.MASSART))
    def test_rates_are_massart(self, noise):
        x = np.random.default_rng(0).standard_normal((500, 2))
        rates = hs.massart_rates(noise, x, [1.0, 0.0], [0.0, 1.0], 0.3)
        assert rates.min() >= 0
        assert rates.max() <= 0.3
        assert rates.mean() > 0

    @pytest.mark.parametrize("name", sorted(hs.ATTACKS))
    def test_attacks_flip_their_share(self, name):
        rng = np.random.default_rng(0)
        x = rng.standard_normal((5000, 3))
        y = hs.attack(name, x, [1.0, 0, 0], [0, 1.0, 0], 0.02, rng)
        assert (y != hs.halfspace_labels(x, np.array([1.0, 0, 0]))).sum() == 100


class TestBaselines:
    def test_moment_deviation_against_a_plain_loop(self):
        rng = np.random.default_rng(0)
        x = rng.standard_normal((400, 2)) + 0.1
        gaussian = {0: 1.0, 1: 0.0, 2: 1.0, 3: 0.0, 4: 3.0, 5: 0.0, 6: 15.0, 8: 105.0}
        worst = 0.0
        for a in range(5):
            for b in range(5 - a):
                if a + b == 0:
                    continue
                mean = (x[:, 0] ** a * x[:, 1] ** b).mean()
                expected = gaussian[a] * gaussian[b]
                variance = gaussian[2 * a] * gaussian[2 * b] - expected**2
                worst = max(worst, abs(mean - expected) / np.sqrt(variance / 400))
        assert hs.gaussian_moment_deviation(x) == pytest.approx(worst)

    def test_moment_tester_tells_the_cube_from_the_gaussian(self):
        rng = np.random.default_rng(0)
        w = [1.0, 0.0, 0.0]
        cube = hs.gaussian_moment_deviation(hs.sample_marginal("hypercube", rng, 5000, w))
        gaussian = hs.gaussian_moment_deviation(hs.sample_marginal("gaussian", rng, 5000, w))
        assert cube > 10 > 4.5 > gaussian

    def test_averaging_is_right_without_noise(self):
        x = np.random.default_rng(0).standard_normal((50_000, 3))
        w = np.array([0.0, 0.6, 0.8])
        assert hs.averaging_direction(x, hs.halfspace_labels(x, w)) @ w > 0.999


RNG = np.random.default_rng(0)
BAD = {
    "not unit": (lambda: hs.band_moments(np.eye(3), np.ones(3), [1, 1, 0], 0.1), "unit vector"),
    "start": (
        lambda: hs.learn_direction(
            np.eye(2), [1, -1], hs.Schedule(), np.random.default_rng(0), [2, 0]
        ),
        r"^start\b",
    ),
    "nan": (lambda: hs.ramp_gradient([[np.nan, 0]], [1], [1, 0], 0.1), "finite"),
    "empty": (lambda: hs.averaging_direction(np.empty((0, 2)), []), "^x is empty"),
    "one axis": (lambda: hs.averaging_direction([1.0, 2.0], [1]), "^x has 1 axes"),
    "labels": (lambda: hs.averaging_direction(np.eye(2), [0, 1]), "other values than -1 and"),
    "length": (lambda: hs.averaging_direction(np.eye(2), [1]), r"shape \(2,\)"),
    "one class": (lambda: hs.averaging_direction(np.eye(2), [1, 1]), "y holds one class only"),
    "label points": (lambda: hs.halfspace_labels([[np.nan, 0]], [1, 0]), r"^x\b"),
    "label axes": (lambda: hs.halfspace_labels([1.0, 0], [1, 0]), r"^x\b"),
    "label normal": (lambda: hs.halfspace_labels(np.eye(2), [np.nan, 1]), r"^w\b"),
    "zero normal": (lambda: hs.halfspace_labels(np.eye(2), [0, 0]), r"^w\b"),
    "label shapes": (lambda: hs.halfspace_labels(np.eye(2), [1.0]), r"^w\b"),
    "flip nan": (lambda: hs.flipped([1, -1], [np.nan, 0], RNG), r"^rates\b"),
    "flip 2": (lambda: hs.flipped([1, -1], [2, 0], RNG), r"^rates\b"),
    "flip -1": (lambda: hs.flipped([1, -1], [-1, 0], RNG), r"^rates\b"),
    "flip half": (lambda: hs.flipped([1, -1], [0.5, 0], RNG), "0.5, at which labels say nothing"),
    "flip shape": (lambda: hs.flipped([1, -1], [0.1], RNG), r"^rates\b"),
    "flip labels": (lambda: hs.flipped([1, np.nan], [0, 0], RNG), r"^labels\b"),
    "flip axes": (lambda: hs.flipped([[1, -1]], [0, 0], RNG), r"^labels\b"),
    "cancelling": (lambda: hs.averaging_direction([[1.0], [1.0]], [1, -1]), "zero vector"),
    "sigma": (lambda: hs.ramp_slope(0.0, 0.0), r"^sigma\b"),
    "rate": (lambda: hs.massart_rates("half", np.eye(2), [1, 0], [0, 1], 0.5), "below 0.5"),
    "noise": (
        lambda: hs.massart_rates("x", np.eye(2), [1, 0], [0, 1], 0.1),
        "^name='x': give one of",
    ),
    "marginal": (
        lambda: hs.sample_marginal("x", np.random.default_rng(0), 5, [1, 0]),
        "^name='x': give one of",
    ),
    "one dimension": (
        lambda: hs.sample_marginal("cube", np.random.default_rng(0), 5, [1.0]),
        "at least 2",
    ),
    "attack": (
        lambda: hs.attack("x", np.eye(2), [1, 0], [0, 1], 0.1, np.random.default_rng(0)),
        "^name='x': give one of",
    ),
    "angle": (lambda: hs.disagreement_certificate(np.eye(2), [1, 0], -0.1), "theta0"),
    "weights": (lambda: hs.fourth_moment_bound(np.eye(2), [-1, 2]), "at least 0"),
    "weight shape": (lambda: hs.fourth_moment_bound(np.eye(2), [1]), r"^weights\b"),
    "degree": (lambda: hs.gaussian_moment_deviation(np.eye(2), 0), "degree"),
    "widest": (lambda: hs.Schedule(0.1, 0.05), "widest"),
    "steps": (lambda: hs.Schedule(steps=0), "steps"),
    "d": (lambda: hs.band_moments([[1.0]], [1], [1.0], 0.1), "at least 2 columns"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    call, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        call()
