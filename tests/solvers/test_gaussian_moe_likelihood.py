"""The compiled sums against NumPy, finite differences and complex-step differentiation."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers._vector import exp_block
from refutable.solvers.gaussian_moe import (
    ACTIVATIONS,
    Gate,
    Layout,
    Parameters,
    kept_experts,
    log_density,
    log_gate,
    sample,
    scalar,
    score,
    total_score,
)
from refutable.solvers.gaussian_moe._sums import em_sums, score_sums
from refutable.solvers.gaussian_moe.data import Observations, Problem
from scipy.special import erf

GATES = [
    Gate(),
    Gate(top_k=1),
    Gate(top_k=2),
    Gate(free_temperature=True),
    Gate("sigmoid", top_k=2, free_temperature=True),
    *(Gate(name, free_temperature=free) for name in ACTIVATIONS for free in (False, True)),
]
# Complex-safe activations, written again: the automatic derivatives must not share code.
COMPLEX = {
    "linear": lambda z: z,
    "square": lambda z: z * z,
    "cube": lambda z: z * z * z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "elu": lambda z: np.where(np.real(z) > 0, z, np.exp(z) - 1),
}


def random_parameters(rng, k, d, tau=0.7):
    b0, b1 = rng.normal(size=k), rng.normal(size=(k, d))
    b0[-1], b1[-1] = 0.0, 0.0
    spread = rng.normal(size=(k, d)), rng.normal(size=k), rng.uniform(0.2, 2.0, k)
    return Parameters(b0, b1, *spread, np.asarray(tau))


def problem_for(x, y, parameters, gate):
    layout = Layout.of(parameters, gate)
    tau = np.array([float(parameters.tau)])
    return Problem(Observations.of(x, y), np.zeros(1, dtype=np.int64), gate, layout, tau)


def compiled(sums, x, y, parameters, gate):
    problem = problem_for(x[None], y[None], parameters, gate)
    theta = problem.layout.pack(parameters)[None]
    return [out[0] for out in sums(*problem.arguments(theta, np.arange(1)))]


def exponential(x):
    out = np.empty(len(x))
    exp_block(np.ascontiguousarray(x, dtype=np.float64), out, len(x))
    return out


def test_block_exponential_is_accurate_to_rounding():
    rng = np.random.default_rng(0)
    x = -np.concatenate([
        [0.0, 5e-324, 1e-300, 707.9, 708.0], np.geomspace(1e-10, 708, 20_000),
        708 * rng.random(20_000), np.log(2) * (np.arange(1021) + 0.5) * (1 + 1e-15),
    ])  # fmt: skip
    np.testing.assert_allclose(exponential(x), np.exp(x), rtol=5e-16)


def test_block_exponential_agrees_with_fifty_digits():
    x = -np.random.default_rng(1).exponential(100, 500)
    x = x[x > -700]
    with mpmath.workdps(50):
        exact = [mpmath.exp(mpmath.mpf(float(v))) for v in x]
        error = [
            abs(mpmath.mpf(float(e)) / t - 1) for e, t in zip(exponential(x), exact, strict=True)
        ]
    assert max(error) < 3e-16


def test_block_exponential_ends_at_zero_and_lets_no_nan_go_unseen():
    last = np.nextafter(-708.0, -np.inf)
    found = exponential(np.array([-708.0, last, -745.0, -1e300, -np.inf, np.nan]))
    assert found[0] == pytest.approx(np.exp(-708.0), rel=5e-16)
    np.testing.assert_array_equal(found[1:5], 0)
    assert np.isnan(found[5])


def random_line(seed, n, far):
    """Two experts on a line, and the same with a second covariate that nothing depends on."""
    rng = np.random.default_rng(seed)
    p = random_parameters(rng, 2, 1, tau=float(rng.uniform(0.3, 3)))
    x, y = far * rng.normal(size=n), far * rng.normal(size=n)
    zero = np.zeros((2, 1))
    wide = Parameters(p.b0, np.hstack([p.b1, zero]), np.hstack([p.a, zero]), p.c, p.v, p.tau)
    idle = rng.normal(size=n)
    return p, x[:, None], wide, np.column_stack([x, idle]), y


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 700), st.sampled_from([0.1, 1.0, 100.0]))
def test_two_experts_on_a_line_have_the_sums_of_the_general_loops(seed, n, far):
    p, x, wide, two, y = random_line(seed, n, far)
    pair, general = compiled(em_sums, x, y, p, Gate()), compiled(em_sums, two, y, wide, Gate())
    scale = n * far**2
    assert pair[0] == pytest.approx(general[0], rel=1e-12, abs=1e-12 * scale)
    gates = np.array([0, 1])
    cut = [
        general[1][:, :2, :2], general[2][:, :2], general[3], general[4][gates],
        general[5][np.ix_(gates, gates)],
    ]  # fmt: skip
    for ours, theirs in zip(pair[1:], cut, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13 * scale)
    value = log_density(p, Gate(), x, y).sum()
    assert pair[0] == pytest.approx(value, rel=1e-12, abs=1e-12 * scale)


@pytest.mark.parametrize("sums", [em_sums, score_sums])
@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("k", [2, 3])
def test_a_nan_in_any_parameter_reaches_the_value(k, d, sums):
    rng = np.random.default_rng(2)
    p, gate = random_parameters(rng, k, d), Gate()
    x, y = rng.normal(size=(1, 300, d)), rng.normal(size=(1, 300))
    problem = problem_for(x, y, p, gate)
    theta = problem.layout.pack(p)
    for at in range(len(theta)):
        spoilt = theta.copy()
        spoilt[at] = np.nan
        assert np.isnan(sums(*problem.arguments(spoilt[None], np.arange(1)))[0][0]), at


@pytest.mark.parametrize("gate", GATES, ids=str)
@pytest.mark.parametrize("d", [1, 3])
def test_compiled_sums_equal_numpy(gate, d):
    rng = np.random.default_rng(5)
    parameters = random_parameters(rng, 3, d)
    x, y = rng.uniform(-2, 2, (700, d)), rng.normal(size=700)
    value, gradient, information, _ = compiled(score_sums, x, y, parameters, gate)
    s = score(parameters, gate, x, y)
    assert value == pytest.approx(log_density(parameters, gate, x, y).sum(), rel=1e-13)
    np.testing.assert_allclose(gradient, s.sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(information, s.T @ s, rtol=1e-10, atol=1e-9)


@pytest.mark.parametrize("gate", [Gate(top_k=2), Gate("tanh", free_temperature=True)], ids=str)
def test_total_score_is_the_sum_of_the_scores_of_every_data_set(gate):
    rng = np.random.default_rng(15)
    parameters = random_parameters(rng, 3, 2)
    x, y = rng.uniform(-2, 2, (4, 60, 2)), rng.normal(size=(4, 60))
    apart = [score(parameters, gate, *data).sum(axis=0) for data in zip(x, y, strict=True)]
    np.testing.assert_allclose(total_score(x, y, parameters, gate), apart, atol=1e-9)


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_em_sums_share_the_gate_gradient_with_the_score(gate):
    rng = np.random.default_rng(6)
    parameters = random_parameters(rng, 3, 1)
    x, y = rng.uniform(-2, 2, (300, 1)), rng.normal(size=300)
    value, square, _, _, gradient, curvature = compiled(em_sums, x, y, parameters, gate)
    s = score(parameters, gate, x, y).sum(axis=0)
    block = Layout.of(parameters, gate).gate_block
    np.testing.assert_allclose(gradient, s[:block], atol=1e-10)
    assert value == pytest.approx(log_density(parameters, gate, x, y).sum(), rel=1e-13)
    assert square[:, 0, 0].sum() == pytest.approx(300)  # responsibilities sum to n
    assert np.linalg.eigvalsh(curvature).min() > -1e-9


def test_gate_curvature_is_the_hessian_of_the_expected_log_gate():
    rng = np.random.default_rng(7)
    parameters, gate = random_parameters(rng, 3, 1, tau=1.0), Gate()
    x, y = rng.uniform(-2, 2, (200, 1)), rng.normal(size=200)
    curvature = compiled(em_sums, x, y, parameters, gate)[5]
    layout, h = Layout.of(parameters, gate), 1e-5
    theta, one = layout.pack(parameters), np.asarray(1.0)
    t = rng.dirichlet(np.ones(3), size=200)

    def gradient(at):
        g = np.exp(log_gate(layout.unpack(at, one), gate, x))
        u = np.column_stack([np.ones(200), x])
        return ((t - g)[:, :-1, None] * u[:, None, :]).sum(axis=0).ravel()

    shifts = h * np.eye(layout.size)[: layout.gate_block]
    hessian = [(gradient(theta + e) - gradient(theta - e)) / (2 * h) for e in shifts]
    np.testing.assert_allclose(-np.array(hessian), curvature, rtol=1e-6, atol=1e-6)


def complex_log_likelihood(theta, layout, gate, x, y):
    """Log-likelihood on complex numbers: its imaginary part differentiates to rounding."""
    k, width = layout.k, layout.d + 1
    u = np.column_stack([np.ones(len(x)), x])
    rows = np.concatenate([theta[: layout.gates], np.zeros(width)]).reshape(k, width)
    tau = np.exp(theta[layout.gates]) if gate.free_temperature else 1.0
    expert = theta[layout.gate_block : layout.gate_block + k * width].reshape(k, width)
    v = np.exp(theta[-k:])
    logits = (COMPLEX[gate.activation](x @ rows[:, 1:].T) + rows[:, 0]) / tau
    keep = np.ones(logits.shape)
    if gate.top_k is not None:
        order = np.argsort(-(x @ rows[:, 1:].T).real, axis=1, kind="stable")
        keep[np.arange(len(x))[:, None], order[:, gate.top_k :]] = 0
    weight = keep * np.exp(logits)
    normal = np.exp(-0.5 * (y[:, None] - u @ expert.T) ** 2 / v) / np.sqrt(2 * np.pi * v)
    return np.log((weight * normal).sum(axis=1) / weight.sum(axis=1)).sum()


@pytest.mark.parametrize(
    "gate",
    [Gate(top_k=2), *(Gate(name, free_temperature=True) for name in COMPLEX)],
    ids=str,
)
def test_gradient_equals_automatic_differentiation(gate):
    rng = np.random.default_rng(8)
    parameters = random_parameters(rng, 3, 2, tau=1.0)
    x, y = rng.uniform(-1, 1, (100, 2)), rng.normal(size=100)
    layout = Layout.of(parameters, gate)
    theta = layout.pack(parameters)
    steps = theta + 1e-30j * np.eye(layout.size)
    auto = [complex_log_likelihood(step, layout, gate, x, y).imag / 1e-30 for step in steps]
    gradient = compiled(score_sums, x, y, parameters, gate)[1]
    np.testing.assert_allclose(gradient, auto, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ["relu", "gelu"])
def test_gradient_equals_finite_differences(name):
    rng = np.random.default_rng(9)
    gate = Gate(name, free_temperature=True)
    parameters = random_parameters(rng, 3, 1)
    x, y = rng.uniform(-2, 2, (100, 1)), rng.normal(size=100)
    layout, h = Layout.of(parameters, gate), 1e-6
    theta = layout.pack(parameters)

    def value(at):
        return log_density(layout.unpack(at, np.asarray(1.0)), gate, x, y).sum()

    finite = [(value(theta + e) - value(theta - e)) / (2 * h) for e in h * np.eye(layout.size)]
    gradient = compiled(score_sums, x, y, parameters, gate)[1]
    np.testing.assert_allclose(gradient, finite, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_activation_degree_is_its_scaling_law(name):
    activation, z = ACTIVATIONS[name], np.linspace(-2, 2, 41)
    above = [activation.value(at) - activation.value(np.zeros(1)) for at in (z, 3.0 * z)]
    ratio_holds = [np.allclose(above[1], 3.0**p * above[0]) for p in (1, 2, 3)]
    wanted = [activation.degree == p for p in (1, 2, 3)]
    assert ratio_holds == wanted


def test_gelu_is_built_on_the_error_function():
    z = np.linspace(-3, 3, 13)
    by_hand = 0.5 * z * (1 + erf(z / np.sqrt(2)))
    np.testing.assert_allclose(ACTIVATIONS["gelu"].value(z), by_hand, atol=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.integers(1, 2))
def test_density_ignores_the_gauge_and_the_labels(seed, k, d):
    rng = np.random.default_rng(seed)
    p = random_parameters(rng, k, d)
    x, y = rng.uniform(-1, 1, (30, d)), rng.normal(size=30)
    shifted = Parameters(p.b0 + 0.9, p.b1 + rng.normal(size=d), p.a, p.c, p.v, p.tau)
    for gate in (Gate(), Gate(top_k=2)):
        base = log_density(p, gate, x, y)
        np.testing.assert_allclose(log_density(shifted, gate, x, y), base, atol=1e-11)
        np.testing.assert_allclose(log_density(shifted.pinned(), gate, x, y), base, atol=1e-11)
        permuted = p.relabelled(rng.permutation(k))
        np.testing.assert_allclose(log_density(permuted, gate, x, y), base, atol=1e-11)


def test_density_integrates_to_one_under_every_gate():
    rng, y = np.random.default_rng(3), np.linspace(-25, 25, 20001)
    p = random_parameters(rng, 3, 1)
    for gate in GATES:
        mass = np.exp(log_density(p, gate, np.full((len(y), 1), 0.4), y)).sum() * (y[1] - y[0])
        assert mass == pytest.approx(1.0, abs=1e-9), gate


def test_top_k_keeps_exactly_k_and_breaks_ties_by_order():
    p = scalar([5.0, 0, 0], [1.0, 1.0, 0.0], [0, 0, 0], [0, 0, 0], [1, 1, 1])
    kept = kept_experts(p, Gate(top_k=1), np.array([1.0, -1.0]))
    np.testing.assert_array_equal(kept, [[True, False, False], [False, False, True]])
    rng = np.random.default_rng(4)
    many = random_parameters(rng, 6, 2)
    assert (kept_experts(many, Gate(top_k=4), rng.normal(size=(50, 2))).sum(axis=1) == 4).all()


def test_samples_follow_the_density():
    p, gate = scalar([0.5, 0], [1.0, 0], [-1.5, 1], [2, -1], [0.25, 0.49]), Gate()
    rng = np.random.default_rng(12)
    y = sample(rng, p, gate, np.full(200_000, 0.3))
    share = np.exp(log_gate(p, gate, np.array([0.3])))[0]
    mean = p.a[:, 0] * 0.3 + p.c
    second = (share * (p.v + mean**2)).sum()
    assert y.mean() == pytest.approx((share * mean).sum(), abs=0.02)
    assert (y**2).mean() == pytest.approx(second, rel=0.01)
