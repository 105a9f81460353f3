"""Data, training and outcomes behind the claims on slight corruption, by other routes."""

import itertools

import numpy as np
import pytest
import scipy
from refutable.simulations.generative.slight_corruption import (
    _data,
    _training,
    _transport,
    entropy_dimension,
    entropy_gamma,
    fitted_denoiser,
    generated_law,
    trained_denoiser,
    w2_break_even,
    w2_gain,
    w2_rates,
)
from refutable.solvers import gaussian_algebra as ga
from refutable.theory.generative.slight_corruption import denoiser as theory
from refutable.theory.generative.slight_corruption import entropy as entropies
from refutable.theory.generative.slight_corruption.transport import Setting, break_even

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_both_ways_to_draw_a_class_have_one_law():
    d, n, norm = 3, 8, 2.0
    drawn = [draw(rng(1), 40_000, d, n, norm) for draw in (_data.from_samples, _data.by_law)]
    statistics = []
    for mean, covariance in drawn:
        along = np.einsum("ni,nij,nj->n", mean, np.linalg.inv(covariance), mean)
        statistics.append(
            np.stack([(mean**2).sum(axis=1), covariance[:, 0, 0], covariance[:, 2, 1], along])
        )
        assert np.trace(covariance, axis1=1, axis2=2).mean() == pytest.approx(
            d * (n - 1) / n, rel=0.01
        )
    for one, other in zip(*statistics, strict=True):
        assert scipy.stats.ks_2samp(one, other).pvalue > 1e-3


def corrupted_rows(samples, gamma, time, label_noise):
    """Every sample with every sign of noise and label noise: their second moments are exact."""
    signs = np.array(list(itertools.product((-1.0, 1.0), repeat=5)))
    eps, xi = signs[:, :2], signs[:, 2:]
    features, targets = [], []
    for x in samples:
        noised = theory.signal(time) * x + theory.noise(time) * eps
        features.append(np.hstack([noised, np.eye(3)[0] + label_noise * gamma * xi]))
        targets.append(eps)
    return np.vstack(features), np.vstack(targets)


@pytest.mark.parametrize("gamma", [0.0, 0.6])
def test_training_is_least_squares_on_rows(gamma):
    samples = rng(2).standard_normal((9, 2)) + np.array([1.0, 0.5])
    rows, targets = corrupted_rows(samples, gamma, 0.3, 1.0)
    weights = np.linalg.lstsq(rows, targets, rcond=1e-10)[0]
    mean, covariance = samples.mean(axis=0), np.cov(samples.T, bias=True)
    matrix, offset = _training.train(mean[None], covariance[None], gamma, 0.3)
    np.testing.assert_allclose(matrix[0], weights[:2].T, atol=1e-12)
    np.testing.assert_allclose(offset[0], weights[2], atol=1e-12)


def test_noise_on_the_data_gives_the_printed_matrix_and_another_offset():
    mean, covariance = _data.from_samples(rng(3), 2, 4, 30, 1.0)
    matrix, offset = _training.train(mean, covariance, 0.5, 0.2, "data")
    printed, its_offset = _training.train(mean, covariance, 0.5, 0.2, "printed")
    np.testing.assert_allclose(matrix, printed, atol=1e-14)
    np.testing.assert_allclose(offset, 1.25 * its_offset, atol=1e-14)


def test_what_is_generated_is_followed_point_by_point():
    mean, covariance = _data.from_samples(rng(4), 2, 3, 20, 1.0)
    law = _training.generate(mean, covariance, 0.8, "label")
    starts = np.vstack([np.zeros(3), np.eye(3)])
    for i in range(2):

        def slope(time, state, i=i):
            matrix, offset = _training.train(mean[i, None], covariance[i, None], 0.8, time)
            z = state.reshape(4, 3)
            return -(z - (z @ matrix[0].T + offset[0]) / theory.noise(time)).ravel()

        path = scipy.integrate.solve_ivp(slope, (16, 1e-9), starts.ravel(), rtol=1e-9, atol=1e-11)
        ends = path.y[:, -1].reshape(4, 3)
        carried = (ends[1:] - ends[0]).T
        np.testing.assert_allclose(law.mean[i], ends[0], atol=1e-6)
        np.testing.assert_allclose(law.covariance[i], carried @ carried.T, atol=1e-6)


@pytest.mark.parametrize("corrupted", ["label", "data", "printed"])
def test_the_integrated_divergence_is_a_difference_of_entropies(corrupted):
    mean, covariance = _data.from_samples(rng(5), 3, 4, 100, 1.0)
    clean, noisy = (
        ga.entropy(_training.generate(mean, covariance, gamma, corrupted).covariance)
        for gamma in (0.0, 0.4)
    )
    gain = _training.entropy_gain(mean, covariance, 0.4, corrupted)
    np.testing.assert_allclose(gain, noisy - clean, rtol=1e-5, atol=1e-7)
    closed = entropies.gain if corrupted == "label" else entropies.printed_gain
    np.testing.assert_allclose(gain, closed(mean, covariance, 0.4), rtol=1e-5)


def test_differences_of_denoisers_and_laws_are_told_apart():
    cell = Cell({"time": 0.3, "gamma": 0.5, "denoiser": "label"})
    for run in (trained_denoiser.minimisers, generated_law.laws):
        found = run(cell, rng(6), 3)
        assert found["isotropic"].min() > 0.01
        assert found["rank_one"].max() < 1e-7
        off = run(cell, rng(6), 3, overstated=1e-3)["rank_one"]
        assert (off > 1e-5).all()
        assert (off < 1e-2).all()


@pytest.mark.parametrize(
    ("change", "place", "effect"),
    [
        ({}, 0.0, 1.0),
        ({"data_noise": 0.3}, 0.3, None),
        ({"label_noise": 0.0, "data_noise": 1.0}, 1.0, None),
        ({"label_noise": 0.0}, None, 0.0),
    ],
)
def test_places_of_fitted_denoisers(change, place, effect):
    found = fitted_denoiser.fitted(Cell({"time": 0.3, "gamma": 0.5}), rng(7), 60, **change)
    if place is not None:
        assert np.median(found["place"]) == pytest.approx(place, abs=0.06)
    if effect is not None:
        assert np.median(found["effect"]) == pytest.approx(effect, abs=0.12)


def test_places_of_the_closed_forms_themselves():
    mean, covariance = _data.from_samples(rng(18), 3, 6, 50, 1.0)
    cell = Cell({"time": 0.3, "gamma": 0.5})
    for gamma, extra, name, value in (
        (0.0, theory.rank_one, "effect", 0),
        (0.5, theory.rank_one, "effect", 1),
        (0.5, theory.rank_one, "place", 0),
        (0.5, theory.isotropic, "place", 1),
    ):
        matrix, _ = theory.denoiser(mean, covariance, gamma, 0.3, extra)
        found = fitted_denoiser._places(matrix, mean, covariance, cell)[name]
        np.testing.assert_allclose(found, value, atol=1e-12)


def test_twice_the_label_noise_has_the_effect_of_its_own_closed_form():
    cell = Cell({"time": 0.3, "gamma": 0.5})
    found = fitted_denoiser.fitted(cell, rng(7), 60, label_noise=2.0)["effect"]
    mean, covariance = _data.from_samples(rng(7), 60, 6, 50, 1.0)  # the same data sets
    clean, half, whole = (theory.denoiser(mean, covariance, g, 0.3)[0] for g in (0.0, 0.5, 1.0))
    expected = ((whole - clean) * (half - clean)).sum(axis=(1, 2)) / ((half - clean) ** 2).sum(
        axis=(1, 2)
    )
    assert np.median(found) == pytest.approx(np.median(expected), abs=0.12)
    assert np.median(expected) > 2


def test_entropy_ladders_are_closed_forms_rung_by_rung():
    gains = entropy_gamma.gains(Cell({}), rng(8), 2)["gain"]
    mean, covariance = _data.by_law(rng(8), 2, 16, 2000, 1.0)
    expected = [entropies.gain(mean, covariance, gamma) for gamma in entropy_gamma.GAMMAS]
    np.testing.assert_allclose(gains.T, expected, rtol=1e-6)
    faster = entropy_gamma.gains(Cell({}), rng(8), 2, times=2.0, power=0.5)["gain"][:, 0]
    np.testing.assert_allclose(faster, entropies.gain(mean, covariance, 0.2), rtol=1e-6)


def test_dimensions_have_the_lengths_they_are_said_to_have(monkeypatch):
    monkeypatch.setattr(entropy_dimension, "DIMS", (2, 8))
    seen = []
    monkeypatch.setattr(
        entropy_dimension, "by_law", lambda *a: seen.append(a[1:]) or _data.by_law(*a)
    )
    for arm, exponent in (("constant", 0.0), ("grows", 0.0), ("constant", 1.0)):
        cell = Cell({"mean": arm})
        found = entropy_dimension.gains(cell, rng(9), 4, exponent=exponent)["gain"]
        expected = entropy_dimension._predicted(cell, np.array([2.0, 8.0]))
        if not exponent:
            np.testing.assert_allclose(found.mean(axis=0), expected, rtol=0.15)
    assert [round(length, 9) for *_, length in seen] == [1, 1, 1, 2, 2, 8]
    assert {args[:1] + args[2:3] for args in seen} == {(4, 2000)}


def test_the_covariance_term_is_a_difference_of_distances():
    _, covariance = _data.by_law(rng(10), 50, 5, 60, 1.0)
    zero = np.zeros(5)
    apart = ga.bures_wasserstein(zero, covariance, zero, np.eye(5)) - 5
    np.testing.assert_allclose(_transport.covariance_distance(covariance), apart, rtol=1e-11)


@pytest.mark.parametrize("gamma", [0.3, 1.0])
def test_gains_average_to_those_of_whole_data_sets(gamma):
    """Distances by the solver from samples, mean term and all, against the part in closed form."""
    here = Setting(n=20, d=3, norm=1.0, gamma=gamma)
    mine = _transport.gains(rng(11), 20_000, here)
    truth = np.array([1.0, 0, 0])
    x = rng(12).standard_normal((20_000, 20, 3)) + truth
    mean = x.mean(axis=1)
    covariance = np.einsum("nij,nik->njk", x - mean[:, None], x - mean[:, None]) / 20
    clean, noisy = (
        ga.bures_wasserstein(*theory.generated_law(mean, covariance, g), truth, np.eye(3))
        for g in (0.0, gamma)
    )
    direct = clean - noisy
    error = np.hypot(mine.std(), direct.std()) / np.sqrt(20_000)
    assert abs(mine.mean() - direct.mean()) < 4 * error
    assert mine.std() < direct.std()


def test_ratios_are_gains_over_the_order_of_the_theorem():
    cell = Cell({"n": 64, "d": 4, "scale": 0.8, "norm": 1.0})
    found = w2_gain.ratios(cell, rng(13), 5)["ratio"]
    expected = _transport.gains(rng(13), 5, Setting(64, 4, 1.0, 0.1)) / (0.01 * 4 / 64)
    np.testing.assert_allclose(found, expected)
    assert found.var() < w2_gain._variance(cell)


def test_shares_are_of_the_break_even_of_length_one():
    cell = Cell({"n": 400, "d": 8, "norm": 1.2, "share": 0.5})
    setting = w2_break_even.setting(cell)
    assert setting.gamma == pytest.approx(break_even(8, 1.0) / 40)
    assert setting.norm == 1.2
    assert w2_break_even.setting(cell, 1.0).norm == 1.0
    found = w2_break_even.ratios(cell, rng(14), 3)["ratio"]
    np.testing.assert_allclose(found, _transport.gains(rng(14), 3, setting) / setting.unit)


def test_averages_over_data_sets_have_the_predicted_order():
    for run, predicted, sizes in (
        (w2_rates.over_samples, w2_rates._by_samples, w2_rates.SIZES),
        (w2_rates.over_dimensions, w2_rates._by_dimension, w2_rates.DIMS),
    ):
        gain = run(Cell({}), rng(15), 12)["gain"]
        expected = predicted(Cell({}), np.array(sizes, dtype=float))
        np.testing.assert_allclose(gain.mean(axis=0), expected, rtol=0.15)
    one = Setting(50, 8, 1.0, 0.04)
    spread = w2_rates._averages(rng(16), 400, one).std()
    assert spread == pytest.approx(_transport.gains(rng(17), 4000, one).std() / 10, rel=0.15)
    slower = w2_rates.over_samples(Cell({}), rng(15), 12, exponent=0.25)["gain"]
    same = w2_rates.over_samples(Cell({}), rng(15), 12)["gain"]
    np.testing.assert_allclose((slower / same)[:, 0], 1)
    assert (slower / same)[:, -1].mean() == pytest.approx(np.sqrt(8), rel=0.15)
