"""The samples and testers behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.tester_learner._samples import (
    FRESH,
    massart_sample,
    orthogonal_unit_vector,
)
from refutable.simulations.learning.tester_learner.adversarial import (
    _least_training_error,
    attacked_ladder,
)
from refutable.simulations.learning.tester_learner.averaging import averaging_ratio
from refutable.simulations.learning.tester_learner.completeness import acceptance
from refutable.simulations.learning.tester_learner.gradient import pull
from refutable.simulations.learning.tester_learner.peers import peers
from refutable.simulations.learning.tester_learner.soundness import (
    always,
    by_angle,
    by_moments,
    soundness,
)
from refutable.theory.learning import tester_learner as theory

from refutable import Cell

TINY = {
    "noise": "half", "d": 2, "n": 40_000, "sigma": 0.15, "eta": 0.05, "eps": 0.35,
    "batch": 2000, "steps": 30, "polish": 10,
}  # fmt: skip


def cell(marginal: str, **changes) -> Cell:
    return Cell({"marginal": marginal} | TINY | changes)


@pytest.mark.parametrize(("marginal", "verdict"), [("gaussian", 1), ("hypercube", 0), ("gap", 0)])
def test_verdicts(marginal, verdict):
    found = acceptance(cell(marginal), np.random.default_rng(0), 3)
    assert found["accepted"].tolist() == [verdict] * 3


def test_excess_is_the_error_over_opt():
    rng = np.random.default_rng(0)
    sample = massart_sample(cell("gaussian", n=200_000, eta=0.2), rng)
    w = orthogonal_unit_vector(rng, sample.w_star) * 0.6 + sample.w_star * 0.8
    excess, error = sample.excess(w)
    wrong = np.sign(sample.x @ w) != sample.y
    wrong_star = np.sign(sample.x @ sample.w_star) != sample.y
    assert excess == pytest.approx(wrong.mean() - wrong_star.mean(), abs=5 * error)
    assert sample.excess(sample.w_star) == (0, 0)


@pytest.mark.parametrize("marginal", ["gaussian", "far_wedge"])
def test_fresh_points_share_the_law_but_no_point(marginal):
    sample = massart_sample(cell(marginal), np.random.default_rng(3))
    assert len(sample.x) == len(sample.y) == TINY["n"]
    assert len(sample.fresh) == len(sample.rates) == FRESH
    near = np.abs(sample.fresh[:, 0]) < 10  # the wedge's far points are atoms
    assert not np.isin(sample.fresh[near, 0], sample.x[:, 0]).any()
    top = [np.linalg.eigh(p.T @ p / len(p)) for p in (sample.x, sample.fresh)]
    np.testing.assert_allclose(*(t.eigenvalues for t in top), rtol=0.1)
    if marginal == "far_wedge":
        assert abs(top[0].eigenvectors[:, -1] @ top[1].eigenvectors[:, -1]) > 0.9999


@pytest.mark.parametrize(
    ("accepts", "marginal", "changes"),
    [
        (always, "gap", {"n": 4000}),
        (by_moments, "thin_gap", {"n": 4000, "sigma": 0.1}),
        (by_angle, "far_wedge", {"eps": 0.1}),
    ],
)
def test_an_ingredient_less_breaks_the_promise(accepts, marginal, changes):
    where = cell(marginal, **changes)
    assert soundness(where, np.random.default_rng(0), 6, accepts)["broken"].mean() >= 0.5
    assert soundness(where, np.random.default_rng(0), 6)["broken"].sum() == 0


def test_peers_miss_what_the_learner_finds():
    found = peers(cell("gaussian", noise="quadrant", eta=0.1), np.random.default_rng(0), 3)
    assert found["ours"].max() < 0.006
    assert min(found[p].min() for p in ("logistic", "svc", "averaging")) > 0.015


def test_a_peer_that_stands_in_keeps_its_excess():
    where = cell("gaussian", noise="quadrant", eta=0.1)
    plain = peers(where, np.random.default_rng(1), 2)
    swapped = peers(where, np.random.default_rng(1), 2, stand_in="svc")
    np.testing.assert_allclose(swapped["ours"], plain["ours"] + plain["svc"])
    assert swapped["ours"].min() > 0.01
    np.testing.assert_array_equal(swapped["logistic"], plain["logistic"])


def test_a_learner_of_a_wide_bandwidth_errs_more():
    where = Cell({"attacks": "far", "d": 3, "n": 20_000, "batch": 1000, "steps": 20, "polish": 10})
    narrow, wide = (
        attacked_ladder(where, np.random.default_rng(2), 4, target)["learner"]
        for target in (0.1, 2)
    )
    assert (wide.mean(axis=0) > narrow.mean(axis=0) + 0.05).all()


def test_more_noise_lowers_the_pull_in_proportion():
    where = Cell({"sigma": 0.5, "theta": 0.3, "eta": 0.1})
    found = pull(where, np.random.default_rng(0), 400, more_noise=0.1)["pull"]
    error = 5 * found.std() / 20
    assert found.mean() == pytest.approx(theory.gradient_towards_truth(0.5, 0.3, 0.2), abs=error)


def test_pull_is_the_closed_form():
    where = Cell({"sigma": 0.5, "theta": 0.3, "eta": 0.1})
    found = pull(where, np.random.default_rng(0), 400)["pull"]
    error = 5 * found.std() / 20
    assert found.mean() == pytest.approx(theory.gradient_towards_truth(0.5, 0.3, 0.1), abs=error)


def test_ladder_of_attacks():
    where = Cell({"attacks": "all", "d": 3, "n": 20_000, "batch": 1000, "steps": 20, "polish": 10})
    found = attacked_ladder(where, np.random.default_rng(0), 2)
    assert found["learner"].shape == (2, 4)
    assert (found["learner"] >= 1).all()
    assert not found["exceeds"].any()
    assert found["averaging_exceeds"].all()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_better_sign_of_the_best_candidate_is_chosen(sign):
    x = np.random.default_rng(0).standard_normal((400, 2))
    truth, other = np.array([0.0, 1.0]), np.array([1.0, 0.0])
    y = np.where(x @ truth >= 0, 1.0, -1.0)
    chosen = _least_training_error(x, y, np.stack([other, sign * truth]))
    np.testing.assert_array_equal(chosen, truth)


def test_averaging_ratio_is_predicted():
    where = Cell({"opt": 0.02, "d": 2, "n": 20_000})
    far = averaging_ratio(where, np.random.default_rng(0), 60)["ratio"]
    random = averaging_ratio(where, np.random.default_rng(0), 20, at_random=1.0)["ratio"]
    assert far.mean() == pytest.approx(theory.averaging_error_ratio(0.02), abs=0.1)
    some = averaging_ratio(where, np.random.default_rng(0), 60, at_random=0.2)["ratio"]
    assert 0.95 < random.mean() < 1.6  # as many labels are wrong as ever
    assert random.mean() < some.mean() < 0.95 * theory.averaging_error_ratio(0.02)
