"""Grids of square tiles for an image: candidates, choice by aspect ratio, and cut objects.

A grid (i, j) has i columns and j rows. The choice follows InternVL's dynamic preprocessing
(arXiv 2404.16821): the candidate whose i/j is closest to the image's width/height.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Bools,
    Floats,
    Ints,
    bounded_array,
    flags,
    generator,
    inside,
    positive_array,
    refuse,
    whole_array,
    whole_number,
)

TILE = 448
"""Side of a tile in pixels (InternVL, arXiv 2404.16821)."""


def candidate_grids(low: int, high: int) -> Ints:
    """All grids with low <= columns * rows <= high by ascending tile count, shape (count, 2)."""
    low = whole_number("low", low)
    high = whole_number("high", high, low)
    sides = np.arange(1, high + 1)
    columns, rows = (side.ravel() for side in np.meshgrid(sides, sides, indexing="ij"))
    tiles = columns * rows
    fits = (tiles >= low) & (tiles <= high)
    pairs = np.stack([columns[fits], rows[fits]], axis=1)
    return np.asarray(pairs[np.argsort(tiles[fits], kind="stable")], dtype=np.int64)


def closest_grids(
    width: ArrayLike, height: ArrayLike, grids: ArrayLike, allowed: ArrayLike | None = None
) -> Ints:
    """Index of the candidate closest in aspect ratio, for each image.

    Parameters
    ----------
    width, height : array, shape (images,)
        In pixels, > 0.
    grids : int array, shape (count, 2)
        Candidates in visiting order; of equally close ones a later replaces an earlier if the image
        area exceeds half of the later grid's area.
    allowed : bool array, shape (images, count), optional
        Which candidates each image may use.

    Returns
    -------
    chosen : int array, shape (images,)
        Index into `grids`, or -1 where no candidate is allowed.
    """
    w = positive_array("width", width, ndim=1)
    h = positive_array("height", height, shape=w.shape)
    pairs = whole_array("grids", grids, 1, ndim=2)
    if pairs.shape[1] != 2:
        refuse("grids", pairs, "shape (count, 2)")
    shape = (len(w), len(pairs))
    usable = np.ones(shape, bool) if allowed is None else flags("allowed", allowed, shape)
    best = np.full(len(w), np.inf)
    chosen = np.full(len(w), -1, dtype=np.int64)
    for index, (columns, rows) in enumerate(pairs):
        gap = np.abs(w / h - columns / rows)
        big = w * h > 0.5 * TILE * TILE * columns * rows
        takes = usable[:, index] & ((gap < best) | ((gap == best) & big))
        chosen = np.where(takes, index, chosen)
        best = np.where(takes, gap, best)
    return chosen


def cut_on_axis(start: ArrayLike, length: float, parts: int) -> Bools:
    """Whether [start, start + length] in [0, 1] has an inner line l/parts strictly inside.

    Parameters
    ----------
    start : array
        Lower ends, in [0, 1 - length].
    length : float
        Relative size of the object, in (0, 1).
    parts : int
        Tiles along the axis.
    """
    low = bounded_array("start", start, 0, 1 - inside("length", length, 0, 1))
    whole_number("parts", parts)
    # The first line after `start` is the one that can lie inside.
    first_line = np.floor(low * parts) + 1
    return np.asarray((first_line < parts) & (first_line < (low + length) * parts))


def random_starts(rng: np.random.Generator, size: int, length: float) -> Floats:
    """Uniform lower ends of objects of relative size `length` inside [0, 1], shape (size,)."""
    inside("length", length, 0, 1)
    draws = generator("rng", rng).random(whole_number("size", size))
    return np.asarray(draws * (1 - length))
