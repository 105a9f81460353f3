"""The bootstrap of maximal F1 on scores sorted once against scikit-learn, resample by resample."""

import numpy as np
import pytest
from refutable.solvers.paired_bootstrap import rank_pairs, weighted_best_f1
from sklearn.metrics import precision_recall_curve

PAIRS, RESAMPLES = 3000, 40


@pytest.fixture(scope="module")
def case():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, PAIRS)
    scores = labels + rng.normal(size=PAIRS)
    return scores, labels, rng.multinomial(PAIRS, np.full(PAIRS, 1 / PAIRS), size=RESAMPLES)


def ours(scores, labels, weights):
    return weighted_best_f1(rank_pairs(scores, labels), weights)


def peer(scores, labels, weights):
    out = []
    for w in weights:
        precision, recall, _ = precision_recall_curve(labels, scores, sample_weight=w)
        out.append(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300)))
    return np.array(out)


@pytest.mark.benchmark(group="best F1 of 40 resamples of 3000 pairs")
def test_sorted_once(beside, case):
    np.testing.assert_allclose(ours(*case), peer(*case))
    assert beside("scikit-learn, resample by resample", ours, peer, *case) > 2
