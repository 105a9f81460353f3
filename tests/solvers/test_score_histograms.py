"""Histogram entropy against numpy.histogram, and its (non-)invariance."""

from __future__ import annotations

import numpy as np
import pytest
from refutable.solvers.score_histograms import histogram_entropies


def test_against_numpy_histogram() -> None:
    scores = np.random.default_rng(0).normal(3.0, 2.0, (2, 500))
    for row, ours in zip(scores, histogram_entropies(scores), strict=True):
        z = (row - row.mean()) / row.std()
        shares = np.histogram(z, np.linspace(-4, 4, 50))[0] / len(z)
        shares = shares[shares > 0] / shares.sum()
        assert ours == pytest.approx(-(shares * np.log2(shares)).sum())


def test_only_the_standardised_span_is_invariant() -> None:
    scores = np.random.default_rng(1).normal(size=(1, 2000))
    scaled = np.concatenate([scores, 7.0 * scores - 2.0])
    same = histogram_entropies(scaled)
    assert same[0] == pytest.approx(same[1], abs=1e-9)
    moved = histogram_entropies(scaled, span="original")
    assert abs(moved[0] - moved[1]) > 0.5


def test_spans_agree_for_unit_deviation() -> None:
    scores = np.random.default_rng(2).normal(size=(1, 300))
    scores = (scores - scores.mean()) / scores.std()
    np.testing.assert_allclose(
        histogram_entropies(scores), histogram_entropies(scores, span="original"), atol=1e-9
    )


def test_refusals() -> None:
    with pytest.raises(ValueError, match="constant"):
        histogram_entropies(np.ones((1, 5)))
    with pytest.raises(ValueError, match="span"):
        histogram_entropies(np.arange(6.0)[None], span="other")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="edges"):
        histogram_entropies(np.arange(6.0)[None], edges=1)
    with pytest.raises(ValueError, match="scores"):
        histogram_entropies(np.full((1, 3), np.nan))
