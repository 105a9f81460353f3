"""The data-generating mechanisms and outcomes behind the claims on semidefinite clustering."""

import numpy as np
import pytest
from refutable.simulations.mixtures.ila_sdp import (
    _data,
    adjusted_program,
    bad_starts,
    finite_n_law,
    likelihood_identity,
    low_rank,
    optimality,
    real_data,
    recovery,
)

from refutable import Cell
from refutable.claims.validate import problems
from refutable.running.registry import claims_of

MODULES = (
    recovery,
    finite_n_law,
    optimality,
    adjusted_program,
    likelihood_identity,
    bad_starts,
    low_rank,
    real_data,
)
CLAIMS = [claim for module in MODULES for claim in claims_of(module)]


def test_every_claim_of_the_paper_is_tried_below():
    assert len(CLAIMS) == 9


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_claims_are_well_formed(claim):
    assert list(problems(claim)) == []


def test_centres_are_equidistant_at_the_wanted_separation():
    rng = np.random.default_rng(0)
    batches = _data.separated_mixtures(rng, 60, 400, 6, 4, 50.0)
    points = np.concatenate(list(batches))
    means = points.reshape(60, 4, 100, 6).mean(axis=(0, 2))
    apart = ((means[:, None] - means) ** 2).sum(axis=-1)
    np.testing.assert_allclose(apart[np.triu_indices(4, 1)], 50.0, rtol=0.03)


def test_noise_has_unit_variance():
    rng = np.random.default_rng(0)
    for noise in (_data.gaussian, _data.heavy_tailed):
        assert np.median([noise(rng, (4, 50, 50)).std() for _ in range(40)]) == pytest.approx(
            1.0, abs=0.06
        )
    assert _data.quieter(rng, (40, 50, 50)).std() == pytest.approx(0.85, abs=0.01)


def test_batches_do_not_change_the_data(monkeypatch):
    cell = Cell({"n": 40, "p": 4, "k": 4, "ratio": 1.0})
    whole = np.concatenate(list(_data.at_ratio(cell, np.random.default_rng(1), 5)))
    monkeypatch.setattr(_data, "CHUNK", 40 * 4 * 2)
    parts = list(_data.at_ratio(cell, np.random.default_rng(1), 5))
    assert [len(part) for part in parts] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_unequal_groups_are_refused():
    with pytest.raises(ValueError, match="multiple of k"):
        _data.contiguous_labels(10, 3)


def test_recovery_implies_the_necessary_conditions():
    cell = Cell({"n": 60, "p": 5, "k": 3, "ratio": 1.1})
    outcome = recovery.recovery(cell, np.random.default_rng(0), 40)
    assert (outcome["recovered"] <= outcome["possible"]).all()
    assert (outcome["recovered"] <= outcome["mle"]).all()
    assert (outcome["open"] == outcome["possible"] - outcome["recovered"]).all()
    again = finite_n_law.necessary(cell, np.random.default_rng(0), 40)
    np.testing.assert_array_equal(again["possible"], outcome["possible"])


def test_equivalence_checks_both_sides(monkeypatch):
    monkeypatch.setattr(optimality, "CHECKED_EVERY", 2)
    cell = Cell({"n": 60, "p": 5, "k": 3, "ratio": 1.1})
    outcome = optimality.equivalence(cell, np.random.default_rng(2), 21)
    assert not outcome["unbeaten"].any()
    assert outcome["disagreement"].max() < 1e-5
    assert 0 < outcome["certified"].sum() < 21
    exchanged = optimality.exchanged(cell, np.random.default_rng(2), 5)
    assert not exchanged["certified"].any()
    assert exchanged["disagreement"][0] > 1e-4
    beyond = optimality.beyond_the_interval(cell, np.random.default_rng(2), 5)
    assert not beyond["certified"].any()
    assert beyond["gap"].min() > optimality.PROVED


def test_a_test_that_is_too_strict_calls_optimal_partitions_lost(monkeypatch):
    monkeypatch.setattr(optimality, "CHECKED_EVERY", 1)
    cell = Cell({"n": 40, "p": 5, "k": 2, "ratio": 2.0})
    outcome = optimality.equivalence(cell, np.random.default_rng(2), 6, strictness=50.0)
    assert (outcome["unbeaten"] == outcome["certified"]).all()
    assert outcome["certified"].any()


def test_elongated_groups_have_their_covariances():
    cell = Cell({"n": 4000, "p": 3, "k": 2, "cond": 9.0, "sep": 5.0})
    points, covariances = _data.elongated_mixtures(cell, np.random.default_rng(0), 1)
    np.testing.assert_allclose(np.cov(points[0, :2000].T), covariances[0], atol=0.6)


def test_adversarial_starts_split_the_far_group():
    rng = np.random.default_rng(0)
    points = bad_starts.two_near_one_far(rng, 60, 9.0)
    start = bad_starts.adversarial_start(rng, points, "far")
    assert len(set(start[:40])) == 1
    assert len(set(start[40:])) == 2
    assert bad_starts.adversarial_start(rng, points, "random").shape == (60,)


def test_decay_tells_geometric_from_algebraic():
    steps = np.arange(1.0, 1200.0)
    geometric = low_rank.decay(np.exp(-0.04 * steps))
    assert geometric["late_slope"] == pytest.approx(-0.04)
    assert geometric["evenness"] == pytest.approx(1.0)
    assert low_rank.decay(1e3 * steps**-4.0)["evenness"] < 0.5
    assert low_rank.decay(np.ones(50))["decades"] == 0.0


@pytest.mark.parametrize("data", real_data.LOADERS)
def test_every_method_clusters_real_data_better_than_chance(data):
    cell = Cell({"data": data, "components": 4, "n": 60})
    outcome = real_data.subsampled(cell, np.random.default_rng(0), 2)
    errors = [outcome[method].mean() for method in real_data.METHODS]
    assert min(errors) >= 0
    assert max(errors) < (0.3 if data == "wine" else 0.6)


def test_a_hampered_run_shares_its_subsamples():
    cell, rng = Cell({"data": "wine", "components": 4, "n": 60}), np.random.default_rng
    whole = real_data.subsampled(cell, rng(0), 2)
    plain = real_data.hampered(cell, rng(0), 2)
    for name in ("near_kmeans", "sdp_gap"):
        np.testing.assert_array_equal(plain[name], whole[name])
    # One gap beyond refutes a certificate; another may end far below what was asked for.
    assert real_data.hampered(cell, rng(0), 2, tolerance=0.01)["sdp_gap"].max() > 1e-3
    assert not real_data.hampered(cell, rng(0), 2, fewer=1)["near_kmeans"].any()


def test_the_identity_needs_every_determinant():
    cell = Cell({"instance": 3})
    assert max(likelihood_identity.likelihood_identity(cell).values()) < 1e-11
    assert min(likelihood_identity.likelihood_identity(cell, 0.99).values()) > 1e-5


def test_real_data_gaps_are_rigorous():
    cell = Cell({"data": "iris", "components": 3, "n": 60})
    outcome = real_data.subsampled(cell, np.random.default_rng(0), 2)
    assert (outcome["sdp_gap"] >= -1e-12).all()
    assert (outcome["sdp_gap"] < 1e-3).all()


def test_a_start_may_be_bad_in_part():
    """From the true labels to those of the bad start, point by point."""
    points = bad_starts.two_near_one_far(np.random.default_rng(0), 300, 9.0)
    labels = _data.contiguous_labels(300, 3)

    def start(kind):
        return bad_starts.adversarial_start(np.random.default_rng(1), points, kind)

    assert (start(0.0) == labels).all()
    assert (start(1.0) == start("far")).all()
    wrong = [float((start(share) != labels).mean()) for share in (0.0, 0.25, 0.5, 1.0)]
    assert wrong[1:3] == pytest.approx([wrong[3] / 4, wrong[3] / 2], abs=0.06)
    assert wrong[3] > 1 / 3  # a near group has the label of the other, part of the far one its own
