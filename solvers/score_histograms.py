"""Entropy of a standardised score's histogram, with two choices of the range of the bins."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    one_of,
    positive,
    whole_number,
)

Span = Literal["standardised", "original"]


def _counts(values: Floats, edges: Floats) -> Floats:
    # Bins are open on the left, closed on the right; values outside the edges are dropped.
    place = np.searchsorted(edges, values, side="left")
    counts = np.bincount(place, minlength=len(edges) + 1)[1 : len(edges)]
    return counts.astype(np.float64)


def _entropy(counts: Floats) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def histogram_entropies(
    scores: ArrayLike, edges: int = 50, reach: float = 4.0, span: Span = "standardised"
) -> Floats:
    """Entropy in bits of the histogram of each row of scores, after standardising the row.

    Parameters
    ----------
    scores : array, shape (rows, n)
        Raw scores with some spread in every row.
    edges : int, optional
        Number of equally spaced bin edges (one more than the number of bins).
    reach : float, optional
        The bins end at this many standard deviations on either side.
    span : {"standardised", "original"}, optional
        Standard deviation that sets the bin range: 1 (that of the standardised score), or the one
        of the raw score, which makes the result depend on the score's unit.

    Returns
    -------
    entropies : array, shape (rows,)
        0 where every score falls outside the bins.

    Raises
    ------
    ValueError
        If a row is constant or an argument is out of range.
    """
    values = finite_array("scores", scores, ndim=2)
    edges = whole_number("edges", edges, 2)
    positive("reach", reach)
    deviation = values.std(axis=1)
    if (deviation == 0).any():
        raise ValueError("scores has a constant row, which has no spread: remove it")
    one_of("span", span, get_args(Span))
    standardised = (values - values.mean(axis=1, keepdims=True)) / deviation[:, None]
    ends = deviation if span == "original" else np.ones_like(deviation)
    grids = (np.linspace(-reach * end, reach * end, edges) for end in ends)
    return np.array([_entropy(_counts(z, g)) for z, g in zip(standardised, grids, strict=True)])
