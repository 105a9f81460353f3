"""Closed forms of the unlabelled-data paper against drawn samples and hand calculation."""

import numpy as np
import pytest
from refutable.solvers.gaussian_mixture import (
    accuracy,
    mean_estimator,
    sample_mixture,
    second_moment,
)
from refutable.theory.learning import ood_unlabeled as theory
from refutable.theory.learning.ood_unlabeled import Sizes
from scipy.special import ndtr


def test_erm_accuracy_matches_drawn_points():
    rng = np.random.default_rng(1)
    centre = np.eye(200)[0]
    x, y = sample_mixture(rng, 400, 20, centre)
    measured = accuracy(mean_estimator(x, y), centre)
    assert measured.mean() == pytest.approx(theory.erm_accuracy(200, 20), abs=0.005)


def test_spectral_accuracy_matches_drawn_points():
    rng = np.random.default_rng(2)
    centre, shift = np.eye(200)[0], 0.5 * np.eye(200)[1]
    points, _ = sample_mixture(rng, 8, 2000, centre + shift)
    top = np.linalg.eigh(second_moment(points)).eigenvectors[:, :, -1]
    measured = accuracy(top * np.sign(top[:, :1]), centre)
    assert measured.mean() == pytest.approx(theory.spectral_accuracy(200, 2000, 0.5), abs=0.01)


def test_no_signal_below_the_spectral_threshold():
    assert theory.spectral_overlap(200, 199, 1.0) == 0
    assert theory.spectral_overlap(200, 201, 1.0) > 0
    assert theory.spectral_accuracy(200, 100, 0.0) == 0.5
    assert theory.spectral_overlap(200, 10**9, 1.0) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("sizes", "main", "log_part"),
    [((200, 10, 0), 1.65, 0.77), ((200, 40, 1e4), 0.45, 0.39), ((200, 1000, 1e6), 0.11, 0.08)],
)
def test_bound_at_known_points(sizes, main, log_part):
    assert theory.main_term(Sizes(*sizes)) == pytest.approx(main, abs=0.006)
    assert theory.log_term(Sizes(*sizes)) == pytest.approx(log_part, abs=0.006)


def test_the_main_term_is_the_risk_slope_times_the_root_of_a_root():
    sizes = Sizes(dim=8, m=4, n=0, alpha=0.5, delta=np.exp(-8))
    inner = 2 * 2 * 8 * 0.5 / 4 + 4 * 8 / 4 * np.sqrt(32 / 4)
    by_hand = np.exp(-1 / 4) * np.sqrt(np.exp(0) / np.sqrt(2 * np.pi) / 2) * inner**0.25
    assert theory.main_term(sizes) == pytest.approx(by_hand)


def test_where_the_bound_can_be_violated():
    """Only below the excess of the worst rule, -mu_0."""
    worst = ndtr(1.0) - accuracy(-np.eye(5)[:1], np.eye(5)[0])[0]
    assert worst == pytest.approx(2 * ndtr(1.0) - 1)
    for m, n, possible in (
        (10, 1000, False), (20, 2000, False), (40, 10_000, False),
        (400, 400, True), (1000, 2000, True),
    ):  # fmt: skip
        assert (theory.excess_bound(Sizes(200, m, n)) < worst) == possible


def test_a_row_of_the_table_exceeds_what_more_labels_give():
    assert theory.UNLABELLED_TABLE[10, 10, 0.0] > theory.erm_accuracy(200, 20)
    assert max(theory.UNLABELLED_TABLE.values()) < ndtr(1.0)


def test_no_rule_leaves_the_range_of_accuracies():
    worst, best = theory.accuracy_range(0.7)
    centre = 0.7 * np.eye(3)[0]
    rules = np.random.default_rng(3).standard_normal((5000, 3))
    seen = accuracy(rules, centre)
    assert worst < seen.min() < worst + 0.005
    assert best - 0.005 < seen.max() < best
