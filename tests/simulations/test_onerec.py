"""The experiments of OneRec: alignment rounds, growing margins, codes and gains."""

from fractions import Fraction

import numpy as np
import pytest
from refutable.simulations.selection.onerec import (
    absorbing_order,
    alignment_rounds,
    balanced_codes,
    deterministic_labels,
    next_token_loss,
    printed_numbers,
)
from refutable.simulations.selection.onerec._descent import best_worst_problem
from refutable.solvers.preference import squared_margin_fit
from scipy.optimize import minimize
from scipy.special import log_softmax

from refutable import Cell

ALIGN = {"responses": 6, "beta": 1.0}


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("rounds", [1, 3])
def test_rounds_tilt(rounds):
    columns = alignment_rounds.align(Cell({**ALIGN, "rounds": rounds}), rng(), 8)
    assert columns["distance"].max() < 1e-8
    assert columns["start_loss_gap"].max() < 1e-12
    assert columns["completed"].all()


def test_completed_are_those_in_which_no_response_becomes_too_rare():
    cell = Cell({"responses": 6, "beta": 0.5, "rounds": 3})
    columns = alignment_rounds.align(cell, rng(), 32)
    reward, start = alignment_rounds.policies(cell, rng(), 32)
    weights = [np.exp(start + t * reward / cell.beta) for t in (1, 2, 3)]
    rarest = np.min([(w / w.sum(axis=1, keepdims=True)).min(axis=1) for w in weights], axis=0)
    assert (columns["completed"] == (rarest > alignment_rounds.RARE)).all()
    assert 0 < columns["completed"].mean() < 1
    assert columns["distance"].max() < 1e-8


def test_frozen_reference_stands_still_after_the_first_round():
    once, twice = (Cell({**ALIGN, "rounds": rounds}) for rounds in (1, 2))
    first = alignment_rounds.align(once, rng(), 8, moving_reference=False)["distance"]
    assert first.max() < 1e-8
    again = alignment_rounds.align(twice, rng(), 8, moving_reference=False)["distance"]
    assert np.median(again) > 0.05


def test_squared_loss_does_not_tilt():
    columns = alignment_rounds.align(Cell({**ALIGN, "rounds": 1}), rng(), 8, fit=squared_margin_fit)
    assert np.median(columns["distance"]) > 0.01


LABELS = {"responses": 6, "draws": 2, "decades": 3, "weight": 1.0}


@pytest.mark.parametrize("draws", [2, 8])
def test_only_certain_labels_let_margins_grow(draws):
    cell = Cell({**LABELS, "draws": draws})
    certain = deterministic_labels.deterministic_labels(cell, rng(), 2)
    chance = deterministic_labels.chance_labels(cell, rng(), 2)
    assert certain["least_growth"].min() > 1
    assert (chance["least_growth"] < certain["least_growth"]).all()
    assert np.abs(certain["chance_growth"]).max() < 1e-6
    assert np.abs(certain["chance_gap"]).max() < 1e-6
    anchored = deterministic_labels.next_token_early(cell, rng(), 2)
    assert (anchored["last"] < certain["last"]).all()


def test_bradley_terry_margins_are_not_there_after_a_thousand_steps():
    early = deterministic_labels.deterministic_labels(Cell(LABELS), rng(), 8, (100, 1000))
    assert np.abs(early["chance_growth"]).max() > 1e-3
    late = deterministic_labels.deterministic_labels(Cell(LABELS), rng(), 8)
    assert (early["last"] == late["last"]).all()


def test_margins_are_named_by_their_steps():
    columns = deterministic_labels.deterministic_labels(Cell(LABELS), rng(), 2)
    assert (columns["margin_1000"] == columns["last"]).all()
    assert columns["least_growth"] == pytest.approx(columns["last"] - columns["margin_100"])


def test_margins_of_twelve_responses():
    cell = Cell({"responses": 12, "draws": 2, "decades": 3})
    columns = deterministic_labels.chance_labels(
        cell, rng(), 2
    )  # of other labels, from the same problems
    certain = deterministic_labels.deterministic_labels(cell, rng(), 16)
    assert columns["last"].max() < certain["margin_100"].min()
    means = [certain[f"margin_{steps}"].mean() for steps in (100, 1000)]
    assert means == pytest.approx([5.7, 14.1], rel=0.05)


def test_next_token_minimiser_by_another_descent():
    cell = Cell({**LABELS, "weight": 0.5})
    found = next_token_loss.with_next_token_loss(cell, rng(), 2)
    assert np.abs(found["late_growth"]).max() < 1e-6
    _, start, weights = best_worst_problem(cell, rng(), 2)
    for margin, policy, weight in zip(found["margin"], start, weights, strict=True):

        def loss(theta, policy=policy, weight=weight):
            gap = theta[:, None] - theta[None, :]
            kept = policy @ log_softmax(np.log(policy) + theta)
            return np.tril(weight * np.logaddexp(0, -gap), -1).sum() - cell.weight * kept

        best = minimize(loss, np.zeros(6), options={"gtol": 1e-9}).x
        assert np.ptp(best) == pytest.approx(margin, abs=1e-4)
    early = next_token_loss.with_next_token_loss(cell, rng(), 2, (10, 100))
    assert early["late_growth"].max() > 1e-6
    assert next_token_loss.without_next_token_loss(cell, rng(), 2)["late_growth"].min() > 1


def test_codes():
    even = balanced_codes.balance(Cell({"n": 64, "codes": 4}), rng(), 3)
    assert (even["size_spread"] == 0).all()
    assert set(even["converged"]) <= {0.0, 1.0}
    assert even["entropy_gap"] == pytest.approx(0, abs=1e-12)
    odd = balanced_codes.balance(Cell({"n": 62, "codes": 4}), rng(), 3)
    assert (odd["unassigned"] == 2).all()


def test_prices_are_ordered():
    columns = balanced_codes.price(Cell({"n": 64, "codes": 4}), rng(), 5)
    assert columns["over_balanced"].min() >= -1e-12
    assert columns["balanced_over_nearest"].min() >= -1e-12
    assert columns["over_kmeans"].mean() > 0.05


def test_prices_are_counted_up_to_one(monkeypatch):
    cell = Cell({"n": 64, "codes": 4})
    free = balanced_codes.price(cell, rng(), 5)["over_kmeans"]
    monkeypatch.setattr(balanced_codes, "MOST", float(np.median(free)))
    capped = balanced_codes.price(cell, rng(), 5)["over_kmeans"]
    np.testing.assert_allclose(capped, np.minimum(free, np.median(free)))


def test_order_correlation_of_known_costs():
    # Four pairs of points at distance 1, 2, 3, 4 from their centroid, in this order.
    centres = np.array([[0.0], [100.0], [200.0], [300.0]])
    radii = np.array([1.0, 2.0, 3.0, 4.0])
    points = np.concatenate([centres[:, 0] - radii, centres[:, 0] + radii])[:, None]
    labels = np.tile(np.arange(4), 2)
    assert absorbing_order.order_correlation(points, labels, centres) == pytest.approx(1.0)
    flipped = absorbing_order.order_correlation(points, 3 - labels, centres[::-1])
    assert flipped == pytest.approx(-1.0)


def test_activation_by_counting():
    counts = printed_numbers.activation(Cell({}))
    assert counts["activated_percent"] == pytest.approx(13, abs=0.05)
    assert counts["experts_percent"] == pytest.approx(100 / 12)
    more = printed_numbers.activation(Cell({}), Fraction(14, 100))
    # x + (1 - x) / 12 = 0.14
    assert more["dense_percent"] == pytest.approx(100 * (0.14 - 1 / 12) / (11 / 12), abs=0.01)
    assert more["activated_percent"] == pytest.approx(14, abs=0.05)
    three = printed_numbers.activation(Cell({}), active=3)
    assert three["experts_percent"] == pytest.approx(12.5)
    assert three["activated_percent"] == pytest.approx(13, abs=0.05)


def test_gains():
    cell = Cell({"metric": "max swt", "better": "OneRec-1B+IPA", "base": "OneRec-1B"})
    found = printed_numbers.gains(cell)
    assert float(found["points"]) == pytest.approx(4.04)
    assert float(found["relative"]) == pytest.approx(26.4, abs=0.05)
