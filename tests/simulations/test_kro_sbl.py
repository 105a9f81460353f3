"""What the experiments on Kronecker-structured sparse vectors report, against plain algebra."""

import numpy as np
import pytest
from refutable.simulations.bayes.kro_sbl import _data as data
from refutable.simulations.bayes.kro_sbl import m_steps, monotone, ordering, stationarity
from refutable.solvers import sparse_bayes as sb

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", ["product", "block", "scattered"])
def test_vectors_have_the_structure_they_are_named_after(kind):
    x = data.vectors(rng(1), 50, 5, 2, kind)
    assert (np.count_nonzero(x.reshape(50, -1), axis=1) == 8).all()
    along = [np.count_nonzero(x.any(axis=tuple({1, 2, 3} - {a})), axis=1) for a in (1, 2, 3)]
    structured = (np.array(along) == 2).all(axis=0)
    assert structured.all() if kind != "scattered" else not structured.any()
    ranks = [np.linalg.matrix_rank(v.reshape(5, 25)) for v in x]
    assert max(ranks) == 1 if kind == "product" else min(ranks) > 1 or kind == "block"
    assert (np.linalg.matrix_rank(x.reshape(50, 5, 25)) == 2).mean() > 0.9 or kind != "block"
    entries = x[x != 0]
    assert entries.mean() == pytest.approx(0, abs=0.2)
    assert entries.var() == pytest.approx(1, abs=0.6)


def test_data_are_the_product_with_a_dense_matrix_and_noise():
    sample = data.draw(rng(2), 200, data.TINY, 2, 20, "block")
    dense = sample.dense
    first = [a[3] for a in sample.model.matrices]
    np.testing.assert_allclose(dense.matrix[3], np.kron(np.kron(*first[:2]), first[2]))
    clean = (dense.matrix @ sample.truth.reshape(200, -1, 1))[..., 0]
    noise = dense.data - clean
    assert (clean**2).mean(axis=1) / sample.model.noise == pytest.approx(np.full(200, 100))
    assert (noise**2 / sample.model.noise[:, None]).mean() == pytest.approx(1, abs=0.05)
    assert sample.error(0.9 * sample.truth) == pytest.approx(np.full(200, 0.01))


def test_rises_are_those_of_the_cost_and_come_with_what_breaks_em():
    cell = Cell({"shape": "small", "kept": 2, "sweeps": 1, "steps": 20})
    found = monotone.costs(cell, rng(3), 2)
    assert found["rise"].max() < 0 < found["fall"].min()
    sample = data.draw(rng(3), 2, data.SMALL, 2, 15, "product")
    ends = [
        sb.fit(sample.model, sb.Alternating(1), steps, tolerance=0).scales for steps in (19, 20)
    ]
    start = sample.model.posterior([np.ones((2, 8))] * 3).cost
    last = [sample.model.posterior(scales).cost for scales in ends]
    assert found["fall"] == pytest.approx((start - last[1]) / abs(start))
    assert (found["rise"] >= (last[1] - last[0]) / abs(start) - 1e-12).all()
    again = Cell({"shape": "small", "kept": 2, "sweeps": 2, "steps": 5})
    assert monotone.costs(again, rng(3), 2, together=True)["rise"].min() > 1e-3


def test_slopes_along_the_path_and_at_its_end():
    found = stationarity.slopes(Cell({"n": 5}), rng(4), 3)
    assert found["log_slope"].shape == (3, len(stationarity.LADDER))
    assert (np.diff(found["log_slope"], axis=1) < 0).all()
    assert found["no_descent"].all()
    sample = data.draw(rng(4), 3, data.TINY, 2, 20, "product")
    end = sb.fit(sample.model, sb.Alternating(), 10, tolerance=0)
    known = sample.model.posterior(end.scales)
    gamma = np.einsum("ri,rj,rk->rijk", *end.scales)
    each = 1 - (known.mean**2 + known.variance) / gamma
    sums = [np.abs(each.sum(axis=tuple({1, 2, 3} - {a}))).max(axis=1) for a in (1, 2, 3)]
    assert found["log_slope"][:, 0] == pytest.approx(np.max(sums, axis=0), rel=1e-6)
    assert not stationarity.slopes(Cell({"n": 5}), rng(4), 3, prune=0.1)["no_descent"].any()


def test_pruned_ends_descend_where_growing_a_cut_scale_lowers_the_cost():
    found = stationarity.pruned_ends(Cell({"n": 5, "prune": 0.1}), rng(5), 4)["descends"]
    sample = data.draw(rng(5), 4, data.TINY, 2, 20, "product")
    end = sb.fit(sample.model, sb.Alternating(), prune=0.1)
    falls = np.zeros(4, bool)
    for i, j in np.ndindex(3, 5):
        grown = [g.copy() for g in end.scales]
        cut = grown[i][:, j] == 0
        grown[i][:, j] += cut * 1e-9 * grown[i].max(axis=1)
        moved = sample.model.posterior(grown).cost - sample.model.posterior(end.scales).cost
        falls |= cut & (moved < -1e-9)
    assert found.tolist() == falls.tolist()
    assert found.any()


def test_wins_are_smaller_errors_on_the_same_data():
    found = ordering.errors(Cell({"kind": "block", "n": 5}), rng(6), 4)
    sample = data.draw(rng(6), 4, data.TINY, 2, 20, "block")
    ours = sample.error(sb.fit(sample.model, sb.Alternating(), prune=0.01).mean)
    free = sample.error(sb.fit(sample.dense, sb.classical, prune=0.001).mean)
    assert found["structured"] == pytest.approx(ours)
    assert found["classical"] == pytest.approx(free)
    assert found["structured_wins"].tolist() == (ours < free).tolist()
    assert found["classical_wins"].tolist() == (free < ours).tolist()
    raced = m_steps.races(Cell({"n": 8, "decibels": 30}), rng(7), 4)
    sample = data.draw(rng(7), 4, data.SMALL, 2, 30, "product")
    singular = sample.error(sb.fit(sample.model, sb.rank_one, prune=0.001).mean)
    assert raced["singular"] == pytest.approx(singular)
    assert raced["singular_wins"].tolist() == (singular < raced["alternating"]).tolist()


def test_both_algorithms_come_near_the_oracle_that_knows_the_support():
    sample = data.draw(rng(8), 12, data.TINY, 2, 30, "block")
    support = (sample.truth != 0).reshape(12, -1)
    oracle = np.median(sample.error(sb.support_least_squares(sample.dense, support)))
    found = np.median(sample.error(sb.fit(sample.model, sb.Alternating(), prune=0.01).mean))
    assert 0.5 * oracle < found < 5 * oracle
