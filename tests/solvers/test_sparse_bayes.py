"""Sparse Bayesian learning: E-steps against dense algebra, M-steps against minimisers."""

import numpy as np
import pytest
from refutable.solvers import kronecker as kr
from refutable.solvers import sparse_bayes as sb
from scipy import optimize


def rng(seed=0):
    return np.random.default_rng(seed)


def dense_model(generator, replicates=3, m=5, n=8):
    matrix = generator.standard_normal((replicates, m, n))
    data = generator.standard_normal((replicates, m))
    return sb.DenseModel(matrix, data, generator.uniform(0.1, 0.5, replicates))


def kronecker_model(generator, replicates=3):
    matrices = tuple(generator.standard_normal((replicates, *s)) for s in ((2, 3), (3, 4), (3, 3)))
    data = generator.standard_normal((replicates, 2, 3, 3))
    return sb.KroneckerModel(matrices, data, generator.uniform(0.1, 0.5, replicates))


def criterion(second, scales):
    """What an M-step minimises, for one data set and positive scales."""
    gamma = np.einsum("i,j,k->ijk", *scales)
    return (np.log(gamma) + second / gamma).sum()


@pytest.mark.parametrize("left", [8, 7, 5, 3])
def test_dense_moments_are_those_of_one_factor(left):
    """By rows, by rows of picked columns, and by columns; other data sets have fewer left."""
    model, gamma = dense_model(rng(left)), rng(1).uniform(0.2, 2, (3, 8))
    gamma[:, left:] = 0
    gamma[1, :2] = 0
    gamma = rng(2).permuted(gamma, axis=1)
    found = model.posterior([gamma])
    wanted = kr.sparse_posterior([model.matrix], [gamma], model.noise, model.data)
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-12)
    np.testing.assert_allclose(found.variance, wanted.variance, atol=1e-12)
    part = model.take(np.array([2])).posterior([gamma[2:]])
    np.testing.assert_allclose(part.mean[0], wanted.mean[2], atol=1e-12)


def test_the_alternating_step_comes_to_where_no_factor_can_be_improved():
    second = rng(3).gamma(0.5, size=(1, 3, 2, 4))
    ones = [np.ones((1, n)) for n in (3, 2, 4)]
    found = [g[0] for g in sb.Alternating(200, 1e-14)(second, ones)]

    def of_logs(logs):
        return criterion(second[0], np.split(np.exp(logs), (3, 5)))

    best = optimize.minimize(of_logs, np.zeros(9), tol=1e-12)
    assert criterion(second[0], found) == pytest.approx(best.fun, abs=1e-6)
    assert [np.linalg.norm(g) for g in found[:2]] == pytest.approx([1, 1])


def test_a_sweep_takes_means_over_the_other_axes_one_factor_after_another():
    second, scales = (
        rng(4).gamma(0.5, size=(2, 3, 2, 4)),
        [rng(5).uniform(0.5, 2, (2, n)) for n in (3, 2, 4)],
    )
    a, b, c = scales
    a = np.einsum("rijk,rj,rk->ri", second, 1 / b, 1 / c) / 8
    b = np.einsum("rijk,ri,rk->rj", second, 1 / a, 1 / c) / 12
    c = np.einsum("rijk,ri,rj->rk", second, 1 / a, 1 / b) / 6
    found = sb.Alternating(1)(second, scales)
    np.testing.assert_allclose(
        np.einsum("ri,rj,rk->rijk", *found), np.einsum("ri,rj,rk->rijk", a, b, c)
    )
    together = sb.Alternating(1, together=True)(second, scales)
    b = np.einsum("rijk,ri,rk->rj", second, 1 / scales[0], 1 / scales[2]) / 12
    c = np.einsum("rijk,ri,rj->rk", second, 1 / scales[0], 1 / scales[1]) / 6
    np.testing.assert_allclose(
        np.einsum("ri,rj,rk->rijk", *together), np.einsum("ri,rj,rk->rijk", a, b, c)
    )


@pytest.mark.parametrize("step", [sb.Alternating(), sb.rank_one])
def test_a_cut_scale_is_as_one_that_was_never_there(step):
    second = rng(6).gamma(0.5, size=(2, 3, 2, 4))
    cut = [np.ones((2, 3)), np.ones((2, 2)), np.array([[1.0, 0, 1, 1], [1, 1, 0, 1]])]
    masked = second * cut[2][:, None, None, :]
    found = step(masked, cut)
    for r, kept in enumerate(([0, 2, 3], [0, 1, 3])):
        alone = step(second[r : r + 1][..., kept], [np.ones((1, n)) for n in (3, 2, 3)])
        assert found[2][r, [i for i in range(4) if i not in kept]] == 0
        for g, one in zip(found, (*alone[:2], alone[2]), strict=True):
            np.testing.assert_allclose(g[r][g[r] > 0], one[0], rtol=1e-4)


def test_singular_vectors_are_those_of_numpy():
    second = rng(7).gamma(0.5, size=(2, 3, 2, 4))
    found = sb.rank_one(second, [np.ones((2, n)) for n in (3, 2, 4)])
    for r in range(2):
        u, s, vt = np.linalg.svd(second[r].reshape(3, 8))
        u2, s2, vt2 = np.linalg.svd(s[0] * np.abs(vt[0]).reshape(2, 4))
        np.testing.assert_allclose(found[0][r], np.abs(u[:, 0]))
        np.testing.assert_allclose(found[1][r], np.abs(u2[:, 0]))
        np.testing.assert_allclose(found[2][r], s2[0] * np.abs(vt2[0]))


def test_a_product_is_its_own_rank_one():
    scales = [rng(8).uniform(0.5, 2, (2, n)) for n in (3, 2, 4)]
    second = np.einsum("ri,rj,rk->rijk", *scales)
    for step in (sb.rank_one, sb.Alternating()):
        found = step(second, [np.ones_like(g) for g in scales])
        np.testing.assert_allclose(np.einsum("ri,rj,rk->rijk", *found), second, rtol=1e-6)


def plain_classical(matrix, data, noise, iterations, prune):
    """The textbook algorithm for one data set, its columns cut away."""
    n = matrix.shape[1]
    kept, gamma, taken = np.arange(n), np.ones(n), 0
    while taken < iterations:
        a = matrix[:, kept]
        sigma = np.linalg.inv(a.T @ a / noise + np.diag(1 / gamma))
        new = (sigma @ a.T @ data / noise) ** 2 + np.diag(sigma)
        stay = new > prune * new.max()
        change = np.linalg.norm(np.where(stay, new, 0) - gamma) / np.linalg.norm(gamma)
        kept, gamma, taken = kept[stay], new[stay], taken + 1
        if change < 1e-4:
            break
    a, mean = matrix[:, kept], np.zeros(n)
    mean[kept] = np.linalg.inv(a.T @ a / noise + np.diag(1 / gamma)) @ a.T @ data / noise
    return mean, taken


def test_the_classical_loop_is_the_textbook_algorithm():
    model = dense_model(rng(9))
    found = sb.fit(model, sb.classical, prune=1e-3)
    for r in range(3):
        mean, taken = plain_classical(model.matrix[r], model.data[r], model.noise[r], 150, 1e-3)
        assert found.iterations[r] == taken
        np.testing.assert_allclose(found.mean[r], mean, atol=1e-9)
    assert len(set(found.iterations.tolist())) > 1


def test_one_factor_is_the_classical_model_and_every_data_set_is_alone():
    model = dense_model(rng(10))
    one = sb.KroneckerModel([model.matrix], model.data, model.noise)
    wanted = sb.fit(model, sb.classical, 30, prune=1e-3)
    for step in (sb.classical, sb.Alternating(), sb.rank_one):
        np.testing.assert_allclose(sb.fit(one, step, 30, prune=1e-3).mean, wanted.mean, atol=1e-9)
    structured = kronecker_model(rng(11))
    together = sb.fit(structured, sb.Alternating(1), prune=1e-2)
    for r in range(3):
        alone = sb.fit(structured.take(np.array([r])), sb.Alternating(1), prune=1e-2)
        np.testing.assert_allclose(together.mean[r], alone.mean[0], atol=1e-10)
        assert together.iterations[r] == alone.iterations[0]


def test_an_observer_sees_every_step_and_no_data_set_ends_before_the_others():
    seen = []
    model = kronecker_model(rng(12))
    found = sb.fit(
        model,
        sb.Alternating(),
        iterations=5,
        tolerance=10.0,
        observe=lambda step, known, scales: seen.append((step, known.cost)),
    )
    assert [step for step, _ in seen] == list(range(6))
    assert found.iterations.tolist() == [5] * 3
    assert (np.diff([cost for _, cost in seen], axis=0) < 0).all()
    assert seen[-1][1] == pytest.approx(model.posterior(found.scales).cost)
    assert sb.fit(model, sb.Alternating(), tolerance=10.0).iterations.tolist() == [1] * 3


def test_the_weight_of_the_variance_enters_the_moments():
    model, seen = kronecker_model(rng(13)), []
    found = sb.fit(
        model,
        lambda second, scales: (seen.append(second), list(scales))[1],
        iterations=1,
        variance_weight=0.5,
    )
    known = model.posterior(found.scales)
    np.testing.assert_allclose(seen[0], known.mean**2 + 0.5 * known.variance)


def test_least_squares_on_a_support():
    model = dense_model(rng(14))
    support = np.zeros((3, 8), bool)
    support[[0, 0, 1, 1, 2, 2], [0, 3, 2, 7, 4, 5]] = True
    found = sb.support_least_squares(model, support)
    for r in range(3):
        wanted = np.linalg.lstsq(model.matrix[r][:, support[r]], model.data[r])[0]
        np.testing.assert_allclose(found[r][support[r]], wanted)
        assert not found[r][~support[r]].any()
    with pytest.raises(ValueError, match="^support has shape .* as many places in every data set"):
        sb.support_least_squares(model, np.tri(3, 8))
    doubled = sb.DenseModel(np.ones((1, 3, 2)), np.ones((1, 3)), np.ones(1))
    with pytest.raises(ValueError, match="^support .* linearly independent"):
        sb.support_least_squares(doubled, np.ones((1, 2), bool))
