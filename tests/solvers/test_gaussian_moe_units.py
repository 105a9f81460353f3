"""Shifts and scales of the data carry over to the fit, whatever their size; what is no scale."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from refutable.solvers.gaussian_moe import (
    EmRule,
    Gate,
    Layout,
    Parameters,
    Status,
    fit,
    fit_em,
    fit_nested_em,
    fit_pair,
    log_density,
    log_gate,
    sample,
    scalar,
)
from refutable.solvers.gaussian_moe.data import Observations
from refutable.solvers.gaussian_moe.units import centre_and_scale

N = 150
EASY = scalar([-1.0, 0], [3.0, 0], [-1.5, 1], [2, -1], [0.25, 0.5])
WIDE = Parameters(
    np.array([-1.0, 0]), np.array([[3.0, -1.0], [0, 0]]), np.array([[-1.5, 0.5], [1, 1]]),
    np.array([2.0, -1]), np.array([0.25, 0.5]), np.ones(()),
)  # fmt: skip
PATH = EmRule(tolerance=0.0, iterations=5)
METHODS = {
    "fit": fit,
    "five steps of EM": lambda *a, **k: fit_em(*a, rule=PATH, **k),
    "five steps of nested EM": lambda *a, **k: fit_nested_em(*a, rule=PATH, **k),
}
EXPONENTS = st.integers(-465, 465)  # 2^-465 = 1e-140
OFFSETS = st.integers(-(10**8), 10**8) | st.sampled_from([0, 1, -(10**8), 10**8, 10**6])


def draw(truth, gate=None):
    """Two data sets on a grid of 2^-12, so that moved ones are the moved ones exactly."""
    rng = np.random.default_rng(0)
    x = np.round(rng.uniform(-1, 1, (2, N, truth.d)) * 4096) / 4096
    flat = x[..., 0] if truth.d == 1 else x
    y = sample(rng, truth, gate or Gate(), flat)
    return x, np.round(y * 4096) / 4096


def moved(p, x, y, by):
    """Return parameters and data for alpha (x + o) and gamma (y + q); by = (alpha, o, gamma, q)."""
    alpha, o, gamma, q = by
    a = p.a * (gamma / alpha)
    b0 = p.b0 - p.b1.sum(axis=-1) * o
    c = gamma * (p.c + q - p.a.sum(axis=-1) * o)
    start = Parameters(b0, p.b1 / alpha, a, c, p.v * gamma**2, p.tau)
    return start, alpha * (x + o), gamma * (y + q)


def described(found, x, gate=None):
    """Return log gates, means and log variances at the data: what the fitted law consists of."""
    p = found.parameters
    means = x @ np.swapaxes(p.a, -1, -2) + p.c[:, None, :]
    return log_gate(p, gate or Gate(), x), means, np.log(p.v)


def assert_same_fit(base, found, x, there, by, rounding, gate=None):
    _, _, gamma, q = by
    gain = found.log_likelihood + N * np.log(abs(gamma))
    np.testing.assert_allclose(gain, base.log_likelihood, atol=N * rounding, rtol=0)
    np.testing.assert_array_equal(found.status, base.status)
    ours, theirs = described(base, x, gate), described(found, there, gate)
    np.testing.assert_allclose(theirs[0], ours[0], atol=1e3 * rounding, rtol=0)
    np.testing.assert_allclose(theirs[1] / gamma - q, ours[1], atol=1e3 * rounding, rtol=0)
    shift = 2 * np.log(abs(gamma))
    np.testing.assert_allclose(theirs[2] - shift, ours[2], atol=1e3 * rounding, rtol=0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("truth", [EASY, WIDE], ids=["one covariate", "two"])
@settings(max_examples=25)
@given(EXPONENTS, st.sampled_from([-1, 1]), OFFSETS, EXPONENTS, st.sampled_from([-1, 1]), OFFSETS)
@example(465, 1, 10**8, -465, -1, -(10**8))
@example(-465, -1, 10**8, 465, 1, 10**8)
def test_a_moved_data_set_has_the_moved_fit(truth, method, up, sign, o, rise, turn, q):
    x, y = draw(truth)
    by = (sign * 2.0**up, o, turn * 2.0**rise, q)
    start, there, answers = moved(truth, x, y, by)
    base = METHODS[method](x, y, truth)
    found = METHODS[method](there, answers, start)
    # numbers next to an offset are rounded to eps |offset|, coefficients of up to 3 times it
    rounding = 1e-9 + 10 * np.finfo(float).eps * max(abs(o), abs(q))
    assert_same_fit(base, found, x, there, by, rounding)


@settings(max_examples=25)
@given(st.floats(-140, 140), st.floats(-140, 140), st.floats(-8, 2), st.floats(-8, 2))
def test_any_factor_and_any_small_offset(up, rise, o, q):
    by = (10.0**up, 10.0**o, 10.0**rise, -(10.0**q))
    x, y = draw(EASY)
    start, there, answers = moved(EASY, x, y, by)
    base, found = fit(x, y, EASY), fit(there, answers, start)
    assert_same_fit(base, found, x, there, by, 1e-9)


@pytest.mark.parametrize(
    "gate", [Gate(top_k=1), Gate("tanh"), Gate("tanh", free_temperature=True)], ids=str
)
@settings(max_examples=25)
@given(EXPONENTS, EXPONENTS, OFFSETS)
def test_a_gate_that_knows_where_zero_is_follows_scales_of_x(gate, up, rise, q):
    x, y = draw(EASY, gate)
    by = (2.0**up, 0, 2.0**rise, q)
    start, there, answers = moved(EASY, x, y, by)
    base, found = fit(x, y, EASY, gate), fit(there, answers, start, gate)
    rounding = 1e-9 + 10 * np.finfo(float).eps * abs(q)
    gain = found.log_likelihood + N * np.log(2.0) * rise
    np.testing.assert_allclose(gain, base.log_likelihood, atol=N * rounding, rtol=0)
    np.testing.assert_array_equal(found.status, base.status)


def test_a_shift_of_a_million_costs_nothing():
    x, y = draw(EASY)
    base = fit(x, y, EASY)
    p = EASY
    start = Parameters(p.b0 - 1e6 * p.b1[:, 0], p.b1, p.a, p.c - 1e6 * p.a[:, 0], p.v, p.tau)
    found = fit(x + 1e6, y, start)
    assert (found.status == Status.CONVERGED).all()
    np.testing.assert_allclose(found.log_likelihood, base.log_likelihood, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_the_log_likelihood_is_that_of_the_data_as_they_were_given(method):
    x, y = draw(EASY)
    start, there, answers = moved(EASY, x, y, (7.3, 2.7, 0.01, -500))
    found = METHODS[method](there, answers, start)
    for i in range(2):
        each = log_density(found.parameters[i], Gate(), there[i], answers[i])
        assert found.log_likelihood[i] == pytest.approx(each.sum(), rel=1e-10)


@pytest.mark.parametrize("gate", [Gate(top_k=1), Gate("tanh"), Gate("relu")], ids=str)
@pytest.mark.parametrize("method", [fit, fit_em])
def test_under_a_gate_that_knows_where_zero_is_x_is_not_shifted(method, gate):
    x, y = draw(EASY, gate)
    there = x + 0.5
    found = method(there, y, EASY, gate)
    for i in range(2):
        each = log_density(found.parameters[i], gate, there[i], y[i])
        assert found.log_likelihood[i] == pytest.approx(each.sum(), rel=1e-10)


def test_a_relative_rule_stops_by_the_log_likelihood_of_the_data_as_they_were_given():
    x, y = draw(EASY)
    away = scalar([-0.5, 0], [2.0, 0], [-1, 0.5], [1.5, -0.5], [1, 1])
    rule = EmRule(1e-5, measure="relative")
    near = fit_em(x, y, away, rule=rule)
    start, there, answers = moved(away, x, y, (1.0, 0, 2.0**40, 0))
    far = fit_em(there, answers, start, rule=rule)  # each log density is 28 less, so it stops early
    assert (far.iterations < near.iterations).all()
    assert (fit_nested_em(there, answers, start, rule=rule).iterations
            < fit_nested_em(x, y, away, rule=rule).iterations).all()  # fmt: skip


@pytest.mark.parametrize("value", [0.0, 3.7, -1e6, 1e-150])
@pytest.mark.parametrize("method", [fit, fit_em, fit_nested_em])
@pytest.mark.parametrize("k", [1, 2])
def test_a_constant_y_lies_on_the_boundary(k, method, value):
    x = np.random.default_rng(1).uniform(-1, 1, (2, 50))
    part = EASY if k == 2 else Parameters(
        np.zeros(1), np.zeros((1, 1)), EASY.a[:1], EASY.c[:1], EASY.v[:1], EASY.tau
    )  # fmt: skip
    found = method(x, np.full((2, 50), value), part)
    assert (found.status == Status.BOUNDARY).all()
    assert np.isfinite(found.log_likelihood).all()


def test_numbers_whose_squares_are_none_are_refused():
    x, y = draw(EASY)
    for name, data in (("y", (x, y * 1e160)), ("x", (x * 1e-160, y))):
        with pytest.raises(ValueError, match=f"^the standard deviation of {name}=.*1e-140"):
            fit(*data, EASY)
    with pytest.raises(ValueError, match=r"^y=.*finite sum"):
        fit(x, np.where(y > 0, 1.7e308, -1.7e308), EASY)


def test_a_scale_is_the_power_of_two_next_to_the_standard_deviation():
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((6, 500)) * np.array([1e-140, 1e-3, 0.9, 1.3, 7e4, 1e140])[:, None]
    within, shift, scale = centre_and_scale("x", rows + 0.0, centred=True)
    np.testing.assert_array_equal(np.frexp(scale)[0], 0.5)
    assert (np.abs(np.log2(within.std(axis=1))) <= 0.5 + 1e-9).all()
    np.testing.assert_allclose(shift, rows.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(within.mean(axis=1), 0, atol=1e-15 * 10)
    plain, none, same = centre_and_scale("x", rows, centred=False)
    np.testing.assert_array_equal(same, scale)
    np.testing.assert_array_equal(none, 0)
    np.testing.assert_array_equal(plain * scale[:, None], rows)


def test_the_density_is_the_same_in_both_units():
    rng = np.random.default_rng(4)
    x, y = rng.normal(7, 30, (1, 40, 2)), rng.normal(-3, 0.1, (1, 40))
    inside, units = Observations.of(x, y).in_units(centred=True)
    layout, row = Layout.of(WIDE, Gate()), np.zeros(1, dtype=np.int64)
    there = layout.unpack(units.inward(layout.pack(WIDE)[None], layout, row), np.ones(1))
    of_units = log_density(there[0], Gate(), inside.x[0].T, inside.y[0])
    of_data = log_density(WIDE, Gate(), x[0], y[0])
    np.testing.assert_allclose(of_units - units.log_jacobian(1, row), of_data, rtol=1e-9)
    back = layout.pack(units.outward(there, row))
    np.testing.assert_allclose(back[0], layout.pack(WIDE), rtol=1e-12, atol=1e-12)


def pair_described(found, x, by, known):
    """Return logits, both means, log variances and kappa, in the units before the move."""
    _, _, gamma, q = by
    logit, first, second = (
        found.theta[:, i, None] + found.theta[:, i + 1, None] * x for i in (0, 2, 4)
    )
    logs = found.theta[:, 6:8] - 2 * np.log(abs(gamma))
    kappa = found.kappa / abs(gamma) ** (2 if known else 4)
    return logit, first / gamma - q, second / gamma - q, logs, kappa


@pytest.mark.parametrize("known", [False, True], ids=["free variance", "known variance"])
@settings(max_examples=25)
@given(
    st.integers(-465, 465), st.sampled_from([-1, 1]), OFFSETS, st.integers(-190, 190),
    st.sampled_from([-1, 1]), OFFSETS,
)  # fmt: skip
@example(0, 1, 0, -40, 1, 0)
@example(0, 1, 0, 40, 1, 0)
@example(0, 1, 10**8, 0, 1, 0)
def test_a_moved_data_set_has_the_moved_pair(known, up, sign, o, rise, turn, q):
    rng = np.random.default_rng(0)
    x = np.round(rng.uniform(-1, 1, (4, 500)) * 4096) / 4096
    y = np.round(sample(rng, EASY, Gate(), x) * 4096) / 4096
    by = (sign * 2.0**up, o, turn * 2.0**rise, q)
    start, there, answers = moved(EASY, x, y, by)
    base = fit_pair(x, y, EASY, known_variance=known)
    found = fit_pair(there, answers, start, known_variance=known)
    rounding = 1e-8 + 10 * np.finfo(float).eps * max(abs(o), abs(q))
    gain = found.log_likelihood + 500 * np.log(2.0) * rise
    np.testing.assert_allclose(gain, base.log_likelihood, atol=500 * rounding, rtol=0)
    np.testing.assert_array_equal(found.converged, base.converged)
    ours = pair_described(base, x, (1, 0, 1, 0), known)
    theirs = pair_described(found, there, by, known)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(other, one, atol=1e4 * rounding, rtol=1e-4)


@pytest.mark.parametrize(("known", "reach"), [(False, 60), (True, 120)])
def test_a_pair_whose_kappa_is_no_number_is_refused(known, reach):
    x, y = draw(EASY)
    flat = x[..., 0]
    for factor in (10.0 ** (reach + 2), 10.0 ** -(reach + 2)):
        with pytest.raises(ValueError, match=f"^the standard deviation of y=.*1e-{reach}"):
            fit_pair(flat, y * factor, EASY, known_variance=known)
