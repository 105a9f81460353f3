"""The experiments of Adapt-infinity: budgets, selectors, pruning and grounding."""

import numpy as np
import pytest
from refutable.simulations.selection.adapt_inf import (
    budgets,
    deduplication,
    image_grounding,
    scorer_choice,
)
from refutable.solvers.deduplication import column_maxima, keep_extreme_maxima
from refutable.theory.selection import adapt_inf as theory

from refutable import Cell

DEDUP = Cell({"n": 80, "keep": 24, "centres": 8})


def rng():
    return np.random.default_rng(0)


def test_cases_are_in_range():
    sizes, budget = budgets.budget_cases(rng(), 500)
    assert ((sizes > 0).sum(axis=1) >= 2).all()
    assert sizes.max() <= budgets.LARGEST
    assert ((budget >= 1) & (budget < sizes.sum(axis=1))).all()


def test_budgets():
    columns = budgets.budgets(Cell({}), rng(), 500)
    assert columns["gap"].max() < 1e-12
    assert columns["overshoot"].min() >= 0
    assert columns["overshoot"].max() > budgets.MOST_CLUSTERS
    once = budgets.budgets(Cell({}), rng(), 500, budgets.handed_on_once)
    assert once["gap"].min() < 1e-12 < 1e-3 < once["gap"].max()
    # Of 12 among clusters of 1, 3 and 20: 4 each, and the third takes the 3 + 1 that are left.
    sizes, budget = np.array([[1, 3, 20, 0], [1, 5, 20, 0]]), np.array([12, 15])
    shares = budgets.handed_on_once(sizes, budget)
    # Of 15 among 1, 5 and 20: 5 each, and 4 left; the second is full without being small.
    assert shares.tolist() == [[1, 3, 8, 0], [1, 5, 9, 0]]
    assert budgets.rounded_down(Cell({}), rng(), 500)["overshoot"].min() < 0


def test_selectors():
    fixed = scorer_choice.selector(Cell({"span": "standardised"}), rng(), 4)
    assert fixed["spread"].max() < 1e-9
    assert not fixed["winner_changes"].any()
    assert fixed["entropy"] == pytest.approx(theory.normal_histogram_entropy(), abs=0.06)
    released = scorer_choice.selector(Cell({"span": "original"}), rng(), 4)
    assert released["spread"].min() > 5
    assert released["winner_changes"].all()
    twice = scorer_choice.selector(Cell({"span": "original"}), rng(), 4, (1.0, 2.0))
    # Bins of twice the width hold a bit less.
    assert twice["spread"] == pytest.approx(1, abs=0.05)
    assert twice["entropy"] == pytest.approx(theory.normal_histogram_entropy(), abs=0.06)


def test_pruning():
    smallest = deduplication.by_column_maxima(DEDUP, rng(), 6)
    assert smallest["excess"].max() <= 1e-12
    assert smallest["uncovered"].sum() > 0
    both = deduplication.leaders(DEDUP, rng(), 6)
    assert both["excess"].max() <= 1e-12
    assert both["uncovered"].sum() == 0
    assert deduplication.by_column_maxima(DEDUP, rng(), 6, largest=True)["excess"].min() > 0


def test_level_is_the_largest_kept_maximum():
    s = deduplication.similarities(DEDUP, rng(), 1)
    maxima = column_maxima(s)
    kept = keep_extreme_maxima(s, 24)
    assert deduplication.level(s, 24)[0] == maxima[kept].max()


def test_grounding():
    cell = Cell({"images": 5, "texts": 7})
    right = image_grounding.grounding(cell, rng(), 20)
    assert right["gap"].max() < 1e-10
    assert right["model_gap"].max() < 1e-10
    assert right["value"].min() >= 0
    assert image_grounding.grounding(cell, rng(), 20, shuffled=True)["value"].min() < 0
    bare = image_grounding.grounding(cell, rng(), 20, by_length=False)
    assert bare["gap"].min() > 1e-3
    assert bare["model_gap"].min() > 1e-3
    assert (bare["value"] < right["value"]).all()
