"""The form of SDPNAL+: against loops as the MATLAB scripts have them, cvxpy and our own optimum."""

import cvxpy as cp
import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    SdpnalForm,
    kmeans_of,
    kmeans_sdp,
    membership_factor,
    read_sdpnal,
    sdpnal_form,
    smat,
    svec,
    write_sdpnal,
)

N, K = 9, 3
LABELS = np.arange(N) % K
POINTS = np.random.default_rng(0).standard_normal((N, 2)) + 4 * np.eye(K, 2)[LABELS] + 20


def by_the_loops_of_the_scripts(points, k):
    """Cost, dense operator and right side, column by column and entry by entry."""
    n = len(points)
    matrices, right = [np.eye(n)], [float(k)]
    for i in range(n):
        a = np.zeros((n, n))
        a[:, i] = 1
        a[i, :] += 1
        matrices.append(a)
        right.append(2.0)
    stacked = [
        [a[i, j] * (1 if i == j else np.sqrt(2)) for j in range(n) for i in range(j + 1)]
        for a in matrices
    ]
    return -points @ points.T, np.array(stacked).T, np.array(right)


def feasible(seed):
    """A partition's Z of labels other than the best, and a mixture of it with the flat one."""
    rng = np.random.default_rng(seed)
    factor = membership_factor(rng.permutation(LABELS), K)
    flat = np.full((N, N), 1 / N) + (K - 1) / (N - 1) * (np.eye(N) - 1 / N)
    return 0.7 * factor @ factor.T + 0.3 * flat


@given(st.integers(1, 6), st.integers(0, 100))
def test_stacking_keeps_products_and_is_undone(n, seed):
    a, b = np.random.default_rng(seed).standard_normal((2, n, n))
    a, b = a + a.T, b + b.T
    assert svec(a) @ svec(b) == pytest.approx((a * b).sum())
    np.testing.assert_allclose(smat(svec(a)), a, rtol=1e-14)


def test_the_form_is_that_of_the_scripts():
    form = sdpnal_form(POINTS, K)
    cost, operator, right = by_the_loops_of_the_scripts(POINTS, K)
    np.testing.assert_allclose(form.cost, cost, rtol=1e-14)
    np.testing.assert_allclose(form.operator.toarray(), operator, rtol=1e-15)
    np.testing.assert_array_equal(form.right, right)


def test_twice_the_row_sums_are_asked_to_be_two():
    form, z = sdpnal_form(POINTS, K), np.random.default_rng(1).standard_normal((N, N))
    z = z + z.T
    expected = np.concatenate([[np.trace(z) - K], 2 * z.sum(axis=1) - 2])
    np.testing.assert_allclose(form.residual(z), expected, atol=1e-12)
    assert np.abs(form.residual(feasible(0))).max() < 1e-12


@pytest.mark.parametrize("definite", [True, False])
def test_the_problem_that_is_read_has_the_cost_of_every_feasible_matrix(definite):
    form = sdpnal_form(POINTS, K)
    if not definite:  # any symmetric cost, as of a similarity that is no scalar product
        noise = np.random.default_rng(2).standard_normal((N, N))
        form = SdpnalForm(noise + noise.T, form.operator, form.right)
        assert np.linalg.eigvalsh(-form.cost).min() < -1
    read = kmeans_of(form)
    assert read.problem.k == K
    for seed in range(5):
        z = feasible(seed)
        value = (read.problem.gram * z).sum()
        assert form.value(z) == pytest.approx(read.offset - value, rel=1e-10)
    assert read.problem.points.shape[1] == (2 if definite else N - 2)


def test_constraints_are_known_in_any_order_and_at_any_scale():
    form = sdpnal_form(POINTS, K)
    order = np.random.default_rng(3).permutation(N + 1)
    scale = np.random.default_rng(4).choice([-3.0, 0.5, 1.0, 2.5], N + 1)
    operator = form.operator.toarray()[:, order] * scale
    other = kmeans_of(SdpnalForm(form.cost, operator, form.right[order] * scale))
    assert other.problem.k == K
    np.testing.assert_allclose(other.problem.gram, kmeans_of(form).problem.gram)


@pytest.mark.parametrize("definite", [True, False])
def test_the_optimum_is_that_of_the_form_as_it_stands(definite):
    form = sdpnal_form(POINTS, K)
    if not definite:
        noise = np.random.default_rng(5).standard_normal((N, N))
        form = SdpnalForm(noise + noise.T, form.operator, form.right)
    z = cp.Variable((N, N), PSD=True)
    operator = form.operator.toarray()
    rows = [cp.sum(cp.multiply(smat(operator[:, j]), z)) == form.right[j] for j in range(N + 1)]
    best = cp.Problem(cp.Minimize(cp.sum(cp.multiply(form.cost, z))), [*rows, z >= 0])
    best.solve(solver="CLARABEL")
    read = kmeans_of(form)
    ours = kmeans_sdp(read.problem.points, read.problem.k)
    scale = np.abs(form.cost).max()
    assert read.offset - ours.value == pytest.approx(best.value, abs=1e-4 * scale)


def test_a_file_comes_back_as_it_was(tmp_path):
    form = sdpnal_form(POINTS, K)
    write_sdpnal(tmp_path / "kmeans.mat", form)
    read = read_sdpnal(tmp_path / "kmeans.mat")
    np.testing.assert_array_equal(read.cost, form.cost)
    np.testing.assert_array_equal(read.operator.toarray(), form.operator.toarray())
    np.testing.assert_array_equal(read.right, form.right)
    raw = scipy.io.loadmat(tmp_path / "kmeans.mat")
    assert raw["blk"].shape == (1, 2)
    assert raw["b"].shape == (N + 1, 1)
    assert scipy.sparse.issparse(raw["At"][0, 0])


def test_bare_matrices_are_read_too(tmp_path):
    cost, operator, right = by_the_loops_of_the_scripts(POINTS, K)
    scipy.io.savemat(tmp_path / "bare.mat", {"C": cost, "At": operator, "b": right})
    read = kmeans_of(read_sdpnal(tmp_path / "bare.mat"))
    centred = POINTS - POINTS.mean(axis=0)
    np.testing.assert_allclose(read.problem.gram, centred @ centred.T, atol=1e-11)


def test_files_of_other_programs_are_refused(tmp_path):
    path = tmp_path / "other.mat"
    cost, operator, right = by_the_loops_of_the_scripts(POINTS, K)
    whole = {"C": cost, "At": operator, "b": right}
    for change, message in (
        ({"L": 1.0}, "L is not 0"),
        ({"blk": np.array([["s", 8.0]], dtype=object)}, "blk is not one"),
        ({"blk": np.array([["q", 9.0]], dtype=object)}, "blk is not one"),
        ({"b": right[:-1]}, "^right has shape"),
        ({"At": operator[:-1]}, "^operator has shape"),
    ):
        scipy.io.savemat(path, whole | change)
        with pytest.raises(ValueError, match=message):
            read_sdpnal(path)
    scipy.io.savemat(path, {"C": cost})
    with pytest.raises(ValueError, match="At, b is missing"):
        read_sdpnal(path)
    path.write_bytes(b"no such thing")
    with pytest.raises(ValueError, match="no MATLAB file, give one"):
        read_sdpnal(path)


def changed(column=None, entry=None, right=None, drop=None):
    form = sdpnal_form(POINTS, K)
    operator, b = form.operator.toarray(), form.right.copy()
    if column is not None:
        operator[:, column] = entry(operator[:, column])
    if right is not None:
        b[right[0]] = right[1]
    if drop is not None:
        operator, b = np.delete(operator, drop, axis=1), np.delete(b, drop)
    return SdpnalForm(form.cost, operator, b)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"column": 4, "entry": lambda a: a + 1e-6}, "column 4 is neither"),
        ({"column": 4, "entry": lambda a: 0 * a}, "column 4 is neither"),
        ({"column": 0, "entry": lambda a: a * np.linspace(1, 1.01, len(a))}, "column 0 is neither"),
        ({"column": 2, "entry": lambda a: np.sign(a)}, "column 2 is neither"),
        ({"right": (3, 1.0)}, "column 3 makes a row sum to another"),
        ({"right": (0, 2.5)}, "trace=2.5: give a whole number"),
        ({"right": (0, 10.0)}, "trace=10"),
        ({"drop": 0}, "0 traces and 9 row sums"),
        ({"drop": 5}, "1 traces and 8 row sums"),
    ],
)
def test_other_constraints_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        kmeans_of(changed(**change))


def test_one_point_is_refused():
    with pytest.raises(ValueError, match="at least 2 points"):
        sdpnal_form(np.ones((1, 2)), 1)


def test_equal_points_cost_nothing():
    read = kmeans_of(sdpnal_form(np.full((4, 2), 3.0), 2))
    assert np.abs(read.problem.gram).max() < 1e-12
    assert read.offset == pytest.approx(-4 * 18)
