"""Runs of the mixture's conversion against theory, and what their broken worlds break."""

import numpy as np
import pytest
from refutable.simulations.mixtures.voice_morphing import (
    _fits,
    _frames,
    affine_target,
    converted_frames,
    restored_variance,
    total_variance,
)
from refutable.solvers import mixture_em as em
from refutable.theory.mixtures import voice_morphing as theory
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from refutable import Cell

CELL = Cell({"k": 4, "spread": 2.0})


def rng(seed=0):
    return np.random.default_rng(seed)


def test_laws_have_the_ranges_they_are_said_to_have():
    law = _frames.random_laws(rng(), (4000, 3), 1.5)
    np.testing.assert_allclose(law.weights.sum(axis=1), 1)
    assert law.weights.var() == pytest.approx((1 / 3) * (2 / 3) / 16, rel=0.05)  # Dirichlet(5)
    for centres in (law.mean_x, law.mean_y):
        assert centres.std() == pytest.approx(1.5, rel=0.03)
    for values, low, high in ((law.sd_x, 0.5, 1), (law.sd_y, 0.5, 1), (law.corr, 0.3, 0.8)):
        assert low < values.min() < low + 0.01
        assert high - 0.01 < values.max() < high


def test_a_cell_has_one_law_whose_centres_alone_are_scaled():
    wide, narrow = _frames.law_of(CELL), _frames.law_of(Cell({"k": 4, "spread": 0.5}))
    np.testing.assert_allclose(wide.mean_x, 4 * narrow.mean_x)
    np.testing.assert_array_equal(wide.corr, narrow.corr)
    mixture = _frames.joint(wide)
    assert mixture.covariances[2, 0, 1] == wide.corr[2] * wide.sd_x[2] * wide.sd_y[2]


def test_spoiled_posteriors():
    posterior, weights = np.array([[0.2, 0.5, 0.3]]), np.array([0.1, 0.6, 0.3])
    np.testing.assert_array_equal(_frames.likeliest(posterior, weights), [[0, 1, 0]])
    flat = np.array([2.0, 5 / 6, 1.0])
    np.testing.assert_allclose(_frames.forgetful(posterior, weights), [flat / flat.sum()])


@pytest.mark.parametrize("k", [1, 4])
def test_integrals_hold_to_rounding_on_wide_laws(k):
    """Twice as many laws as a run has; the grid stays fine enough for each."""
    columns = total_variance.integrals(Cell({"k": k}), rng(1), 40)
    for gap in ("total_gap", "error_gap", "predicted_gap"):
        assert columns[gap].max() < 1e-9
    assert min(columns["above_line"].min(), columns["below_cap"].min()) > -1e-9
    assert (columns["above_line"].min() > 0.001) == (k > 1)


@pytest.mark.parametrize("posterior", [_frames.likeliest, _frames.forgetful])
def test_a_spoiled_posterior_breaks_every_identity(posterior):
    columns = total_variance.integrals(Cell({"k": 4}), rng(2), 10, posterior)
    for gap in ("total_gap", "error_gap", "predicted_gap"):
        assert columns[gap].max() > 0.01


def test_on_a_line_the_ratio_is_what_noise_leaves():
    """With one slope for all components E(Y|X) is the line, whatever the posterior."""
    exact = affine_target.on_a_line(Cell({"corr": 1.0}))
    assert exact == pytest.approx({"ratio": 1, "error": 0}, abs=1e-12)
    noisy = affine_target.on_a_line(Cell({"corr": 0.9}))
    base = _frames.random_laws(np.random.default_rng([1208, 1418]), (4,))
    mean = base.weights @ base.mean_x
    spread = 2.25 * base.weights @ (base.sd_x**2 + (base.mean_x - mean) ** 2)
    noise = 2.25 * (1 / 0.81 - 1) * base.weights @ base.sd_x**2
    assert noisy["ratio"] == pytest.approx(spread / (spread + noise), abs=1e-9)
    assert noisy["error"] == pytest.approx(noise / (spread + noise), abs=1e-9)
    assert affine_target.on_a_line(Cell({"corr": 1.0}), 0.5)["ratio"] < 0.999


def within(values, prediction, factor=4.5):
    error = np.sqrt(prediction.variance / _frames.FRAMES / len(values))
    return abs(values.mean() - prediction.mean) < factor * error


def as_variable(values, prediction):
    """Whether the variance over utterances is the one that is declared."""
    ratio = values.var() * _frames.FRAMES / prediction.variance
    return 0.7 < ratio < 1.3


def test_frames_agree_with_integrals_in_mean_and_in_variance():
    law = _frames.law_of(CELL)
    found = converted_frames.conversion(CELL, rng(3), 400)
    for name, predict in (
        ("ratio", theory.global_variance),
        ("error", theory.conversion_error),
    ):
        assert within(found[name], predict(law))
        assert as_variable(found[name], predict(law))
    spoiled = converted_frames.conversion(CELL, rng(3), 400, _frames.forgetful)
    assert not within(spoiled["ratio"], theory.global_variance(law), 20)
    for name, predict in (("ratio", theory.global_variance), ("error", theory.conversion_error)):
        bound = converted_frames.SLACK * predict(law).variance / _frames.FRAMES
        assert spoiled[name].var() < 1.15 * bound  # 1.15: 400 utterances


def test_restored_frames_agree_with_integrals_in_mean_and_in_variance():
    law = _frames.law_of(CELL)
    found = restored_variance.restoration(CELL, rng(4), 400)
    for name, values in found.items():
        prediction = getattr(theory, name)(law)
        assert within(values, prediction), name
        assert as_variable(values, prediction), name


def test_half_measures_restore_in_part():
    law = _frames.law_of(CELL)
    ratio = theory.global_variance(law).mean
    found = restored_variance.restoration(CELL, rng(5), 400, noise=0.5, gain=0.8)
    assert found["redrawn_variance"].mean() == pytest.approx(ratio + 0.5 * (1 - ratio), abs=0.01)
    assert found["redrawn_error"].mean() == pytest.approx(1.5, abs=0.03)
    assert found["rescaled_variance"].mean() == pytest.approx(0.64, abs=0.02)
    extra = (0.8 - np.sqrt(ratio)) ** 2
    assert found["rescaled_extra"].mean() == pytest.approx(extra, abs=0.02)


def test_fits_explain_as_much_as_those_of_scikit_learn():
    """And fresh frames agree with the integral over the law."""
    generator = rng(6)
    data, _ = em.sample(generator, _frames.joint(_fits.FOUR), 1000)
    fit = _fits.fitted(generator, data, 4)
    model = GaussianMixture(4, n_init=4, random_state=0, tol=1e-5).fit(data[0])
    theirs = em.Mixture(model.weights_, model.means_, model.covariances_)
    batch = theirs.broadcast((1,))
    explained, ratio = _fits.on_fresh_frames(_fits.FOUR, fit)
    assert explained == pytest.approx(_fits.on_fresh_frames(_fits.FOUR, batch)[0], abs=2e-3)
    fresh, _ = em.sample(generator, _frames.joint(_fits.FOUR), 200_000)
    f = _fits.converter(fit, fresh[0, :, 0])
    variance = theory.target_variance(_fits.FOUR)
    assert 1 - ((fresh[0, :, 1] - f) ** 2).mean() / variance == pytest.approx(explained, abs=0.005)
    assert f.var() / variance == pytest.approx(ratio, abs=0.01)


def test_the_thinned_grid_is_fine_enough_for_the_true_law():
    truth = _frames.joint(_fits.FOUR).broadcast((1,))
    for part in _fits.on_fresh_frames(_fits.FOUR, truth):
        assert part == pytest.approx(_fits.TRUE_RATIO, abs=1e-10)
    up = theory.Law(**{**vars(_fits.FOUR), "mean_y": _fits.FOUR.mean_y + 5})
    raised = _fits.on_fresh_frames(up, _frames.joint(up).broadcast((1,)))
    assert raised == pytest.approx(np.full((2, 1), _fits.TRUE_RATIO), abs=1e-10)
    assert pytest.approx(0.752, abs=0.0005) == _fits.TRUE_RATIO


def test_conversion_of_a_fit_is_the_regression_of_its_density():
    data, _ = em.sample(rng(7), _frames.joint(_fits.FOUR), 200)
    fit = _fits.fitted(rng(8), data, 2)
    y = np.linspace(-12, 12, 4001)
    parts = zip(fit.weights[0], fit.means[0], fit.covariances[0], strict=True)
    points = np.stack([np.full(4001, 0.7), y], axis=-1)
    p = sum(w * multivariate_normal(m, c).pdf(points) for w, m, c in parts)
    assert _fits.converter(fit, np.array([0.7]))[0, 0] == pytest.approx(p @ y / p.sum(), abs=1e-8)


def test_outcomes_of_fits_are_about_their_own_numbers():
    found = _fits.fits(Cell({"n": 300}), rng(9), 6)
    assert (found["last_gain"] == found["explained_4"] - found["explained_2"]).all()
    ascending = (found["explained_1"] < found["explained_2"]) & (found["last_gain"] > 0)
    assert (found["rises"] == ascending).all()
    assert found["rises"].all()
    assert found["ratio_rises"].all()
    down = _fits.fits(Cell({"n": 300}), rng(9), 6, numbers=(4, 1))
    assert not down["rises"].any()
    assert not down["ratio_rises"].any()


def test_one_component_has_the_sample_correlation_as_its_ratio():
    data, _ = em.sample(rng(10), _frames.joint(_fits.FOUR), 60, 5)
    found = _fits.fits(Cell({"n": 60}), rng(10), 5, numbers=(1, 2), floor=0.0)
    expected = [np.corrcoef(points.T)[0, 1] ** 2 for points in data]
    np.testing.assert_allclose(found["sample_ratio_1"], expected, rtol=1e-9)


def test_a_floor_lowers_the_ratio_and_pulled_centres_explain_less():
    plain = _fits.four_and_eight(Cell({"n": 60}), rng(11), 24)
    floored = _fits.four_and_eight(Cell({"n": 60}), rng(11), 24, floor=0.2)
    assert np.median(floored["sample_ratio_8"]) < np.median(plain["sample_ratio_8"]) - 0.05
    pulled = _fits.fits(Cell({"n": 300}), rng(11), 6, pull=0.1)
    assert pulled["explained_4"].max() < 0.1
