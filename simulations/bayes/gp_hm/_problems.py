"""Problems with two scales, and whether two kernels solve them."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.gp_hm._collocation import Problems, fitted
from refutable.simulations.bayes.gp_hm._family import Kernel

from refutable import Columns, FloatArray

TESTED = np.linspace(0, 1, 300)
ACCURATE, TIMES, TWICE = 1e-4, 30.0, 2.0
STEPS = 24
"""Of Adam, for each cycle: frequencies move by a step size at most, and have as far to go."""

SETTING = (
    "u is sin(2 pi x) + A sin(2 pi f x + phi) on [0, 1], f uniform on 0.6 to 1 times the highest "
    "frequency, A on 0.1 to 0.5, phi on a circle; seen are u at both ends and u'' on an even grid, "
    "with noise of 1e-4 of their size",
    "kernel parameters climb the evidence: Adam on the logarithms of weights and lengths "
    "and on frequencies, which start evenly between 0 and 1.2 times the highest; 24 steps for each "
    "cycle of that, 120 where it is 5",
    "errors are relative, root mean square over 300 points",
)


def draw(rng: Generator, size: int, top: float, points: float) -> tuple[Problems, FloatArray]:
    """Return problems with so many grid points per cycle, and their solutions where tested.

    Returns
    -------
    problems : Problems
    solutions : ndarray, shape (size, 300)
    """
    f, a = rng.uniform(0.6 * top, top, (size, 1)), rng.uniform(0.1, 0.5, (size, 1))
    phase = rng.uniform(0, 2 * np.pi, (size, 1))

    def waves(x: FloatArray, derivatives: int) -> FloatArray:
        """Return u (0) or u'' (2)."""
        slow = (2 * np.pi) ** derivatives * np.sin(2 * np.pi * x)
        fast = (2 * np.pi * f) ** derivatives * a * np.sin(2 * np.pi * f * x + phase)
        return np.asarray((slow + fast) * (-1 if derivatives else 1))

    cells = np.rint(points * f[:, 0]).astype(np.int64)
    places = np.arange(round(points * top) + 1)
    forces = waves(places / cells[:, None], 2) * (places <= cells[:, None])
    return Problems(cells, waves(np.array([0.0, 1.0]), 0), forces), waves(TESTED, 0)


def kernels(top: float, band: float = np.inf) -> tuple[Kernel, Kernel]:
    """Return the mixture of Matern functions times cosines, and one squared exponential.

    The latter starts at ``exp(-s d^2)`` with log s = 4 for a highest frequency of 18, as tried
    before, and with lengths in proportion to the wave length for others.
    """
    mixture = Kernel("matern52", round(1.2 * top), 1.2 * top, band=band * top)
    length = math.exp(-2) / math.sqrt(2) * 18 / top
    return mixture, Kernel("squared_exponential", 1, 0.0, math.log(length))


def errors(kernel: Kernel, problems: Problems, solutions: FloatArray, steps: int) -> FloatArray:
    """Return the relative error of each solution by a fitted kernel, shape (size,)."""
    off = fitted(kernel, problems, steps).solution(TESTED) - solutions
    return np.asarray(np.linalg.norm(off, axis=1) / np.linalg.norm(solutions, axis=1))


def compared(rng: Generator, size: int, top: float, points: float, band: float) -> Columns:
    """Return the errors of both kernels, and the events that are made of them."""
    problems, solutions = draw(rng, size, top, points)
    mixture, plain = kernels(top, band)
    ours, other = (
        errors(kernel, problems, solutions, round(STEPS * top)) for kernel in (mixture, plain)
    )
    return {
        "mixture": ours,
        "plain": other,
        "better": (ours <= ACCURATE) & (other >= TIMES * ours),
        "as accurate": other <= TWICE * ours,
    }
