"""What the splitting of many points adds: tiles, single precision, lifting, factorised bounds."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refutable.solvers.sdp import (
    KMeansProblem,
    SplittingOptions,
    Status,
    dual_bound,
    kmeans_sdp,
    solve_by_cvxpy,
    solve_by_splitting,
)
from refutable.solvers.sdp.bounds import (
    FEASIBLE,
    centre,
    double_centred,
    factorised_bound,
    foretold_bound,
    infeasibility,
    leading_sum_below,
    top_eigenvalues,
)
from refutable.solvers.sdp.fantope import FantopeProjector
from refutable.solvers.sdp.splitting import SINGLE_UNTIL, _Best, options_for, started
from refutable.solvers.sdp.tiles import Lifted, Shifted, State, Tiling, least_entry

from tests.solvers.sdp_instances import planted
from tests.solvers.test_sdp_trust import tied


def symmetric(seed, n):
    half = np.random.default_rng(seed).standard_normal((n, n))
    return half + half.T


def filled(seed, n=90, dtype=np.float64, edge=None, monkeypatch=None):
    if edge is not None:
        monkeypatch.setattr("refutable.solvers.sdp.tiles.EDGE", edge)
    problem = KMeansProblem(np.random.default_rng(seed).standard_normal((n, 4)), 3)
    state, whole = State(problem, 4.0, 1.6, dtype), symmetric(seed, n)
    state.fill(lambda rows, columns: whole[rows, columns])
    return problem, state, whole


@pytest.mark.parametrize(("edge", "dtype"), [(25, np.float64), (90, np.float64), (32, np.float32)])
def test_tiles_do_what_the_whole_matrix_would(edge, dtype, monkeypatch):
    problem, state, whole = filled(0, dtype=dtype, edge=edge, monkeypatch=monkeypatch)
    close = {"rtol": 0, "atol": 1e-11 if dtype is np.float64 else 2e-4}
    vectors = np.random.default_rng(1).standard_normal((90, 5))
    wanted = np.abs(whole) + problem.gram / state.scale
    np.testing.assert_allclose(state @ vectors, wanted @ vectors, **close)
    np.testing.assert_allclose(state.dense(), wanted, **close)
    multiplier = np.maximum(-whole * state.scale, 0.0)
    np.testing.assert_allclose(state.multiplier(), multiplier, rtol=1e-6)
    np.testing.assert_allclose(state.shifted(), problem.gram + multiplier, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(Shifted(state) @ vectors, state.shifted() @ vectors, rtol=1e-3)
    assert (state.multiplier() == state.multiplier().T).all()
    assert state.multiplier().min() >= 0.0
    scaled = vectors * np.arange(5.0)
    member = scaled @ vectors.T + 1 / 90
    residuals = state.advance(scaled, vectors)
    positive = np.maximum(whole, 0.0)
    moved = whole + 1.6 * (member - positive)
    apart = np.linalg.norm(member - positive) / np.linalg.norm(positive)
    assert residuals.primal == pytest.approx(apart, rel=1e-4)
    change = np.linalg.norm(np.maximum(moved, 0) - positive)
    assert residuals.dual == pytest.approx(change / np.linalg.norm(np.minimum(moved, 0)), rel=1e-4)
    np.testing.assert_allclose(
        state @ vectors, (np.abs(moved) + problem.gram / state.scale) @ vectors, **close
    )


def test_another_penalty_changes_neither_iterate_nor_multiplier(monkeypatch):
    _, state, whole = filled(0, edge=40, monkeypatch=monkeypatch)
    before, rho = state.multiplier(), state.rho
    state.stiffen(3.0)
    assert state.rho == pytest.approx(3 * rho)
    np.testing.assert_allclose(state.multiplier(), before, rtol=1e-12)
    positive = np.concatenate([np.maximum(t, 0).ravel() for t in state.tiles.values()])
    np.testing.assert_array_equal(positive, positive[positive >= 0])
    assert state.tiles[0, 0].max() == whole[:40, :40].max()


def test_lifting_multiplies_without_forming(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.tiles.EDGE", 32)
    rng, tiling = np.random.default_rng(0), Tiling(90, np.float64)
    vectors, more = rng.standard_normal((90, 3)), rng.standard_normal((90, 4))
    lifted = Lifted(tiling, 2 * vectors, vectors, 1.8)
    member = 2 * vectors @ vectors.T + 1 / 90
    np.testing.assert_allclose(lifted.dense(), member - 1.8 * np.minimum(member, 0), atol=1e-12)
    np.testing.assert_allclose(lifted @ more, lifted.dense() @ more, atol=1e-10)
    assert least_entry(tiling, 2 * vectors, vectors) == pytest.approx(member.min())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 30), st.integers(1, 4), st.floats(-3.0, 3.0))
def test_a_proved_sum_is_never_below_that_of_the_eigenvalues(seed, n, count, rise):
    """Whatever pairs it is given: right ones, blurred vectors, or wrong values."""
    rng, matrix = np.random.default_rng(seed), symmetric(seed, n)
    values, vectors = np.linalg.eigh(matrix)
    values, vectors = values[-count:], vectors[:, -count:]
    if seed % 3 == 0:
        vectors = vectors + 0.1 * rng.standard_normal(vectors.shape)
    if seed % 3 == 1:
        values = values + rng.standard_normal(count)
    truth = float(top_eigenvalues(matrix, count).sum())
    proved = leading_sum_below(matrix.copy(), values, vectors, rise)
    assert proved is None or proved >= truth - 1e-12
    if seed % 3 == 2 and rise > 1e-6:
        assert truth <= proved <= truth + count * rise + 1e-9
    if seed % 3 == 2 and rise < -1e-6:
        assert proved is None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_the_factorised_bound_is_that_of_the_eigenvalues(seed, k):
    rng = np.random.default_rng(seed)
    problem = KMeansProblem(rng.standard_normal((70, 3)), k)
    half = rng.exponential(rng.exponential(1.0), (70, 70))
    multiplier = half + half.T
    shifted = problem.gram + multiplier
    truth = dual_bound(problem.gram, multiplier, k)
    start = np.linalg.eigh(double_centred(shifted))[1][:, -k - 3 :]
    start += 0.1 * rng.standard_normal(start.shape)
    found = factorised_bound(shifted.copy, shifted, k, start, 1e-4)
    assert truth - 1e-7 <= found <= truth + 1e-4 * 4.0**4 + 1e-7
    foretold = foretold_bound(shifted, k, start, 1e-4)
    assert truth - 1e-3 * abs(truth) <= foretold <= truth + 1e-7
    # Products with another matrix cost tightness, or the bound, and never truth.
    blind = factorised_bound(shifted.copy, symmetric(seed, 70), k, np.eye(70)[:, :2], 1e-9)
    assert blind >= truth - 1e-7


def test_no_thin_subspace_is_no_bound():
    matrix = symmetric(0, 12)
    assert factorised_bound(matrix.copy, matrix, 5, np.eye(12)[:, :6], 1e-4) == np.inf
    assert foretold_bound(matrix, 5, np.eye(12)[:, :6], 1e-4) == -np.inf


@pytest.mark.parametrize("level", [-50.0, -1e-3, 0.0, 20.0])
def test_leading_pairs_of_a_subspace_that_sees_the_low_end(level):
    """As wide as a third of the matrix, and all eigenvalues of one sign."""
    matrix = symmetric(3, 60)
    matrix += (level - float(np.linalg.eigvalsh(matrix)[-1])) * np.eye(60)
    start = np.random.default_rng(0).standard_normal((60, 19))
    with np.errstate(all="raise"):
        projector = FantopeProjector(60, 2, off_ones=False, start=start)
        values, vectors = projector.leading(matrix, 1e-9)
    wanted = np.linalg.eigvalsh(matrix)[-2:]
    np.testing.assert_allclose(values, wanted, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(matrix @ vectors, vectors * values, atol=1e-4, rtol=1e-6)


@settings(max_examples=8, deadline=None)
@given(tied(), st.integers(0, 3))
def test_the_way_of_many_points_brackets_tied_ones_too(case, checks):
    """Single precision, no multiplier, factorised bounds: against a conic solver."""
    points, k = case
    if not (1 < k < len(points) and np.ptp(points, axis=0).any()):
        return
    problem = KMeansProblem(points, k)
    module = "refutable.solvers.sdp.splitting."
    with patch(module + "DENSE_LIMIT", 3), patch(module + "SINGLE_FROM", 3):
        options = SplittingOptions(max_iterations=5 + 30 * checks)
        found = solve_by_splitting(problem, np.arange(len(points)) % k, 1e-6, options)
    peer = solve_by_cvxpy(problem)
    assert found.status is not Status.INCONSISTENT
    assert found.value <= peer.bound + 1e-9 * problem.total
    assert peer.value <= found.bound + 1e-9 * problem.total
    assert infeasibility(found.membership(), k) <= FEASIBLE


def test_many_groups_of_many_points_go_to_the_low_rank_method(monkeypatch):
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.DENSE_LIMIT", 50)
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.LARGE_GROUPS", 3)
    monkeypatch.setattr("refutable.solvers.sdp.kmeans.LOW_RANK_STEPS", (20, 30))
    points = np.random.default_rng(0).standard_normal((60, 2))
    assert kmeans_sdp(points, 4, tolerance=1e-2).method == "low-rank"
    assert kmeans_sdp(points, 3, tolerance=1e-2).method != "low-rank"


def test_centring_in_place():
    matrix = symmetric(0, 9)
    wanted = double_centred(matrix)
    centre(matrix)
    np.testing.assert_allclose(matrix, wanted, atol=1e-13)


def test_a_narrow_subspace_still_ends_in_the_fantope():
    rng = np.random.default_rng(0)
    projector = FantopeProjector(90, 2, start=rng.standard_normal((90, 3)), widest=9)
    flat = symmetric(0, 90) * 0.01
    for _ in range(5):
        vectors, weights = projector.project(flat)
        assert vectors.shape[1] <= 9
        assert weights.sum() == pytest.approx(2.0)
        assert 0.0 <= weights.min() <= weights.max() <= 1.0 + 1e-12
        np.testing.assert_allclose(vectors.sum(axis=0), 0.0, atol=1e-12)
        np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(weights)), atol=1e-12)


def moons(n):
    from sklearn.datasets import make_moons

    return make_moons(n, noise=0.1, random_state=0)[0]


@pytest.mark.parametrize("limit", [3000, 100])
def test_a_loose_instance_is_bracketed_with_and_without_its_multiplier(limit, monkeypatch):
    """Beyond the limit nothing is decomposed and fewer gaps are evaluated; the bracket is true."""
    monkeypatch.setattr("refutable.solvers.sdp.splitting.DENSE_LIMIT", limit)
    monkeypatch.setattr("refutable.solvers.sdp.splitting.SINGLE_FROM", 100)
    points = moons(200)
    found = kmeans_sdp(points, 2, tolerance=1e-3)
    assert found.status is Status.CERTIFIED
    assert not found.integral
    assert (found.multiplier is None) == (limit == 100)
    monkeypatch.undo()
    truth = kmeans_sdp(points, 2, tolerance=1e-5)
    assert truth.certified
    assert found.value <= truth.bound
    assert truth.value <= found.bound
    assert infeasibility(found.membership(), 2) <= FEASIBLE
    assert np.linalg.eigvalsh(found.membership())[0] >= -1e-12
    value = float(np.vdot(KMeansProblem(points, 2).gram, found.membership()))
    assert value == pytest.approx(found.value, rel=1e-10)


def test_lifting_finds_the_better_point(monkeypatch):
    """By mixing alone the same iterates leave a gap ten times as large."""
    problem, options = KMeansProblem(moons(250), 2), SplittingOptions(max_iterations=150)
    start = np.arange(250) % 2
    with_it = solve_by_splitting(problem, start, 1e-7, options)
    monkeypatch.setattr("refutable.solvers.sdp.splitting.LIFTS", 0)
    without = solve_by_splitting(problem, start, 1e-7, options)
    assert without.value < with_it.value
    assert 5 * with_it.gap < without.gap


def test_the_penalty_follows_the_residuals():
    problem = KMeansProblem(planted(0, n=90, ratio=0.5)[0], 3)
    starts = [
        SplittingOptions(rho=rho, max_iterations=600, balance_after=0) for rho in (0.1, 4.0, 160.0)
    ]
    found = [solve_by_splitting(problem, np.arange(90) % 3, 1e-5, one) for one in starts]
    assert all(one.certified for one in found)


def test_more_points_get_fewer_iterations():
    assert options_for(1000) == SplittingOptions()
    assert options_for(3000) == SplittingOptions(balance_after=0)
    assert options_for(3001).max_iterations == options_for(3000).max_iterations
    assert options_for(10_000).max_iterations == 300
    assert options_for(10**6).max_iterations == 1


@pytest.mark.parametrize("n", [200, 420])
def test_a_tight_program_is_neither_balanced_nor_lifted(n, monkeypatch):
    """Balanced from the start, 420 points take 947 iterations."""
    tried, lifted = [], _Best.offer_lifted
    monkeypatch.setattr(_Best, "offer_lifted", lambda *a: (tried.append(1), lifted(*a)))
    points, labels = planted(1, n=n, k=4, p=20, ratio=1.4)
    found = solve_by_splitting(KMeansProblem(points, 4), (labels + np.arange(n) % 2) % 4, 1e-9)
    assert found.exact
    assert found.iterations <= 300
    assert not tried


def test_fine_tolerances_are_sought_in_double_precision():
    problem, start = KMeansProblem(moons(400), 2), np.arange(400) % 2
    kinds = [started(problem, start, SplittingOptions(), t).tiling.dtype for t in (1e-6, 1e-7)]
    assert kinds == [np.float32, np.float64]


def test_a_bound_is_proved_where_it_is_foretold_to_close_the_gap(monkeypatch):
    """Beyond the limit a proof is a factorisation; few products tell that it would be in vain."""
    foretold, proofs = [], []

    def tell(*arguments):
        foretold.append(foretold_bound(*arguments))
        return foretold[-1]

    def prove(*arguments):
        proofs.append(factorised_bound(*arguments))
        return proofs[-1]

    monkeypatch.setattr("refutable.solvers.sdp.splitting.DENSE_LIMIT", 100)
    monkeypatch.setattr("refutable.solvers.sdp.splitting.LARGE_RATIO", 1e-9)
    monkeypatch.setattr("refutable.solvers.sdp.splitting.foretold_bound", tell)
    monkeypatch.setattr("refutable.solvers.sdp.splitting.factorised_bound", prove)
    problem = KMeansProblem(moons(200), 2)
    options = SplittingOptions(first_check=4)
    found = solve_by_splitting(problem, np.arange(200) % 2, 1e-3, options)
    assert found.certified
    assert len(proofs) <= len(foretold) / 2
    assert proofs[-1] == pytest.approx(foretold[-1], rel=1e-3)


@pytest.mark.slow
def test_what_is_left_after_many_iterations_goes_on_in_double_precision():
    """In single precision alone 2000 iterations leave a gap of 1.3e-5."""
    rng, labels = np.random.default_rng(1), np.repeat(np.arange(25), 20)
    points = rng.standard_normal((500, 30))
    points[np.arange(500), labels] += np.sqrt(
        2.8 * np.log(500) * (1 + np.sqrt(1 + 1.5 / np.log(500)))
    )
    found = kmeans_sdp(points, 25)
    assert found.certified
    assert found.iterations > SINGLE_UNTIL


def test_a_refined_state_holds_the_same_numbers():
    _, state, whole = filled(0, dtype=np.float32)
    before, vectors = state.multiplier(), np.random.default_rng(1).standard_normal((90, 3))
    state.refine()
    assert state.tiling.dtype == np.float64
    assert all(tile.dtype == np.float64 for tile in state.tiles.values())
    np.testing.assert_array_equal(state.multiplier(), before)
    wanted = np.abs(whole.astype(np.float32)).astype(np.float64) @ vectors
    points = state.problem.centred
    wanted += points @ (points.T @ vectors) / state.scale
    np.testing.assert_allclose(state @ vectors, wanted, atol=1e-11)
