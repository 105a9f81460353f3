"""The experiments of PPP: the groups that are drawn, and each outcome by another route."""

import numpy as np
import pytest
from refutable.simulations.mixtures.ppp import (
    _data,
    non_sequitur,
    number_of_clusters,
    one_point_components,
    optimum_on_a_line,
    repeatability,
    resolution,
)
from refutable.solvers.lloyd import random_points
from refutable.solvers.set_partitions import set_partitions
from refutable.theory.mixtures import ppp as theory
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from refutable import Cell

SEPARATED = Cell({"sep": 10.0, "apart": 4.0})
OVERLAPPING = Cell({"sep": 3.0, "apart": 0.0})
NONE = Cell({"sep": 0.0, "apart": 0.0})


def rng(seed=0):
    return np.random.default_rng(seed)


def test_groups_have_their_centres_and_unit_noise():
    x = _data.groups(rng(), 200, 10.0).reshape(200, 6, 50, 4)
    within = x - x.mean(axis=2, keepdims=True)
    assert within.var(ddof=1) * (50 - 1 / 6) / 49 == pytest.approx(1.0, abs=0.02)
    means = x.mean(axis=2)
    apart = ((means[:, :1] - means[:, 1:]) ** 2).sum(axis=-1)
    # The means of 50 points add 2 * 4 / 50 to the squared distance.
    assert apart.mean() == pytest.approx(100 + 0.16, rel=0.1)
    assert np.abs(_data.groups(rng(), 20, 0.0).mean(axis=1)).max() < 0.3


def test_centres_are_drawn_until_they_are_apart():
    free, apart = _data.centres(rng(), 300, 10.0), _data.centres(rng(), 300, 10.0, 4.0)
    least = _data.least_distance(free)
    assert 0.3 < (least < 4.0).mean() < 0.7
    assert _data.least_distance(apart).min() >= 4.0
    np.testing.assert_array_equal(apart[least >= 4.0], free[least >= 4.0])
    by_hand = min(np.linalg.norm(free[0, i] - free[0, j]) for i in range(6) for j in range(i))
    assert least[0] == pytest.approx(by_hand)


def test_agreement_is_the_mean_over_all_pairs_of_runs(monkeypatch):
    kept = []
    plain = repeatability.adjusted_rand_index
    monkeypatch.setattr(
        repeatability, "adjusted_rand_index", lambda a, b: kept.append((a, b)) or plain(a, b)
    )
    found = repeatability.repeated_runs(OVERLAPPING, rng(), 3, starts=2)
    first, second = kept[0]
    single = [
        np.mean([adjusted_rand_score(a, b) for a, b in zip(*rows, strict=True)])
        for rows in zip(first, second, strict=True)
    ]
    assert first.shape == (3, 10, 300)
    np.testing.assert_allclose(found["agreement"], single)
    assert (found["repeatable"] == (found["agreement"] > 0.98)).all()


def test_more_starts_and_more_separation_agree_better():
    mean = {
        (cell.sep, starts): repeatability.repeated_runs(cell, rng(1), 8, starts)["agreement"].mean()
        for cell in (SEPARATED, OVERLAPPING, NONE)
        for starts in (1, 30)
    }
    assert mean[10.0, 30] > 0.98 > mean[10.0, 1]
    assert mean[10.0, 30] > mean[3.0, 30] > mean[0.0, 30] > mean[0.0, 1]
    forgy = repeatability.repeated_runs(SEPARATED, rng(1), 8, 1, random_points)["agreement"]
    assert 0.6 < forgy.mean() < 0.85


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_number_is_that_of_scikit_learn():
    x = _data.groups(rng(3), 3, 10.0, 4.0)
    peer = [
        1
        + np.argmin(
            [
                GaussianMixture(k, covariance_type="spherical", n_init=3, random_state=0)
                .fit(one)
                .bic(one)
                for k in range(1, 11)
            ]
        )
        for one in x
    ]
    assert number_of_clusters.chosen_number(rng(4), x, 10).tolist() == peer == [6, 6, 6]


def test_numbers_are_judged_by_the_data():
    separated, none = (number_of_clusters.numbers(cell, rng(), 12) for cell in (SEPARATED, NONE))
    assert separated["six"].all()
    assert not separated["one"].any()
    np.testing.assert_allclose(separated["number"], 0.6)
    assert none["one"].mean() > 0.8
    assert not none["six"].any()
    overlapping = number_of_clusters.numbers(OVERLAPPING, rng(), 12)
    assert overlapping["six"].mean() < 0.3
    assert number_of_clusters.wanted(SEPARATED) == 0.9
    assert number_of_clusters.wanted(OVERLAPPING) == 0.8


def test_a_spike_gains_what_theory_says_and_no_more_than_its_floor_allows():
    found = one_point_components.spikes(SEPARATED, rng(), 10)
    assert found["wins"].all()
    assert found["short"].max() < 1e-9
    assert found["gain"].min() > 1
    wide = one_point_components.spikes(SEPARATED, rng(), 10, floor=0.01)
    assert not wide["wins"].any()
    beside = one_point_components.spikes(SEPARATED, rng(), 10, away=0.1)
    np.testing.assert_allclose(beside["short"], 0.1**2 / 2, rtol=1e-3)


def test_the_prediction_of_the_floor_is_met_from_both_sides():
    """The least likely of 300 points under the truth: density about e^-15 to e^-18."""
    for floor, wins in ((2e-4, True), (3e-2, False)):
        found = one_point_components.spikes(SEPARATED, rng(), 10, floor=floor)
        assert (found["wins"] == wins).all()
    assert 2e-4 < theory.spike_floor(-16.0) < 3e-2


def test_groups_are_told_apart_above_the_resolution_alone():
    """Twice the charge is what half as many points in each group would face."""
    double = theory.resolution(theory.MEMBERS // 2) / theory.resolution()
    share = {
        (ratio, charge): resolution.one_close_pair(
            Cell({"ratio": ratio * unit}), rng(), 60, charge
        )["apart"].mean()
        for ratio in (0.5, 0.75, 1.25, 2.0)
        for charge, unit in ((1.0, 1.0), (2.0, double))
    }
    for charge in (1.0, 2.0):
        assert share[0.5, charge] < 0.1
        assert share[0.75, charge] < 0.25
        assert share[1.25, charge] > 0.8
        assert share[2.0, charge] == 1
    half = resolution.one_close_pair(Cell({"ratio": 0.75}), rng(), 60, 0.5)["apart"].mean()
    assert half > share[0.75, 1.0] + 0.3


def test_the_optimum_on_a_line_is_not_beaten():
    cell = Cell({"few": 7})
    found = optimum_on_a_line.on_a_line(cell, rng(), 10)
    assert found["disagreement"].max() < 1e-12
    assert found["beaten"].max() < 1e-12
    assert 0.6 < found["worse"].mean() < 1
    single = optimum_on_a_line.on_a_line(cell, rng(), 10, single=True)
    assert single["disagreement"].max() > 0.01
    assert single["beaten"].max() > 0.01
    # The cost of a single start is no optimum, so that fewer starts are worse than it.
    assert single["worse"].mean() < found["worse"].mean()


def test_a_partition_is_certified_unless_points_are_exchanged(monkeypatch):
    monkeypatch.setattr(non_sequitur, "LARGE", 120)
    cell = Cell({"n": 120})
    assert non_sequitur.certified(cell, rng(), 2)["gap"].max() < 1e-6
    assert non_sequitur.certified(cell, rng(), 2, exchange=True)["gap"].min() > 1e-3


def test_every_partition_counts(monkeypatch):
    cell = Cell({"few": 6})
    found = non_sequitur.solved(cell, rng(), 5)
    assert found["solved"].all()
    assert not found["missed"].any()
    monkeypatch.setattr(non_sequitur, "set_partitions", lambda n, k: set_partitions(n, k)[1:])
    short = non_sequitur.solved(cell, rng(), 5)
    assert (short["missed"] == 1).all()
    assert not short["solved"].any()
    monkeypatch.setattr(non_sequitur, "set_partitions", set_partitions)
    monkeypatch.setattr(non_sequitur, "cheapest_partition", lambda x, k: (None, 100.0))
    assert not non_sequitur.solved(cell, rng(), 5)["solved"].any()
