"""Closed forms of accuracy disparity against direct numerical minimisation."""

import numpy as np
import pytest
from refutable.solvers.gaussian_mixture import robust_class_errors
from refutable.theory.learning import accuracy_disparity as theory
from scipy.optimize import minimize
from scipy.stats import cauchy, norm

THETA = np.array([0.9, 0.5, -0.3])


def _robust_risk(parameters, imbalance, radius, dual):
    w, b = parameters[:-1], parameters[-1]
    plus, minus = robust_class_errors(w, THETA, radius, dual, bias=b)
    return float(imbalance * plus + minus) / (1 + imbalance)


@pytest.mark.parametrize(("attack", "dual"), [("l2", 2), ("linf", 1)])
@pytest.mark.parametrize("imbalance", [1, 3, 8])
def test_the_rule_minimises_the_robust_risk(attack, dual, imbalance):
    rule = theory.gaussian_rule(THETA, imbalance, attack, 0.25)
    w = rule.direction / np.linalg.norm(rule.direction)
    ours = _robust_risk(np.append(w, rule.shift), imbalance, 0.25, dual)
    starts = np.random.default_rng(0).standard_normal((3, 4)) + np.append(2 * THETA, 0)
    options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 8000, "maxfev": 8000}
    found = min(
        minimize(
            _robust_risk, s, (imbalance, 0.25, dual), method="Nelder-Mead", options=options
        ).fun
        for s in starts
    )
    assert ours == pytest.approx(found, abs=1e-6)


def test_accuracies_at_known_points():
    theta = np.linspace(0.05, 0.6, 20)
    half = np.linalg.norm(theta) / 2
    rule = theory.gaussian_rule(theta, 5, "l2", half)
    assert (rule.majority, rule.minority) == pytest.approx((0.9956, 0.7418), abs=1e-4)
    rule = theory.gaussian_rule(theta, 5, "linf", 0.3)
    assert (rule.majority, rule.minority) == pytest.approx((0.9975, 0.543), abs=5e-4)
    assert theory.gaussian_rule(theta, 10, "l2", half).disparity == pytest.approx(0.4099, abs=1e-4)
    assert theory.gaussian_rule(theta, 10, "l2", 0).disparity == pytest.approx(0.1667, abs=1e-4)


def test_attacks_that_reach_the_mean_are_refused():
    with pytest.raises(ValueError, match="no robust margin"):
        theory.gaussian_rule(THETA, 2, "l2", 5.0)
    with pytest.raises(ValueError, match="no robust margin"):
        theory.gaussian_rule(THETA, 2, "linf", 0.9)
    with pytest.raises(ValueError, match="attack"):
        theory.gaussian_rule(THETA, 2, "l1", 0.1)


@pytest.mark.parametrize("margin", [0.75, 1.5, 3.0])
def test_the_cauchy_threshold_is_stationary(margin):
    imbalance = 0.9 * theory.cauchy_collapse(margin)
    b = theory.cauchy_threshold(imbalance, margin)
    slope = imbalance * cauchy.pdf(margin + b) - cauchy.pdf(margin - b)
    assert slope == pytest.approx(0, abs=1e-12)
    assert theory.cauchy_threshold(1, margin) == 0


@pytest.mark.parametrize(
    ("margin", "limit"), [(3.0, 11.94), (2.0, 7.42), (1.5, 5.351), (0.75, 2.698)]
)
def test_both_routes_to_the_collapse_agree(margin, limit):
    closed = theory.cauchy_collapse(margin)
    supremum, b = theory.stable_noise(1.0).collapse(margin)
    assert closed == pytest.approx(limit, abs=0.005)
    assert supremum == pytest.approx(closed, rel=1e-8)
    assert b == pytest.approx(theory.cauchy_threshold(closed, margin), abs=1e-4)
    assert closed < theory.stationary_limit(margin)


def test_no_stationary_threshold_beyond_its_limit():
    limit = theory.stationary_limit(1.0)
    theory.cauchy_threshold(limit * 0.999, 1.0)
    with pytest.raises(ValueError, match="no stationary"):
        theory.cauchy_threshold(limit * 1.001, 1.0)


def test_gaussian_noise_never_collapses():
    assert theory.gaussian_noise().collapse(1.5)[0] == np.inf


def test_stable_tails_meet_cauchy_and_gauss():
    near_cauchy = theory.stable_noise(1.0).collapse(1.5)[0]
    between = theory.stable_noise(1.5).collapse(1.5)[0]
    assert np.isfinite(between)
    assert between > near_cauchy
    assert theory.stable_noise(1.5).log_tail(0.0) == pytest.approx(np.log(0.5))


def test_the_robust_risk_of_a_threshold():
    noise = theory.gaussian_noise()
    by_hand = (3 * norm.sf(1.2) + norm.sf(0.8)) / 4
    assert noise.robust_risk(0.2, 3, 1.0) == pytest.approx(by_hand)
    assert noise.robust_risk(60.0, 3, 1.0) == pytest.approx(1 / 4)


def test_the_disparity_is_not_monotone_in_the_radius_under_cauchy_noise():
    margins = (3, 2, 1.5, 1, 0.75, 0.6)
    seen = [theory.cauchy_disparity(2, 3.0, 3 - rho) for rho in margins]
    assert seen == pytest.approx([0.0376, 0.0280, 0.0243, 0.0228, 0.0244, 0.0277], abs=1e-4)


def test_gaussian_disparity_on_the_line_at_known_points():
    seen = [theory.gaussian_disparity(40, 3.0, eps) for eps in (0, 1.5, 2.25)]
    assert seen == pytest.approx([0.008, 0.038, 0.294], abs=1e-3)


@pytest.mark.parametrize("alpha", [1.0, 1.5])
def test_wider_noise_is_a_smaller_margin(alpha):
    wide = theory.stable_noise(alpha, 1.25).collapse(1.5)
    near = theory.stable_noise(alpha).collapse(1.5 / 1.25)
    assert wide[0] == pytest.approx(near[0], rel=1e-4)
    assert wide[1] == pytest.approx(1.25 * near[1], rel=1e-2)
