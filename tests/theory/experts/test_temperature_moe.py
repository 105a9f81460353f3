"""Invariance, null direction and PDE identities, each by a second route."""

import numpy as np
import pytest
import sympy
from refutable.solvers.gaussian_moe import ACTIVATIONS, Gate, log_density, scalar
from refutable.theory.experts import temperature_moe as theory

from refutable.claims.symbolic import vanishes


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


def loop_loss(fitted, hot, truth, tau, r):
    """D_{1,r} atom by atom."""
    fields = ("b1", "a", "c", "v")
    gaps = [
        [[abs(getattr(fitted, f)[i] - getattr(truth, f)[j]) for f in fields] for j in range(2)]
        for i in range(len(fitted.b0))
    ]
    near = [min((0, 1), key=lambda j: sum(g**2 for g in row[j])) for row in gaps]
    weights = np.exp(fitted.b0 / hot)
    loss = sum(w * (sum(g**r for g in row[j]) + abs(hot - tau) ** r)
               for w, row, j in zip(weights, gaps, near, strict=True))  # fmt: skip
    for j in range(2):
        held = sum(w for w, cell in zip(weights, near, strict=True) if cell == j)
        loss += abs(held - np.exp(truth.b0[j] / tau))
    return loss


def random_estimate(rng, spread):
    t = theory.TWO_TRUTH
    b0, b1 = np.array([rng.normal(0.3, spread), 0]), np.array([rng.normal(1.2, spread), 0])
    noise = rng.normal(0, 0.3 * spread, (3, 2))
    atoms = theory.Atoms(b0, b1, t.a + noise[0], t.c + noise[1], t.v * np.exp(noise[2]))
    return atoms, 0.7 * np.exp(rng.normal(0, spread))


@pytest.mark.parametrize("r", [1.0, 2.0, 3.0])
def test_temperature_loss_equals_the_loop(r):
    rng = np.random.default_rng(2)
    for _ in range(30):
        fitted, hot = random_estimate(rng, 0.7)
        wanted = loop_loss(fitted, hot, theory.TWO_TRUTH, 0.7, r)
        got = theory.temperature_loss(fitted, hot, theory.TWO_TRUTH, 0.7, r)
        assert got == pytest.approx(wanted)


@pytest.mark.parametrize("s", [0.5, 2.0, 10.0])
@pytest.mark.parametrize("r", [1.0, 2.0, 3.0])
def test_ray_loss_is_the_loss_at_the_image(s, r):
    moved, hot = theory.along_ray(theory.TWO_TRUTH, 0.7, s)
    whole = theory.temperature_loss(moved, hot, theory.TWO_TRUTH, 0.7, r)
    assert theory.ray_loss(theory.TWO_TRUTH, 0.7, s, r) == pytest.approx(whole)


@pytest.mark.parametrize(("s", "risk"), [(0.5, 0.2158), (2.0, 0.8632)])
def test_the_midpoint_attains_the_floor(s, risk):
    at = (theory.TWO_TRUTH, 0.7, s, 2.0)
    assert theory.midpoint_risk(*at) == pytest.approx(risk, abs=1e-4)
    assert theory.ray_floor(*at) == pytest.approx(theory.midpoint_risk(*at))
    assert theory.ray_floor(*at) == pytest.approx(theory.ray_loss(*at) / 4)
    assert theory.midpoint_risk(*at) < theory.ray_loss(*at) / 2  # no triangle inequality at r = 2


@pytest.mark.parametrize("s", [0.5, 2.0, 10.0])
@pytest.mark.parametrize("r", [1.0, 2.0])
def test_no_estimate_is_below_the_floor(s, r):
    rng, truth = np.random.default_rng(3), theory.TWO_TRUTH
    moved, hot = theory.along_ray(truth, 0.7, s)
    floor = theory.ray_floor(truth, 0.7, s, r)
    for spread in np.repeat([0.1, 0.4, 0.8], 200):
        fitted, warm = random_estimate(rng, spread)
        ends = ((truth, 0.7), (moved, hot))
        assert max(theory.temperature_loss(fitted, warm, *end, r) for end in ends) >= floor


def test_far_along_the_ray_an_estimate_without_the_expert_beats_the_scaled_loss():
    truth, s = theory.TWO_TRUTH, 10.0
    moved, hot = theory.along_ray(truth, 0.7, s)
    half, warm = theory.along_ray(truth, 0.7, (1 + s) / 2)
    given_up = theory.Atoms(np.array([-500.0, 0]), half.b1, half.a, half.c, half.v)
    ends = ((truth, 0.7), (moved, hot))
    risk = max(theory.temperature_loss(given_up, warm, *end, 2.0) for end in ends)
    assert risk < 0.2 * theory.ray_loss(truth, 0.7, s, 2.0) / 4
    assert risk > theory.ray_floor(truth, 0.7, s, 2.0)


def test_pde_identities_hold_for_the_linear_gate_only():
    assert all(vanishes(e) == "proved" for e in theory.pde_residuals().values())
    with pytest.raises(ValueError, match="activation"):
        theory.pde_residuals("relu")


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "swish"])
def test_residuals_of_activations_by_finite_differences(name):
    at = {"b1": 1.3, "tau": 0.7, "a": 0.5, "c": 0.2, "v": 0.4, "x": 0.9, "y": 0.3, "b0": 0.1}

    def log_atom(p):
        active = ACTIVATIONS[name].value(np.array(p["b1"] * p["x"]))
        return (active + p["b0"]) / p["tau"]  # the normal factor does not depend on these

    def slope(of):
        h = 1e-6
        return (log_atom(at | {of: at[of] + h}) - log_atom(at | {of: at[of] - h})) / (2 * h)

    wanted = slope("tau") + (at["b1"] * slope("b1") + at["b0"] * slope("b0")) / at["tau"]
    residuals = theory.pde_residuals(name)
    assert residuals["variance"] == 0
    value = residuals["temperature"].subs(
        {sympy.Symbol(n, positive=True): v for n, v in at.items()}
    )
    assert float(value) == pytest.approx(wanted, abs=1e-6)
    assert abs(wanted) > 0.1
