"""Experiments on scale mixtures of wide networks against reckoning by hand and SciPy's laws."""

import numpy as np
import pytest
from refutable.simulations.bayes.scale_mixture_nngp import (
    _networks,
    fully_trained,
    posterior,
    prior,
    trained_readout,
    two_outputs,
    width,
)
from refutable.theory.bayes import scale_mixture_nngp as theory
from scipy import stats

from refutable import Cell

WIDE = Cell({"depth": 1, "width": 200, "a": 2.0})


def rng(seed):
    return np.random.default_rng(seed)


def test_squared_scales_are_inverse_gamma_and_outputs_have_the_kernel():
    sigma = _networks.scales(rng(0), 3.0, 4000)
    assert stats.kstest(sigma**2, stats.invgamma(3.0, scale=3.0).cdf).pvalue > 0.01
    hidden, f = _networks.draw(rng(1), _networks.INPUTS, 1, 300, np.full(4000, 2.0))
    kernel = _networks.limits().nngp
    np.testing.assert_allclose(f.T @ f / 4000, 4 * kernel, atol=0.12)
    np.testing.assert_allclose((hidden[..., 0].T @ hidden[..., 0]) / 4000, kernel, atol=0.04)


def test_outputs_are_standardised_by_the_kernel():
    found, stream = prior.outputs(WIDE, rng(2), 5), rng(2)
    sigma = _networks.scales(stream, 2.0, 5)
    _, f = _networks.draw(stream, _networks.INPUTS, 1, 200, sigma)
    kernel = _networks.limits().nngp
    np.testing.assert_allclose(found["first"], f[:, 0] / np.sqrt(kernel[0, 0]))
    wanted = [row @ np.linalg.inv(kernel) @ row / 3 for row in f]
    np.testing.assert_allclose(found["square"], wanted)


def test_the_laws_that_are_compared():
    x = np.array([0.2, 1.0, 4.0])
    np.testing.assert_allclose(prior.student(WIDE)(x), stats.t.cdf(x, 4))
    np.testing.assert_allclose(prior.half_student(WIDE)(x), stats.t.cdf(x, 2))
    np.testing.assert_allclose(prior.fisher(WIDE)(x), stats.f.cdf(x, 3, 4))
    np.testing.assert_allclose(prior.half_fisher(WIDE)(x), stats.f.cdf(x, 3, 2))
    np.testing.assert_allclose(prior.gaussian(WIDE)(x), stats.norm.cdf(x, 0, stats.t.std(4)))


def test_a_scale_for_each_weight_is_gaussian_and_one_for_the_first_layer_no_t_law():
    each = prior.outputs(WIDE, rng(3), 3000, "each weight")["square"] / 2
    assert stats.kstest(3 * each, stats.chi2(3).cdf).statistic < 0.06
    first = prior.outputs(WIDE, rng(3), 3000, "first layer")["square"]
    assert stats.kstest(first, prior.fisher(WIDE)).statistic > 0.07


def test_the_excess_is_what_the_tangent_leaves_and_grows_with_the_spread_of_kernels():
    ratio = np.array([0.8, 1.0, 1.3])
    below = stats.f.cdf(width.CUT / ratio, 1, 2 * width.A)
    slope = -stats.f.pdf(width.CUT, 1, 2 * width.A) * width.CUT
    wanted = below - below[1] - slope * (ratio - 1)
    np.testing.assert_allclose(width.bent(ratio), wanted, atol=1e-12)
    found = width.excess(Cell({"width": 32}), rng(4), 20_000)["excess"].mean()
    assert found == pytest.approx(width.predicted(), rel=0.05)
    other = width.excess(Cell({"width": 32}), rng(4), 20_000, weight=1.5)["excess"].mean()
    assert other > 1.15 * found


def apart(law, other, z):
    """What the other law says of an outcome that is standardised by the first."""
    return stats.t.cdf(law.location + z * law.scale, other.freedom, other.location, other.scale)


def test_false_laws_are_those_of_theory_on_the_scale_of_the_outcome():
    cell, z = Cell({"width": 64, "a": 1.0}), np.array([-3.0, 0.1, 2.0])
    kernels, y = _networks.limits(trained=True), _networks.TARGETS
    readout = theory.readout_law(kernels.nngp, y, 1.0, 1.0)
    bayes = theory.posterior_law(kernels.nngp, y, 1.0, 1.0)
    np.testing.assert_allclose(trained_readout._bayes(cell)(z), apart(readout, bayes, z))
    full = theory.fully_trained_law(kernels.nngp, kernels.ntk, y, 2.0, 2.0)
    for said, law in (
        (fully_trained._readout, theory.readout_law),
        (fully_trained._bayes, theory.posterior_law),
    ):
        other = law(kernels.nngp, y, 2.0, 2.0)
        np.testing.assert_allclose(said(cell)(z), apart(full, other, z))
    np.testing.assert_allclose(fully_trained._claimed(cell)(z), stats.t.cdf(z, 4))


def test_trained_readouts_are_near_their_law_and_louder_targets_move_the_location_too():
    cell = Cell({"width": 300, "a": 1.0})
    for louder in (1.0, 6.0):
        z = trained_readout.predictions(cell, rng(5), 2000, louder)["z"]
        assert stats.kstest(z, stats.t(2).cdf).statistic < 0.05


def test_trained_networks_are_near_their_law_and_steps_matter():
    cell = Cell({"width": 128})
    z = fully_trained.predictions(cell, rng(6), 600)["z"]
    assert stats.kstest(z, stats.t(4).cdf).statistic < 0.07
    early = fully_trained.predictions(cell, rng(6), 600, steps=1)["z"]
    assert stats.kstest(early, stats.t(4).cdf).statistic > 0.12


def test_three_routes_agree_and_wrong_laws_show():
    cell = Cell({"n": 3})
    right = posterior.densities(cell, rng(7), 20)
    assert max(right[route].max() for route in ("mixture", "bayes", "ratio")) < 1e-10
    for change in (
        {"law": "counted twice"},
        {"law": "prior's degrees of freedom"},
        {"more_rate": 1e-6},
    ):
        wrong = posterior.densities(cell, rng(7), 20, **change)
        assert all(wrong[route].max() > 1e-7 for route in ("mixture", "bayes", "ratio"))


def test_the_sides_of_a_correlation_differ_by_its_margin_and_vary_as_theory_says():
    cell = Cell({"a": 1.0})
    found = two_outputs.log_squares(cell, rng(8), 40_000)
    square = (found["low"] - found["high"]) / (2 * two_outputs.MARGIN)
    rho = theory.log_square_correlation(1.0)
    middle = found["low"] - two_outputs.MARGIN * square
    assert middle.mean() / square.mean() == pytest.approx(0.0, abs=0.02)
    assert rho == pytest.approx(0.25)
    for side, most in (("low", two_outputs._low), ("high", two_outputs._high)):
        assert found[side].var() == pytest.approx(most(cell) / two_outputs.SLACK, rel=0.06)
    assert set(found["sign"]) == {-1.0, 1.0}
    own = two_outputs.log_squares(cell, rng(8), 20_000, own_scales=True)
    assert own["low"].mean() == pytest.approx(-0.21 * square.mean(), rel=0.2)
    alike = two_outputs.log_squares(cell, rng(8), 20_000, alike=0.5)
    assert alike["sign"].mean() == pytest.approx(1 / 3, abs=0.03)  # 2/pi arcsin(1/2)
