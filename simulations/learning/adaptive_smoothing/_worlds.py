"""Exactly smoothed classifiers, seen along rays, and the true radius of their mixtures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.randomized_smoothing import (
    exit_radius,
    interval_probabilities,
    quadrant_probabilities,
)

from refutable import Cell, FloatArray

Probabilities = Callable[[FloatArray], FloatArray]

POINTS = 12
"""Points of one replicate, that is of one set of cut points."""

LONGEST = 6.0
"""End of the scan and cap of every radius, in units of sigma."""

STEP = 0.02
"""Step of the scan, in units of sigma."""

TURNS = 16
"""Directions of the scan in the plane."""


@dataclass(frozen=True)
class World:
    """Smoothed class probabilities around points, along rays.

    Attributes
    ----------
    along : callable
        Maps distances that broadcast with (size, points, rays, 1) to probabilities of shape
        (size, points, rays, r, K) there.
    rays : int
        Directions that are scanned.
    """

    along: Probabilities
    rays: int


def intervals(cell: Cell, rng: Generator, size: int) -> World:
    """Four intervals with random cuts; rays to the left and to the right."""
    cuts = np.sort(rng.uniform(-3, 3, (size, 3)), axis=1)
    x = rng.uniform(-4, 4, (size, POINTS, 1, 1))
    signs = np.array([-1.0, 1.0])[:, None]

    def along(distance: FloatArray) -> FloatArray:
        moved = x + signs * distance
        flat = interval_probabilities(moved.reshape(size, -1), cuts, cell.sigma)
        return flat.reshape(*moved.shape, -1)

    return World(along, 2)


def quadrants(cell: Cell, rng: Generator, size: int) -> World:
    """Four quadrants with a random corner; rays all around."""
    corner = rng.uniform(-1, 1, (size, 2))
    x = rng.uniform(-2, 2, (size, POINTS, 1, 1, 2))
    turn = 2 * np.pi * np.arange(TURNS) / TURNS
    directions = np.stack([np.cos(turn), np.sin(turn)], axis=1)[:, None, :]

    def along(distance: FloatArray) -> FloatArray:
        moved = x + directions * np.asarray(distance)[..., None]
        flat = quadrant_probabilities(moved.reshape(size, -1, 2), corner, cell.sigma)
        return flat.reshape(*moved.shape[:-1], -1)

    return World(along, TURNS)


WORLDS: dict[str, Callable[[Cell, Generator, int], World]] = {
    "intervals": intervals,
    "quadrants": quadrants,
}


def true_radius(world: World, y: NDArray[np.intp], need: float, sigma: float) -> FloatArray:
    """Distance at which h's margin for class y falls to `need`, the least over the rays.

    A wrong class that g is certain of then wins, so this is the mixture's worst case over all g.

    Parameters
    ----------
    y : ndarray, shape (size, points)
        Class that h gives to each point.
    need : float
        Margin at or below which g may decide.

    Returns
    -------
    ndarray, shape (size, points)
        At most 6 sigma, the end of the scan.
    """

    def holds(distance: FloatArray) -> NDArray[np.bool_]:
        h = world.along(distance)
        label = y[:, :, None, None, None]
        own = np.take_along_axis(h, label, axis=-1)[..., 0]
        np.put_along_axis(h, np.broadcast_to(label, (*h.shape[:-1], 1)), -np.inf, axis=-1)
        return np.asarray(own - h.max(axis=-1) > need)

    return np.asarray(exit_radius(holds, LONGEST * sigma, STEP * sigma).min(axis=-1))
