"""Fits: the maximum of a plain EM, monotone steps, a status for all that goes wrong."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.gaussian_moe import (
    EmRule,
    Fit,
    Gate,
    Layout,
    Parameters,
    Rule,
    Status,
    fit,
    fit_em,
    sample,
    scalar,
)
from refutable.solvers.gaussian_moe.data import Observations, Problem
from refutable.solvers.gaussian_moe.em import expectation_maximisation
from sklearn.mixture import GaussianMixture

sys.path.append(str(Path(__file__).parent))
from gaussian_moe_reference import Experts, em

EASY = scalar([-1.0, 0], [3.0, 0], [-1.5, 1], [2, -1], [0.25, 0.49])
THREE = scalar([0.4, -0.3, 0], [-2, 2, 0], [1.5, 0.5, -1], [-1, 2, 0.3], [0.09, 0.12, 0.16])


def draw(truth, rows, n, seed=0, gate=None, low=-1.0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(low, 1, (rows, n))
    return x, sample(rng, truth, gate or Gate(), x)


def as_reference(p):
    gate = np.stack([p.b0, p.b1[:, 0]], axis=1)
    return Experts(gate, np.stack([p.c, p.a[:, 0]], axis=1), p.v)


@pytest.mark.parametrize("truth", [EASY, THREE], ids=["two", "three"])
def test_same_maximum_as_the_readable_em(truth):
    x, y = draw(truth, 5, 400)
    batched = fit(x, y, truth)
    alone = fit_em(x, y, truth, rule=EmRule(tolerance=1e-10))
    assert (batched.status == Status.CONVERGED).all()
    for i in range(5):
        model, value, _ = em(x[i], y[i], as_reference(truth), tolerance=1e-10)
        assert batched.log_likelihood[i] == pytest.approx(value, rel=1e-9)
        assert alone.log_likelihood[i] == pytest.approx(value, rel=1e-9)
        np.testing.assert_allclose(batched.parameters.c[i], model.expert[:, 0], atol=2e-4)


def test_em_alone_walks_like_the_readable_em():
    x, y = draw(EASY, 3, 300)
    path = fit_em(x, y, EASY, rule=EmRule(iterations=4, tolerance=0.0))
    for i in range(3):
        model, value, _ = em(x[i], y[i], as_reference(EASY), tolerance=-1.0, iterations=4)
        assert path.log_likelihood[i] == pytest.approx(value, abs=1e-9)
        np.testing.assert_allclose(path.parameters.b1[i, :, 0], model.gate[:, 1], atol=1e-8)


def test_pure_mixture_agrees_with_scikit_learn():
    # With x = 0 in every observation the experts' slopes are idle and the model is a mixture.
    rng = np.random.default_rng(2)
    y = np.where(rng.random(2000) < 0.4, rng.normal(-2, 0.5, 2000), rng.normal(1, 1, 2000))
    start = scalar([0.0, 0], [0, 0], [0, 0], [-2, 1], [0.3, 1])
    ours = fit(np.zeros((1, 2000)), y[None], start)
    theirs = GaussianMixture(2, tol=1e-10, max_iter=5000, reg_covar=0.0, means_init=[[-2], [1]])
    theirs.fit(y[:, None])
    assert ours.log_likelihood[0] / 2000 == pytest.approx(theirs.score(y[:, None]), abs=1e-8)
    np.testing.assert_allclose(ours.parameters.c[0], theirs.means_.ravel(), atol=1e-3)
    assert ours.status[0] == Status.UNIDENTIFIED


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([
        Gate(), Gate(top_k=2), Gate(free_temperature=True), Gate("tanh", free_temperature=True),
    ]),
    st.integers(1, 3),
)  # fmt: skip
def test_every_em_step_is_monotone(seed, gate, d):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 60, d)), rng.normal(size=(2, 60)) * rng.uniform(0.1, 5)
    b0, b1 = rng.normal(size=3), rng.normal(size=(3, d)) * rng.uniform(0.1, 5)
    b0[-1], b1[-1] = 0.0, 0.0
    start = Parameters(b0, b1, rng.normal(size=(3, d)), rng.normal(size=3), np.ones(3),
                       np.asarray(0.5))  # fmt: skip
    layout = Layout.of(start, gate)
    rows = np.arange(2)
    problem = Problem(Observations.of(x, y), rows, gate, layout, np.full(2, 0.5))
    theta = np.tile(layout.pack(start), (2, 1))
    path = expectation_maximisation(problem, theta, EmRule(iterations=25), np.full(2, 1e-9))
    trace = np.array(path.trace)
    assert (np.diff(trace, axis=0) >= -1e-9 * np.abs(trace[:-1])).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_fit_is_equivariant_under_relabelling(seed):
    x, y = draw(THREE, 2, 300, seed)
    order = np.array([2, 0, 1])
    base = fit(x, y, THREE)
    moved = fit(x, y, THREE.relabelled(order).pinned())
    np.testing.assert_allclose(moved.log_likelihood, base.log_likelihood, atol=1e-6)
    good = (base.status == Status.CONVERGED) & (moved.status == Status.CONVERGED)
    wanted = base.parameters.relabelled(order).pinned()
    np.testing.assert_allclose(moved.parameters.c[good], wanted.c[good], atol=5e-3)
    np.testing.assert_allclose(moved.parameters.b1[good], wanted.b1[good], rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("scale", [1e-7, 1e7])
def test_huge_and_tiny_units_only_shift_the_log_likelihood(scale):
    x, y = draw(EASY, 3, 500)
    p, s = EASY, scale
    start = Parameters(p.b0, p.b1 / s, p.a, p.c * s, p.v * s * s, p.tau)
    base, scaled = fit(x, y, p), fit(x * s, y * s, start)
    shift = 500 * np.log(s)
    np.testing.assert_allclose(scaled.log_likelihood, base.log_likelihood - shift, rtol=1e-9)
    assert (scaled.status == Status.CONVERGED).all()


def test_a_single_expert_is_least_squares():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(2, 50, 2))
    y = x @ [1.0, -2.0] + 0.3 + 0.1 * rng.normal(size=(2, 50))
    zero = np.zeros((1, 2))
    found = fit(x, y, Parameters(np.zeros(1), zero, zero, np.zeros(1), np.ones(1), np.ones(())))
    u = np.concatenate([np.ones((2, 50, 1)), x], axis=2)
    for i in range(2):
        coefficients, rss, *_ = np.linalg.lstsq(u[i], y[i])
        np.testing.assert_allclose(found.parameters.a[i, 0], coefficients[1:], atol=1e-9)
        assert found.parameters.v[i, 0] == pytest.approx(rss[0] / 50, rel=1e-9)


def test_a_fit_counts_the_steps_of_em_and_of_what_follows():
    x, y = draw(EASY, 3, 300)
    em_steps = fit_em(x, y, EASY, rule=EmRule(tolerance=Rule().tolerance, iterations=3))
    after = fit(x, y, em_steps.parameters, warm_up=0)
    together = fit(x, y, EASY, warm_up=3)
    assert (em_steps.iterations > 0).all()
    assert (after.iterations > 0).all()
    np.testing.assert_array_equal(together.iterations, em_steps.iterations + after.iterations)
    np.testing.assert_allclose(together.log_likelihood, after.log_likelihood, rtol=1e-12)


def test_several_starts_keep_the_best_one():
    x, y = draw(EASY, 3, 400)
    far = scalar([0.0, 0], [0.1, 0], [1, 1.0], [5.0, 5.1], [1.0, 1.0])
    stack = [np.stack([getattr(EASY, f), getattr(far, f)]) for f in ("b0", "b1", "a", "c", "v")]
    both = Parameters(*stack, np.ones(2))
    found = fit(x, y, both[None, :].broadcast((3, 2)))
    assert found.status.shape == (3, 2)
    np.testing.assert_array_equal(found.best().log_likelihood, found.log_likelihood.max(axis=1))


def test_temperature_ray_is_reported_as_unidentified():
    truth = scalar([0.3, 0], [1.2, 0], [-1.5, 1], [0.5, -0.5], [0.3, 0.5], 0.7)
    x, y = draw(truth, 3, 800, low=-3)
    assert (fit(x, y, truth, Gate(free_temperature=True)).status == Status.UNIDENTIFIED).all()
    assert (fit(x, y, truth, Gate()).status == Status.CONVERGED).all()


def test_constant_x_is_reported_as_unidentified():
    _, y = draw(EASY, 2, 200)
    assert (fit(np.full((2, 200), 0.3), y, EASY).status == Status.UNIDENTIFIED).all()


def test_separation_is_reported():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(-1, -0.5, 100), rng.uniform(0.5, 1, 100)])[None]
    y = np.where(x > 0, 10.0, -10.0) + rng.normal(size=x.shape)
    start = scalar([0.0, 0], [3.0, 0], [0, 0], [10, -10], [1, 1])
    found = fit(x, y, start)
    assert found.status[0] == Status.SEPARATED
    assert np.isfinite(found.log_likelihood[0])


def test_collapse_onto_a_line_is_reported_as_boundary():
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, (1, 200))
    exact = rng.random((1, 200)) < 0.5
    y = np.where(exact, 2 * x, rng.normal(size=x.shape) * 3)
    start = scalar([0.0, 0], [0.1, 0], [2, 0], [0, 0], [1e-3, 9])
    assert fit(x, y, start).status[0] == Status.BOUNDARY


def test_running_out_of_iterations_is_reported():
    x, y = draw(EASY, 2, 300)
    away = scalar([0.0, 0], [0.1, 0], [0, 0.3], [1, 0], [1, 1])
    assert (fit(x, y, away, rule=Rule(iterations=2)).status == Status.UNFINISHED).all()
    assert (fit_em(x, y, away, rule=EmRule(iterations=2)).status == Status.UNFINISHED).all()


def test_relative_rule_stops_short_of_the_maximum():
    x, y = draw(EASY, 2, 5000)
    away = scalar([-0.5, 0], [2.0, 0], [-1, 0.5], [1.5, -0.5], [1, 1])
    early = fit_em(x, y, away, rule=EmRule(1e-6, measure="relative"))
    top = fit(x, y, away)
    assert (early.iterations < fit_em(x, y, away).iterations).all()
    assert (top.log_likelihood >= early.log_likelihood).all()


BAD = [
    (lambda x, y: (x, y * np.nan), EASY, "^y has NaN"),
    (lambda x, y: (x * np.inf, y), EASY, "^x has NaN"),
    (lambda x, y: (x[:, :5], y[:, :5]), EASY, "^n=5: give at least the 8 of the free parameters"),
    (lambda x, y: (x[:, :0], y[:, :0]), EASY, r"^y\b"),
    (lambda x, y: (x[:, :-1], y), EASY, "x has shape"),
    (lambda x, y: (x[0], y[0]), EASY, r"^y\b"),
    (lambda x, y: (x, y), EASY.relabelled([1, 0]), "pinned"),
    (lambda x, y: (x, y), EASY.broadcast((7,)), "^start has shape.*leading axes"),
    (lambda x, y: (np.stack([x, x], -1), y), EASY, "^start has shape.*slopes"),
]


@pytest.mark.parametrize(("spoil", "start", "message"), BAD, ids=[b[2] for b in BAD])
def test_bad_input_is_named(spoil, start, message):
    x, y = draw(EASY, 2, 50)
    with pytest.raises(ValueError, match=message):
        fit(*spoil(x, y), start)


def test_as_many_observations_as_free_parameters_are_enough():
    x, y = draw(EASY, 2, 8)
    assert Layout.of(EASY, Gate()).size == 8
    assert fit(x, y, EASY).status.shape == (2,)
    with pytest.raises(ValueError, match="^n=7: give at least the 8"):
        fit(x[:, :7], y[:, :7], EASY)


@pytest.mark.parametrize(("b0", "b1"), [(0.1, 0), (0, 0.1)])
def test_the_last_gate_must_lie_at_zero_in_both_of_its_parts(b0, b1):
    start = scalar([-1.0, b0], [3.0, b1], [-1.5, 1], [2, -1], [0.25, 0.49])
    with pytest.raises(ValueError, match="^start has no last gate at 0"):
        fit(*draw(EASY, 2, 50), start)


BAD_RULES = [
    (lambda: EmRule(tolerance=-1), "tolerance"),
    (lambda: EmRule(tolerance=np.nan), "tolerance"),
    (lambda: EmRule(measure="foo"), "measure"),
    (lambda: EmRule(iterations=0), "iterations"),
    (lambda: Rule(tolerance=0), "tolerance"),
    (lambda: Rule(tolerance=np.inf), "tolerance"),
    (lambda: Rule(iterations=2.5), "iterations"),
    (lambda: Gate(top_k=0), "top_k"),
    (lambda: Gate(top_k=1.5), "top_k"),
    (lambda: fit(*draw(EASY, 2, 50), EASY, warm_up=-1), "warm_up"),
    (lambda: fit(*draw(EASY, 2, 50), EASY, variance_floor=1.0), "variance_floor"),
]


@pytest.mark.parametrize(("call", "name"), BAD_RULES)
def test_bad_rules_are_named(call, name):
    with pytest.raises(ValueError, match=name):
        call()


@pytest.mark.parametrize("method", [fit, fit_em])
def test_a_gate_that_keeps_more_experts_than_there_are_is_refused(method):
    with pytest.raises(ValueError, match="^top_k=5: give at most the number of experts, 2"):
        method(*draw(EASY, 2, 50), EASY, Gate(top_k=5))
    with pytest.raises(ValueError, match="top_k"):
        draw(EASY, 2, 50, gate=Gate(top_k=3))


def test_bad_parameters_are_named():
    with pytest.raises(ValueError, match=r"^v\b"):
        scalar([0, 0], [0, 0], [0, 0], [0, 0], [1, -1])
    with pytest.raises(ValueError, match="b0 has shape"):
        scalar([0, 0, 0], [0, 0], [0, 0], [0, 0], [1, 1])
    with pytest.raises(ValueError, match="^a has NaN"):
        scalar([0, 0], [0, 0], [0, np.nan], [0, 0], [1, 1])
    with pytest.raises(ValueError, match="activation"):
        Gate("sine")
    with pytest.raises(ValueError, match="best"):
        fit(*draw(EASY, 2, 50), EASY).best()


def test_the_best_start_is_never_one_without_a_likelihood():
    value = np.array([[np.nan, -7.0, -5.0], [-3.0, np.inf, np.nan], [-np.inf, -9.0, -8.0]])
    slope = np.arange(9.0).reshape(3, 3, 1)
    parameters = scalar(0 * slope, 0 * slope, slope, 0 * slope, 1 + 0 * slope)
    count = np.arange(9).reshape(3, 3)
    fits = Fit(parameters, value, count, count + 10, value + 1)
    best = fits.best()
    np.testing.assert_array_equal(best.log_likelihood, [-5.0, -3.0, -8.0])
    np.testing.assert_array_equal(best.parameters.a[:, 0, 0], [2.0, 3.0, 8.0])
    np.testing.assert_array_equal(best.status, [2, 3, 8])
    np.testing.assert_array_equal(best.iterations, [12, 13, 18])
    np.testing.assert_array_equal(best.promise, [-4.0, -2.0, -7.0])


def test_no_step_moves_a_log_variance_by_more_than_three(monkeypatch):
    """An expert that sees next to nothing has next to no information: its full step is wild."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1, 200))
    y = x + 0.3 * rng.standard_normal(x.shape)
    # In logits 9 below the other, so that its full step in log v is in the thousands.
    start = scalar([-9.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [50.0, 0.1])
    seen = []
    module = sys.modules["refutable.solvers.gaussian_moe.fit"]
    inner = module.score_sums

    def watched(*arguments):
        seen.append(arguments[3][0].copy())
        return inner(*arguments)

    monkeypatch.setattr(module, "score_sums", watched)
    fit(x, y, start, warm_up=0, rule=Rule(iterations=20))
    log_v = np.array(seen)[:, -2:]
    moves = [np.abs(log_v[:i] - log_v[i]).max(axis=1).min() for i in range(1, len(log_v))]
    assert 1.0 < max(moves) <= 3.0 + 1e-12
