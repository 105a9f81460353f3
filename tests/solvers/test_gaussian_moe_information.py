"""Information matrices, the split-pair model and the Hellinger projection, each by two routes."""

import numpy as np
import pytest
from refutable.solvers.gaussian_moe import (
    AffineFamily,
    Gate,
    Layout,
    cramer_rao,
    fisher_information,
    fit_pair,
    hellinger_square,
    log_density,
    nearest,
    null_vector,
    observed_information,
    pair_score,
    quadrature,
    sample,
    scalar,
    scaled_spectrum,
    score,
)

EASY = scalar([-1.0, 0], [3.0, 0], [-1.5, 1], [2, -1], [0.25, 0.49])
PAPER = scalar([-8.0, 0], [25.0, 0], [-20, 20], [15, -5], [0.09, 0.16])
BOX = ((-1.0, 1.0),)


def test_quadrature_is_a_law_and_its_scores_have_mean_zero():
    nodes = quadrature(EASY, Gate(), BOX)
    assert nodes.weight.sum() == pytest.approx(1.0, abs=1e-12)
    s = score(EASY, Gate(), nodes.x, nodes.y)
    np.testing.assert_allclose(nodes.weight @ s, 0, atol=1e-6)


@pytest.mark.parametrize("name", ["linear", "tanh", "gelu", "square"])
def test_fisher_information_equals_minus_the_mean_hessian(name):
    gate = Gate(name, free_temperature=True)
    p = scalar([0.3, 0], [1.2, 0], [-1.5, 1], [0.5, -0.5], [0.3, 0.5], 0.7)
    nodes = quadrature(p, gate, ((-2.0, 2.0),))
    layout, h = Layout.of(p, gate), 1e-5
    theta, one = layout.pack(p), np.asarray(1.0)

    def mean_score(at):
        return nodes.weight @ score(layout.unpack(at, one), gate, nodes.x, nodes.y)

    steps = h * np.eye(layout.size)
    hessian = [(mean_score(theta + e) - mean_score(theta - e)) / (2 * h) for e in steps]
    np.testing.assert_allclose(fisher_information(p, gate, nodes), -np.array(hessian), atol=2e-5)


def test_observed_information_equals_second_differences_of_the_log_likelihood():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 300)
    y = sample(rng, EASY, Gate(), x)
    layout, h = Layout.of(EASY, Gate()), 1e-4
    theta, eye = layout.pack(EASY), np.eye(8)

    def value(at):
        return log_density(layout.unpack(at, np.asarray(1.0)), Gate(), x, y).sum()

    def second(i, j):
        a, b = h * eye[i], h * eye[j]
        corner = value(theta + a + b) - value(theta + a - b) - value(theta - a + b)
        return (corner + value(theta - a - b)) / (4 * h * h)

    finite = -np.array([[second(i, j) for j in range(8)] for i in range(8)])
    np.testing.assert_allclose(observed_information(x, y, EASY, Gate()), finite, atol=2e-3)


def test_mean_of_squared_scores_is_the_quadrature_information():
    rng = np.random.default_rng(2)
    gate = Gate(top_k=2)
    p = scalar([0.4, -0.3, 0], [-2, 2, 0], [1.5, 0.5, -1], [-1, 2, 0.3], [0.09, 0.12, 0.16])
    x = rng.uniform(-1, 1, 300_000)
    s = score(p, gate, x, sample(rng, p, gate, x))
    fisher = fisher_information(p, gate, quadrature(p, gate, ((-1.0, 0.0), (0.0, 1.0))))
    scale = np.sqrt(np.outer(np.diag(fisher), np.diag(fisher)))
    np.testing.assert_allclose((s.T @ s / len(x)) / scale, fisher / scale, atol=0.02)


def test_null_vector_of_a_linear_temperature_gate_is_the_ray():
    p = scalar([0.3, 0], [1.2, 0], [-1.5, 1], [0.5, -0.5], [0.3, 0.5], 0.7)
    gate = Gate(free_temperature=True)
    information = fisher_information(p, gate, quadrature(p, gate, ((-2.0, 2.0),)))
    vector = null_vector(information)[:3]
    ray = np.array([0.3, 1.2, 1.0])  # d(b0, b1, log tau) along s -> (s b0, s b1, s tau)
    np.testing.assert_allclose(vector, ray / np.linalg.norm(ray), atol=1e-6)
    assert abs(scaled_spectrum(information)[0][0]) < 1e-12


def test_pair_score_at_zero_is_the_fourth_hermite_polynomial():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-1, 1, 50), rng.normal(size=50)
    s = pair_score(EASY, 0.0, x, y)
    base = score(EASY, Gate(), x, y)  # b0, b1, c1, a1, c2, a2, log v1, log v2
    np.testing.assert_allclose(s[:, :8], base, atol=1e-12)
    r = base[:, 2] * EASY.v[0]
    residual = y - EASY.c[0] - EASY.a[0, 0] * x
    t, z = r / residual, residual / np.sqrt(EASY.v[0])
    hermite = z**4 - 6 * z**2 + 3
    np.testing.assert_allclose(s[:, 8], -t * hermite / (12 * EASY.v[0] ** 2), rtol=1e-9)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("kappa", [1e-3, 1e-7])
def test_pair_score_is_the_gradient_of_the_three_component_density(kappa, known):
    rng = np.random.default_rng(4)
    x, y = rng.uniform(-1, 1, 20), rng.normal(size=20)

    def log_pair(step):
        k = kappa + step
        t2 = k if known else np.sqrt(k)
        t, w = np.sqrt(t2), EASY.v[0] - (0 if known else t2)
        split = scalar(
            [-1 - np.log(2), -1 - np.log(2), 0], [3, 3, 0], [-1.5, -1.5, 1], [2 - t, 2 + t, -1],
            [w, w, EASY.v[1]],
        )  # fmt: skip
        return log_density(split, Gate(), x, y)

    h = 1e-3 * kappa
    finite = (log_pair(h) - log_pair(-h)) / (2 * h)
    analytic = pair_score(EASY, kappa, x, y, known)[:, 8]
    tolerance = 1e-5 if kappa > 1e-5 else 1e-3 * np.abs(analytic).max()
    np.testing.assert_allclose(analytic, finite, rtol=1e-4, atol=tolerance)


def test_pair_fit_recovers_a_wide_split():
    rng = np.random.default_rng(5)
    t, n = 0.4, 20_000
    split = scalar([-1 - np.log(2)] * 2 + [0], [3, 3, 0], [-1.5, -1.5, 1], [2 - t, 2 + t, -1],
                   [0.09, 0.09, 0.49])  # fmt: skip
    x = rng.uniform(-1, 1, (5, n))
    found = fit_pair(x, sample(rng, split, Gate(), x), EASY)
    assert found.converged.all()
    np.testing.assert_allclose(found.kappa**0.25, t, atol=0.05)
    np.testing.assert_allclose(np.exp(found.theta[:, 6]), 0.09 + t * t, atol=0.03)


def test_pair_fit_never_beats_nor_trails_the_single_expert_fit():
    rng = np.random.default_rng(6)
    x = rng.uniform(-1, 1, (40, 500))
    y = sample(rng, EASY, Gate(), x)
    found = fit_pair(x, y, EASY)
    assert found.converged.all()
    assert (found.kappa == 0).any()
    assert (found.kappa > 0).any()


def test_pair_fit_names_bad_input():
    x, y = np.zeros((1, 20)), np.zeros((1, 20))
    with pytest.raises(ValueError, match="two experts"):
        fit_pair(x, y, EASY.broadcast((2,)))
    with pytest.raises(ValueError, match="pinned"):
        fit_pair(x, y, EASY.relabelled([1, 0]))


def test_projection_finds_the_target_inside_the_family():
    nodes = quadrature(EASY, Gate(), BOX, 30, 20)
    layout = Layout.of(EASY, Gate())
    family = AffineFamily(layout, Gate(), layout.pack(EASY), np.eye(8))
    start = 0.05 * np.random.default_rng(7).normal(size=(2, 8))
    value, where = nearest(family, nodes, start)
    assert value < 1e-20
    np.testing.assert_allclose(where, 0, atol=1e-8)
    assert hellinger_square(family, start[0], nodes) > 1e-4


def test_projection_jacobian_equals_finite_differences():
    nodes = quadrature(EASY, Gate(), BOX, 8, 6)
    layout, rng = Layout.of(EASY, Gate()), np.random.default_rng(8)
    family = AffineFamily(layout, Gate(), layout.pack(EASY), rng.normal(size=(8, 3)))
    z, h = 0.1 * rng.normal(size=3), 1e-6
    finite = [
        (family.residual(z + e, nodes) - family.residual(z - e, nodes)) / (2 * h)
        for e in h * np.eye(3)
    ]
    np.testing.assert_allclose(family.jacobian(z, nodes), np.array(finite).T, atol=1e-8)


def test_hellinger_of_two_normals_is_the_closed_form():
    zero = [[0.0], [0.0], [0.0], [0.0], [1.0]]
    p = scalar(*zero)
    layout = Layout.of(p, Gate())
    family = AffineFamily(layout, Gate(), layout.pack(p), np.eye(3)[:, :1])
    nodes = quadrature(p, Gate(), BOX, 5, 60)
    shift = np.array([0.8])
    closed = 2 - 2 * np.exp(-(0.8**2) / 8)
    assert hellinger_square(family, shift, nodes) == pytest.approx(closed, rel=1e-12)


def test_quadrature_and_projection_name_bad_input():
    with pytest.raises(ValueError, match="pieces"):
        quadrature(EASY, Gate(), ((1.0, -1.0),))
    with pytest.raises(ValueError, match="single"):
        quadrature(EASY.broadcast((2,)), Gate(), BOX)
    layout = Layout.of(EASY, Gate())
    family = AffineFamily(layout, Gate(), layout.pack(EASY), np.eye(8))
    with pytest.raises(ValueError, match="starts"):
        nearest(family, quadrature(EASY, Gate(), BOX, 5, 5), np.zeros((1, 3)))


def no_information_along_the_ray():
    p, gate = (
        scalar([0.3, 0], [1.2, 0], [-1.5, 1], [0.5, -0.5], [0.3, 0.5], 0.7),
        Gate(free_temperature=True),
    )
    return fisher_information(p, gate, quadrature(p, gate, ((-2.0, 2.0),)))


@pytest.mark.parametrize(
    ("information", "message"),
    [
        (np.zeros((2, 2)), "information is singular"),
        (np.ones((2, 2)), "information is singular"),
        (-np.eye(2), "information is singular"),
        (no_information_along_the_ray(), "information is singular"),
        (np.eye(3)[:2], "information has shape"),
        (np.eye(2) * np.nan, "information has NaN"),
        (np.ones(3), "information has 1 axes"),
    ],
    ids=["zero", "rank one", "negative", "ray", "oblong", "nan", "vector"],
)
def test_cramer_rao_names_information_without_an_inverse(information, message):
    with pytest.raises(ValueError, match=message):
        cramer_rao(information)


@pytest.mark.parametrize("name", ["x_nodes", "y_nodes"])
def test_quadrature_needs_a_node(name):
    with pytest.raises(ValueError, match=name):
        quadrature(EASY, Gate(), BOX, **{name: 0})


@pytest.mark.parametrize("kappa", [-1e-9, np.nan, EASY.v[0] ** 2])
def test_pair_score_names_a_bad_kappa(kappa):
    with pytest.raises(ValueError, match="kappa"):
        pair_score(EASY, kappa, np.zeros(3), np.zeros(3))


def test_cramer_rao_at_the_published_truth_has_the_trial_values():
    information = fisher_information(PAPER, Gate(), quadrature(PAPER, Gate(), ((0.0, 1.0),), 400))
    bound = cramer_rao(information)
    wanted = [23.499, 72.256, 1.234, 1.796, 1.338, 6.776, 0.155 / 0.09, 0.400 / 0.16]
    np.testing.assert_allclose(bound, wanted, rtol=4e-3)
