"""Invariance, null direction and PDE identities, each by a second route."""

import numpy as np
import pytest
import sympy

from claimcheck.symbolic import vanishes
from solvers.gaussian_moe import ACTIVATIONS, Gate, log_density, scalar
from theory.experts import temperature_moe as theory


def parameters(truth, tau):
    return scalar(truth.b0, truth.b1, truth.a, truth.c, truth.v, tau)


@pytest.mark.parametrize("name", [name for name, p in theory.DEGREE.items() if p])
@pytest.mark.parametrize("s", [0.5, 2.0, 10.0])
def test_homogeneous_gates_are_invariant_along_the_ray(name, s):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-2, 2, 500), rng.normal(size=500)
    moved, hot = theory.along_ray(theory.THREE_TRUTH, 0.7, s, theory.DEGREE[name])
    gate = Gate(name)
    base = log_density(parameters(theory.THREE_TRUTH, 0.7), gate, x, y)
    np.testing.assert_allclose(log_density(parameters(moved, hot), gate, x, y), base, atol=1e-12)
    assert theory.ray_loss(theory.THREE_TRUTH, 0.7, s, 2.0) > 0


def test_degrees_agree_with_the_activations():
    assert {name: a.degree for name, a in ACTIVATIONS.items()} == theory.DEGREE


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_ray_direction_is_the_derivative_of_the_ray(degree):
    h = 1e-6
    up, hot = theory.along_ray(theory.THREE_TRUTH, 0.7, 1 + h, degree)
    down, cold = theory.along_ray(theory.THREE_TRUTH, 0.7, 1 - h, degree)
    free = np.stack([(up.b0 - down.b0)[:2], (up.b1 - down.b1)[:2]], axis=1).ravel() / (2 * h)
    full = np.append(free, (np.log(hot) - np.log(cold)) / (2 * h))
    wanted = theory.ray_direction(theory.THREE_TRUTH, degree)
    np.testing.assert_allclose(full / np.linalg.norm(full), wanted, atol=1e-8)


def test_ray_loss_by_hand():
    # s = 2: b1 moves by 1.2 and tau by 0.7; weights e^(0.3/0.7) and 1
    w = np.exp(0.3 / 0.7)
    wanted = w * (1.2 + 0.7) + 0.7
    assert theory.ray_loss(theory.TWO_TRUTH, 0.7, 2.0, 1.0) == pytest.approx(wanted)
    with pytest.raises(ValueError, match="s > 0"):
        theory.along_ray(theory.TWO_TRUTH, 0.7, -1.0)


def test_pde_identities_hold_for_the_linear_gate_only():
    assert all(vanishes(e) == "proved" for e in theory.pde_residuals().values())
    sigmoid = theory.pde_residuals("sigmoid")
    assert sigmoid["variance"] == 0
    assert sigmoid["temperature"] != 0
    with pytest.raises(ValueError, match="activation"):
        theory.pde_residuals("tanh")


def test_sigmoid_residual_by_finite_differences():
    at = {"b1": 1.3, "tau": 0.7, "a": 0.5, "c": 0.2, "v": 0.4, "x": 0.9, "y": 0.3, "b0": 0.1}

    def log_atom(p):
        active = 1 / (1 + np.exp(-p["b1"] * p["x"]))
        return (active + p["b0"]) / p["tau"]  # the normal factor does not depend on these

    def slope(name):
        h = 1e-6
        return (log_atom(at | {name: at[name] + h}) - log_atom(at | {name: at[name] - h})) / (2 * h)

    wanted = slope("tau") + (at["b1"] * slope("b1") + at["b0"] * slope("b0")) / at["tau"]
    residual = theory.pde_residuals("sigmoid")["temperature"]
    value = residual.subs({sympy.Symbol(n, positive=True): v for n, v in at.items()})
    assert float(value) == pytest.approx(wanted, abs=1e-6)
    assert abs(wanted) > 0.1
