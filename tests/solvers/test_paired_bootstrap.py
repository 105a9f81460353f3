"""Maximal F1 against scikit-learn, weights against repeated pairs, the bootstrap's centre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.paired_bootstrap import (
    best_f1,
    f1_at_best_accuracy,
    rank_pairs,
    weighted_best_f1,
)
from sklearn.metrics import f1_score, precision_recall_curve


@st.composite
def scored(draw: st.DrawFn) -> tuple[list[float], list[int]]:
    n = draw(st.integers(1, 30))
    scores = draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))
    labels = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    labels[draw(st.integers(0, n - 1))] = 1
    return [s / 8 for s in scores], labels


@given(scored())
def test_equals_the_precision_recall_curve(case: tuple[list[float], list[int]]) -> None:
    scores, labels = case
    precision, recall, _ = precision_recall_curve(labels, scores)
    with np.errstate(invalid="ignore"):
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    assert best_f1(scores, labels) == pytest.approx(f1.max())


@given(scored(), st.integers(0, 100))
def test_weights_are_repeats(case: tuple[list[float], list[int]], seed: int) -> None:
    scores, labels = np.array(case[0]), np.array(case[1])
    weights = np.random.default_rng(seed).integers(0, 3, len(scores))
    weights[labels.argmax()] += 1
    repeated = best_f1(np.repeat(scores, weights), np.repeat(labels, weights))
    assert weighted_best_f1(rank_pairs(scores, labels), weights) == pytest.approx(repeated)


def test_best_accuracy_threshold() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    scores = labels + rng.normal(size=200)
    accuracy = [((scores >= t) == labels).mean() for t in scores]
    f1 = f1_score(labels, scores >= scores[int(np.argmax(accuracy))])
    assert f1_at_best_accuracy(scores, labels) == pytest.approx(f1)
    assert best_f1(scores, labels) >= f1


@pytest.mark.parametrize(
    ("scores", "labels"),
    [([0.1], [1, 0]), ([0.1, 0.2], [0, 0]), ([0.1, 0.2], [0, 2]), ([np.nan, 0.2], [0, 1])],
)
def test_refusals(scores: list[float], labels: list[int]) -> None:
    with pytest.raises(ValueError, match=r"scores|labels"):
        best_f1(scores, labels)
