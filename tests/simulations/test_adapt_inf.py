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
    assert budgets.rounded_down(Cell({}), rng(), 500)["overshoot"].min() < 0


def test_selectors():
    fixed = scorer_choice.selector(Cell({"span": "standardised"}), rng(), 4)
    assert fixed["spread"].max() < 1e-9
    assert not fixed["winner_changes"].any()
    assert fixed["entropy"] == pytest.approx(theory.normal_histogram_entropy(), abs=0.06)
    released = scorer_choice.selector(Cell({"span": "original"}), rng(), 4)
    assert released["spread"].min() > 5
    assert released["winner_changes"].all()


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
