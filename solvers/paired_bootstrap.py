"""Maximal F1 over thresholds, and its paired multinomial bootstrap on sorted scores.

F1 at a threshold is ``2 TP / (predicted + positive)``; only the last element of a run of equal
scores is a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Bools,
    Floats,
    Ints,
    bounded_array,
    finite_array,
    flags,
    refuse,
)


@dataclass(frozen=True)
class RankedPairs:
    """Scores in descending order with the ends of their runs of ties.

    Attributes
    ----------
    order : int64 array, shape (n,)
        Indices that sort the scores, highest first.
    ends : int64 array
        Positions, in that order, of the last element of every run of equal scores.
    positive : bool array, shape (n,)
        Labels in the original order.
    """

    order: Ints
    ends: Ints
    positive: Bools


def rank_pairs(scores: ArrayLike, labels: ArrayLike) -> RankedPairs:
    """Sort scores once, for many weighted evaluations.

    Parameters
    ----------
    scores : array, shape (n,)
        Higher means more likely positive.
    labels : array, shape (n,)
        0 or 1, at least one 1.

    Raises
    ------
    ValueError
        If lengths differ, a score is not finite, a label is not 0 or 1, or there is no positive.
    """
    values = finite_array("scores", scores, ndim=1)
    truth = flags("labels", labels, values.shape)
    if not truth.any():
        raise ValueError("labels holds no 1: give at least one positive")
    order = np.argsort(-values, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(values[order]) != 0, True))
    return RankedPairs(order, ends, truth)


def weighted_best_f1(pairs: RankedPairs, weights: ArrayLike) -> Floats:
    """Maximal F1 when pair i counts ``weights[..., i]`` times; (..., n) -> (...,)."""
    given = bounded_array("weights", weights, 0, least=1)
    if given.shape[-1] != len(pairs.order):
        refuse("weights", given, f"the last axis of the {len(pairs.order)} pairs")
    counts = given[..., pairs.order]
    positive = pairs.positive[pairs.order]
    predicted = counts.cumsum(axis=-1)[..., pairs.ends]
    hits = (counts * positive).cumsum(axis=-1)[..., pairs.ends]
    total = (counts * positive).sum(axis=-1)[..., None]
    # Early runs may have no weight in a resample: 0 / total is then rightly 0, and 0 / tiny too.
    return np.asarray((2 * hits / np.maximum(predicted + total, 1e-300)).max(axis=-1))


def best_f1(scores: ArrayLike, labels: ArrayLike) -> float:
    """Maximal F1 over all thresholds; arguments as in `rank_pairs`."""
    pairs = rank_pairs(scores, labels)
    return float(weighted_best_f1(pairs, np.ones(len(pairs.order))))


def f1_at_best_accuracy(scores: ArrayLike, labels: ArrayLike) -> float:
    """F1 at the threshold of highest accuracy, a nearby but different quantity."""
    pairs = rank_pairs(scores, labels)
    positive = pairs.positive[pairs.order]
    hits = positive.cumsum()[pairs.ends]
    predicted = pairs.ends + 1
    correct = hits + (len(positive) - predicted) - (positive.sum() - hits)
    best = int(correct.argmax())
    return float(2 * hits[best] / (predicted[best] + positive.sum()))
