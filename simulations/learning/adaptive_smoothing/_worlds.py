"""Exactly smoothed classifiers in a mixture, and their certified and true radii."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.randomized_smoothing import (
    exit_radius,
    interval_probabilities,
    mixed_probabilities,
    quadrant_probabilities,
)
from refutable.theory.learning import adaptive_smoothing as theory

from refutable import Cell

FloatArray = NDArray[np.float64]
Columns = dict[str, FloatArray]
Probabilities = Callable[[FloatArray], FloatArray]

POINTS = 60
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


def _true_radius(world: World, y: NDArray[np.intp], need: float, sigma: float) -> FloatArray:
    """Distance at which h's margin for class y falls to `need`, the least over the rays.

    A wrong class that g is certain of then wins, so this is the mixture's worst case over all g.
    """

    def holds(distance: FloatArray) -> NDArray[np.bool_]:
        h = world.along(distance)
        label = y[:, :, None, None, None]
        own = np.take_along_axis(h, label, axis=-1)[..., 0]
        np.put_along_axis(h, np.broadcast_to(label, (*h.shape[:-1], 1)), -np.inf, axis=-1)
        return np.asarray(own - h.max(axis=-1) > need)

    return exit_radius(holds, LONGEST * sigma, STEP * sigma).min(axis=-1)


def radii(cell: Cell, rng: Generator, size: int) -> Columns:
    """Compare certified radii with true ones, all in units of sigma and capped at 6.

    Returns
    -------
    dict of ndarray, shape (size,)
        Largest differences over 60 points: ``lipschitz_over_smoothing``, ``smoothing_over_true``,
        ``smoothing_over_direct``, ``direct_over_true``; those of two wrong radii,
        ``ignoring_over_true`` (alpha left out) and ``doubled_over_true`` (sigma doubled).
        ``direct_mean``, ``true_mean``: means over the points; ``direct_surplus``: the direct
        radius less the smoothing one, averaged; ``twice_over_direct``: twice the smoothing radius
        less the direct one, averaged (a quotient would be 0/0 where nothing can be certified).
    """
    return _radii(cell, rng, size, cell.alpha)


def radii_with_swapped_weights(cell: Cell, rng: Generator, size: int) -> Columns:
    """`radii` of a mixture whose weights are swapped after certifying it."""
    return _radii(cell, rng, size, 1 - cell.alpha)


def _radii(cell: Cell, rng: Generator, size: int, certified_alpha: float) -> Columns:
    world = WORLDS[cell.world](cell, rng, size)
    h = world.along(np.zeros(1))[:, :, 0, 0]
    y = h.argmax(axis=-1)
    top, other = np.sort(h, axis=-1)[..., ::-1][..., :2].transpose(2, 0, 1)
    true = _true_radius(world, y, float(theory.margin_needed(cell.alpha)), cell.sigma)

    def capped(radius: FloatArray) -> FloatArray:
        return np.minimum(radius / cell.sigma, LONGEST)

    def certified(rule: Callable[..., FloatArray], alpha: float, sigma: float) -> FloatArray:
        return capped(rule(top, other, alpha, sigma))

    lipschitz = certified(theory.lipschitz_radius, certified_alpha, cell.sigma)
    smoothing = certified(theory.smoothing_radius, certified_alpha, cell.sigma)
    direct = certified(theory.direct_radius, certified_alpha, cell.sigma)
    ignoring = certified(theory.smoothing_radius, 1.0, cell.sigma)
    doubled = certified(theory.smoothing_radius, certified_alpha, 2 * cell.sigma)
    actual = capped(true)
    return {
        "lipschitz_over_smoothing": (lipschitz - smoothing).max(axis=1),
        "smoothing_over_true": (smoothing - actual).max(axis=1),
        "smoothing_over_direct": (smoothing - direct).max(axis=1),
        "direct_over_true": (direct - actual).max(axis=1),
        "ignoring_over_true": (ignoring - actual).max(axis=1),
        "doubled_over_true": (doubled - actual).max(axis=1),
        "direct_surplus": (direct - smoothing).mean(axis=1),
        "twice_over_direct": (2 * smoothing - direct).mean(axis=1),
        "direct_mean": direct.mean(axis=1),
        "true_mean": actual.mean(axis=1),
    }


# --- margins ----------------------------------------------------------------------------------

RIGHT_CLEAN, RIGHT_ATTACKED = 0.8, 0.6
"""Accuracies of h on clean and on attacked points."""

DRAWS = 400


def margins(cell: Cell, rng: Generator, size: int) -> Columns:
    """Accuracies of the mixture when correct margins under attack are the larger ones.

    Margins of h are Beta(4, 2) on attacked points that it gets right and Beta(2, 4) on clean ones
    that it gets wrong.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``clean``, ``robust``: measured on 400 points each; ``surplus``: share of h's clean errors
        that are mended, plus share of its robustness that is kept, minus 1.
    """
    return _margins(cell, rng, size, correct=(4, 2), wrong=(2, 4))


def swapped_margins(cell: Cell, rng: Generator, size: int) -> Columns:
    """`margins` with the two laws swapped."""
    return _margins(cell, rng, size, correct=(2, 4), wrong=(4, 2))


def _margins(
    cell: Cell, rng: Generator, size: int, correct: tuple[int, int], wrong: tuple[int, int]
) -> Columns:
    shape = (size, DRAWS)
    # The true class is 0. On clean points g is certain of it, under attack of class 1.
    h_clean = _probabilities(rng, rng.random(shape) < RIGHT_CLEAN, rng.beta(*wrong, shape))
    h_attacked = _probabilities(rng, rng.random(shape) < RIGHT_ATTACKED, rng.beta(*correct, shape))
    clean = _mixture_is_right(cell.alpha, 0, h_clean).mean(axis=1)
    robust = _mixture_is_right(cell.alpha, 1, h_attacked).mean(axis=1)
    mended = (clean - RIGHT_CLEAN) / (1 - RIGHT_CLEAN)
    return {"clean": clean, "robust": robust, "surplus": mended + robust / RIGHT_ATTACKED - 1}


def _probabilities(rng: Generator, right: NDArray[np.bool_], margin: FloatArray) -> FloatArray:
    """Draw probabilities (..., 3) with a given margin between classes 0 and 1.

    Where h is right class 0 leads by the margin; elsewhere class 1 does.
    """
    rest = (1 - margin) / 3 * rng.random(margin.shape)
    runner_up = (1 - margin - rest) / 2
    leader = runner_up + margin
    return np.stack(
        [np.where(right, leader, runner_up), np.where(right, runner_up, leader), rest], axis=-1
    )


def _mixture_is_right(alpha: float, certain: int, h: FloatArray) -> NDArray[np.bool_]:
    mixed = mixed_probabilities(np.eye(h.shape[-1])[certain], h, alpha)
    return np.asarray(mixed.argmax(axis=-1) == 0)
