"""The experiments of McQuic against plain loops, libraries and trial values."""

import numpy as np
import pytest
from refutable.simulations.compression.mcquic import _laws as laws
from refutable.simulations.compression.mcquic import _losses as losses
from refutable.simulations.compression.mcquic import (
    bits_per_pixel,
    drawn_gain,
    gumbel_argmax,
    product_quantiser,
    rate_gain,
    straight_through,
    temperature,
)
from refutable.solvers.gumbel_softmax import straight_through as through
from refutable.solvers.one_dimensional_kmeans import kmeans_line
from refutable.theory.compression import mcquic as theory
from scipy import integrate, special, stats
from sklearn.cluster import KMeans

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_what_the_printed_rate_leaves_beside_the_code():
    found = bits_per_pixel.code_rate(Cell({}))
    bits_of_image = 2 * (48 * 32 * 13 + 24 * 16 * 11 + 12 * 8 * 9)
    assert found["rate"] * 768 * 512 == bits_of_image
    assert float(found["left_low"]) == pytest.approx(0.12765 * 768 * 512 - bits_of_image)
    assert float(found["left_high"]) == pytest.approx(0.12775 * 768 * 512 - bits_of_image)
    assert float(found["reported_over_rate"] - 1) == pytest.approx(0.002, abs=5e-4)


def test_a_repeated_word_and_a_shared_codebook_cost_words_and_numbers():
    cell = Cell({"parts": 2, "words": 3, "width": 6})
    assert bits_per_pixel.words_and_numbers(cell) == {
        "words": 9, "numbers": 18, "numbers_of_joint": 54,
    }  # fmt: skip
    assert bits_per_pixel.words_and_numbers(cell, twice=True)["words"] == 4
    assert bits_per_pixel.words_and_numbers(cell, shared=True)["numbers"] == 9


def test_the_gaussian_gain_and_its_worse_priors():
    found = rate_gain.gaussian_gain(Cell({"rho": 0.6, "d": 2}), wider=0.02)
    assert found["gain"] == pytest.approx(-0.5 * np.log2(0.64))
    excess = found["best_factorised"] - found["gain"]
    assert excess == pytest.approx((1 / 1.02 - 1 + np.log(1.02)) / np.log(2))
    less = rate_gain.gaussian_gain(Cell({"rho": 0.6, "d": 2}), narrower=0.1)
    assert less["gain"] == pytest.approx(-0.5 * np.log2(0.75))


@pytest.mark.parametrize("name", ["two components", "uneven components", "uncorrelated"])
def test_moments_of_the_saving_are_those_of_draws(name):
    law, count = laws.LAWS[name], 100_000
    generator = rng(1)
    label = (generator.random(count) >= law.weights[0]).astype(int)
    root = np.linalg.cholesky(law.covariances[0])
    x = law.means[label] + generator.standard_normal((count, 2)) @ root.T

    def density(points, axes):
        parts = [
            stats.multivariate_normal(m[axes], law.covariances[0][np.ix_(axes, axes)]).pdf(points)
            for m in law.means
        ]
        return law.weights @ parts

    ratio = np.log2(density(x, [0, 1]) / density(x[:, 0], [0]) / density(x[:, 1], [1]))
    mean, variance = laws.ratio_moments(law)
    assert mean == pytest.approx(ratio.mean(), abs=4 * (variance / count) ** 0.5)
    spread = (ratio - ratio.mean()) ** 2
    assert variance == pytest.approx(spread.mean(), abs=4 * spread.std() / count**0.5)
    apart = sum(map(laws.entropy, laws.marginals(law))) - laws.entropy(law)
    assert apart == pytest.approx(mean, abs=1e-6)
    assert laws.covariance(law) == pytest.approx(np.cov(x.T), abs=0.06)


def test_the_uncorrelated_mixture_is_so_and_gains_all_the_same():
    matrix = laws.covariance(laws.LAWS["uncorrelated"])
    assert matrix == pytest.approx(matrix[0, 0] * np.eye(2), abs=1e-15)
    assert laws.ratio_moments(laws.LAWS["uncorrelated"])[0] == pytest.approx(0.1978, abs=5e-5)


def test_the_gain_of_two_components_by_adaptive_integration():
    """As label information, H(z) - H(z | x), less what a coordinate tells of the other's label."""
    a = 1.0
    found = rate_gain.mixture_gain(Cell({"distance": a}))

    def mixed(x, m=a):
        return 0.5 * stats.norm.pdf(x, m) + 0.5 * stats.norm.pdf(x, -m)

    def information(m):
        """Bits that a number tells of a label at m or -m."""
        return integrate.quad(lambda x: -mixed(x, m) * np.log2(mixed(x, m)), -12, 12)[0] - (
            0.5 * np.log2(2 * np.pi * np.e)
        )

    # both coordinates tell of the label what their sum does, at distance a root two
    wanted = 2 * information(a) - information(a * np.sqrt(2))
    assert found["gain"] == pytest.approx(wanted, abs=1e-6)
    assert found["left_of_label"] == pytest.approx(1 - wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "change", "factor"),
    [
        ("correlation 0.9", {"drawn_from": laws.gaussian(0.89)}, 1.25),
        ("two components", {"gaussian_prior": True}, 4),
    ],
)
def test_declared_variances_hold_in_the_broken_worlds(name, change, factor):
    cell = Cell({"law": name})
    drawn = drawn_gain.drawn(cell, rng(2), 300, **change)["saved"]
    assert drawn.var() < factor * laws.ratio_moments(laws.LAWS[name])[1] / drawn_gain.DRAWS


def test_the_saving_under_a_smaller_correlation_varies_as_its_quadratic_form():
    form = (np.eye(2) - np.linalg.inv(laws.correlated(0.9))) @ laws.correlated(0.89)
    spread = np.trace(form @ form) / 2 / np.log(2) ** 2
    assert 1.05 < spread / laws.ratio_moments(laws.LAWS["correlation 0.9"])[1] < 1.15


def test_gaussian_factors_have_the_moments_of_the_coordinates():
    law = laws.LAWS["uneven components"]
    for factor in drawn_gain.gaussian_factors(law):
        assert factor.means[0, 0] == pytest.approx(1.5 * (0.3 - 0.7))
        assert factor.covariances[0, 0, 0] == pytest.approx(1 + 2.25 * 4 * 0.3 * 0.7)


def test_gumbel_choices_fall_as_an_integral_says_and_others_do_not():
    def chosen(i, noise):
        others = np.delete(gumbel_argmax.LOGITS, i)
        own = gumbel_argmax.LOGITS[i]
        return integrate.quad(
            lambda t: noise.pdf(t - own) * np.prod(noise.cdf(t - others)), -12, 40, limit=200
        )[0]

    p = theory.softmax(gumbel_argmax.LOGITS)
    assert [chosen(i, stats.gumbel_r) for i in range(4)] == pytest.approx(p, abs=1e-8)
    normal = stats.norm(scale=np.pi / np.sqrt(6))
    shares = gumbel_argmax.choices(Cell({}), rng(3), 200, gumbel_argmax.normal)
    for i in range(4):
        assert shares[f"share_{i}"].mean() == pytest.approx(chosen(i, normal), abs=0.005)
    assert chosen(2, normal) == pytest.approx(0.048, abs=0.001)


def test_lattice_points_have_the_normal_law_and_fresh_shifts():
    step, count, tests = product_quantiser.FIBONACCI[8]
    z = product_quantiser.normal_lattice(rng(4), 2, count, step)
    assert not np.isclose(z[0], z[1]).all(axis=-1).any()
    for axis in (0, 1):
        assert stats.kstest(z[0, :, axis], "norm").statistic < 2 / count
    assert np.cov(z[0].T) == pytest.approx(np.eye(2), abs=0.01)
    assert special.ndtr(product_quantiser.normal_lattice(rng(5), 1, tests, count)).max() < 1


def test_coding_errors_are_those_of_scikit_learn_and_of_the_best_on_a_line():
    train = rng(6).standard_normal((1, 1500, 2))
    test = rng(7).standard_normal((1, 1000, 2))
    found = product_quantiser.coding_error(rng(8), train, test, 9, 100)[0]
    start = product_quantiser.kmeans_plus_plus(rng(8), train, 9)[0, 0]
    peer = KMeans(9, init=start, n_init=1, tol=0, max_iter=100).fit(train[0])
    wanted = -peer.score(test[0]) / 2000
    assert found == pytest.approx(wanted, rel=1e-9)
    line = product_quantiser.coding_error(rng(9), train[..., :1], test[..., :1], 4, 200)[0]
    best = kmeans_line(train[0, :, 0], 4).centres
    nearest = np.abs(test[0, :, :1] - best).min(axis=1)
    assert line == pytest.approx((nearest**2).mean(), rel=0.02)


def test_ratios_of_quantisers_are_near_the_trial():
    cell = Cell({"k": 8, "rho": 0.6})
    found = product_quantiser.quantisers(cell, rng(10), 12)
    assert np.median(found["normalised"]) == pytest.approx(0.79, abs=0.02)
    plain = found["absolute"] / found["normalised"]
    assert np.median(plain) == pytest.approx(0.91, abs=0.05)  # .874 with many more points
    fewer = product_quantiser.quantisers(cell, rng(10), 12, words=0.875)
    assert np.median(fewer["normalised"] / found["normalised"]) == pytest.approx(8 / 7, abs=0.03)
    assert not found["no_loss"].any()


def test_gradients_are_relative_to_the_exact_one():
    cell = Cell({"loss": "square", "tau": 0.5})
    found = straight_through.gradients(cell, rng(11), 2)
    perturbed = losses.LOGITS + rng(11).gumbel(size=(2, straight_through.DRAWS, 4))
    slope = np.stack([2 * v * losses.VALUES for v in losses.VALUES])
    cold, warm = (through(perturbed, slope, tau)[..., 3] for tau in (0.5, 1.0))
    assert found["share"] == pytest.approx(cold.mean(axis=1) / 16.2468, rel=1e-5)
    assert found["spreads_more"].tolist() == (cold.std(axis=1) > warm.std(axis=1)).tolist()
    assert not found["not_below"].any()


@pytest.mark.parametrize(
    ("tau", "change"), [(0.5, {"noise": gumbel_argmax.normal}), (0.5, {"warmer": 1.2})]
)
@pytest.mark.parametrize("loss", ["linear", "square"])
def test_declared_variances_hold_for_other_gradients(loss, tau, change):
    cell = Cell({"loss": loss, "tau": tau})
    drawn = straight_through.gradients(cell, rng(12), 200, **change)["share"]
    declared = losses.moments(loss, tau).variance / losses.exact(loss) ** 2
    assert drawn.var() * straight_through.DRAWS < 1.15 * declared


@pytest.mark.parametrize(
    ("loss", "exact", "trial", "error"),
    [
        ("linear", 1.720, (1.163, 1.514, 1.709), (0.002, 0.006, 0.018)),
        ("square", 16.25, (9.12, 12.66, 15.74), (0.042, 0.08, 0.19)),
    ],
)
def test_moments_are_near_the_trial(loss, exact, trial, error):
    """Three standard errors of a million draws, and half of the last digit."""
    assert losses.exact(loss) == pytest.approx(exact, abs=5e-3)
    for tau, value, bound in zip((1.0, 0.5, 0.1), trial, error, strict=True):
        assert losses.moments(loss, tau).mean == pytest.approx(value, abs=bound)


def test_a_cubic_loss_ends_at_the_trapezoid_and_not_at_the_truth():
    found = temperature.trade_off(Cell({"loss": "cubic", "tau": 0.002}))
    p, v = theory.softmax(losses.LOGITS), losses.VALUES
    limit = sum(p[3] * p[k] * 1.5 * (81 + v[k] ** 2) * (9 - v[k]) for k in range(3))
    assert found["mean_over_limit"] * limit == pytest.approx(211.62, abs=0.01)
    truth = p[3] * (729 - p @ v**3)
    assert found["limit_over_exact"] == pytest.approx(limit / truth)
    assert found["bias"] == pytest.approx(211.62 / truth - 1, abs=1e-3)
