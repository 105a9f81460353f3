"""The mechanisms behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning._bundled_data import breast_cancer, digit_pair
from refutable.simulations.learning.ood_unlabeled import (
    _training,
    bound,
    exponents,
    few_unlabelled,
    labelled_alone,
    many_unlabelled,
    real_data,
    spectral,
)
from refutable.solvers.gaussian_mixture import (
    accuracy,
    mean_estimator,
    random_directions,
    sample_mixture,
)
from refutable.solvers.robust_self_training import SelfTraining, objective, robust_self_training
from refutable.theory.learning import ood_unlabeled as theory
from scipy.special import ndtr

from refutable import Cell
from refutable.claims.cells import at_effort
from refutable.claims.records import Effort

CELL = Cell({"m": 10, "n": 1000, "shift": 0.0})


def test_unlabelled_points_help_and_noise_does_not():
    gains = [
        _training.self_training(CELL, np.random.default_rng(1), 12, unlabelled)["gain"].mean()
        for unlabelled in (
            _training.shifted_mixture,
            _training.no_clusters,
            _training.orthogonal_clusters,
        )
    ]
    assert gains[0] > 0.1
    assert max(gains[1:]) < 0


def test_excess_and_accuracy_sum_to_the_ceiling():
    run = _training.self_training(CELL, np.random.default_rng(2), 4)
    assert np.allclose(run["excess"] + run["accuracy"], 0.8413447)


def test_ten_unlabelled_points_are_fitted_in_vain():
    """The objective reaches 0, annealed or not, and the rule is worse than its start."""
    rng = np.random.default_rng(5)
    centre = random_directions(rng, 60, _training.DIM)
    x, y = sample_mixture(rng, 60, 10, centre, balanced=True)
    cloud = sample_mixture(rng, 60, 10, centre)[0]
    start = accuracy(mean_estimator(x, y), centre).mean()
    for chosen in (SelfTraining(), SelfTraining(annealing=(1.0,), steps=2000)):
        w = robust_self_training(x, y, cloud, chosen)
        assert objective(w, x, y, cloud).max() < 1e-6
        assert 0.53 < accuracy(w, centre).mean() < start - 0.005


def test_every_entry_of_the_table_is_in_one_claim():
    claims = (
        many_unlabelled.UNLABELLED_HELPS,
        few_unlabelled.ROWS_BELOW_A_THOUSAND,
        few_unlabelled.SMALLEST_ROWS,
    )
    rows = [
        (cell.m, cell.n, cell.shift)
        for claim in claims
        for cell in at_effort(claim.cells, Effort.FULL)
    ]
    assert sorted(rows) == sorted(theory.UNLABELLED_TABLE)


@pytest.mark.parametrize(
    ("corollary", "exponent"),
    [*exponents.PREDICTED.items(), ("d/epsilon labelled points, d = 1", -0.5)],
)
def test_exponents_of_the_bound(corollary, exponent):
    seen = exponents.bound_exponent(Cell({"corollary": corollary}))["exponent"]
    assert seen == pytest.approx(exponent, abs=0.01)


def test_labelled_rows_come_first_and_are_balanced():
    _, y = digit_pair(3, 8)
    order = real_data._labelled_first(np.random.default_rng(3), 20, y, 10)
    assert (np.sort(order, axis=1) == np.arange(y.size)).all()
    assert (y[order[:, :10]].sum(axis=1) == 0).all()


def test_every_row_can_be_labelled():
    _, y = breast_cancer()
    order = real_data._labelled_first(np.random.default_rng(4), 2000, y, 10)
    assert len(np.unique(order[:, :10])) > 0.99 * y.size


def test_a_shift_of_one_is_as_far_whatever_the_cell_says():
    run = _training.self_training(
        Cell({"m": 20, "n": 2000, "shift": 0.0}),
        np.random.default_rng(6),
        8,
        _training.far_shifted_mixture,
    )
    assert run["accuracy"].mean() == pytest.approx(
        theory.spectral_accuracy(_training.DIM, 2000, 1.0), abs=0.02
    )


def test_more_noise_on_the_labelled_points_costs_accuracy():
    seen = labelled_alone.erm_accuracy(Cell({"m": 10}), np.random.default_rng(7), 4000, noise=1.5)
    cosine = 1 / np.sqrt(1 + 1.5**2 * _training.DIM / 10)
    assert seen["accuracy"].mean() == pytest.approx(ndtr(cosine), abs=0.003)


def test_closer_clusters_are_a_smaller_spike():
    cell = Cell({"n": 1000, "shift": 0.0})
    seen = spectral.spectral_rule(cell, np.random.default_rng(8), 40, length=0.9)["accuracy"]
    assert seen.mean() == pytest.approx(
        ndtr(theory.spectral_overlap(_training.DIM, 1000, 0.81)), abs=0.008
    )


def test_a_share_of_the_bound_is_violated():
    cell = Cell({"m": 400, "n": 400, "shift": 0.0})
    whole, tenth = (
        bound.against_bound(cell, np.random.default_rng(9), 12, share) for share in (1.0, 0.1)
    )
    assert not whole["violated"].any()
    np.testing.assert_array_equal(
        tenth["violated"], tenth["excess"] > 0.1 * theory.excess_bound(theory.Sizes(200, 400, 400))
    )
    assert tenth["violated"].mean() > 0.3


def test_a_dimension_that_nearly_suffices():
    """The trailing term is then of order epsilon^0.95."""
    seen = exponents.bound_exponent(Cell({"corollary": exponents.NEARLY}))["exponent"]
    assert -0.97 < seen < -0.94
