"""Two finite laws on the line, a uniform one and two triangles, and their entropic plan."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from refutable.solvers.sinkhorn import EntropicPlan, entropic_plan
from refutable.theory.generative import light_sb as theory

from refutable import FloatArray

STARTS, ENDS = 400, 600
UNIFORM_ON_TRIANGLES = (
    "400 starts evenly on [-1, 1], as many ends on [-1.5, 1.5] as two triangles about -1 and 1 "
    "have of a grid of 600",
    "the true plan is computed by Sinkhorn's scaling",
)


@dataclass(frozen=True)
class FiniteLaws:
    """Points and probabilities of both ends; `spacing` of the second makes masses densities."""

    x0: FloatArray
    x1: FloatArray
    p0: FloatArray
    p1: FloatArray
    spacing: float

    def plan(self, epsilon: float, sweeps: int = 10_000) -> EntropicPlan:
        """Return the entropic plan; the kernel exp(x0 x1 / eps) is that of half the square."""
        return entropic_plan(self.x0 * self.x1.T / epsilon, self.p0, self.p1, sweeps=sweeps)

    def least_loss(self, found: EntropicPlan) -> float:
        """Return the loss of the plan's own potential, exp(log_columns) / spacing."""
        log_c = np.log(self.p0) - found.log_rows
        log_v = found.log_columns - np.log(self.spacing)
        return float(self.p0 @ log_c - self.p1 @ log_v)

    def divergence(
        self, found: EntropicPlan, epsilon: float, log_c: FloatArray, log_v: FloatArray
    ) -> FloatArray:
        """Return KL of the plan from ``exp(x0 x1 / eps) v(x1) / c(x0)``, summed over the plan.

        Shapes (..., n) and (..., m) give (...).
        """
        given = np.log(found.plan / self.p0[:, None] / self.spacing)
        own = (found.plan * (given - self.x0 * self.x1.T / epsilon)).sum()
        rows, columns = found.plan.sum(axis=1), found.plan.sum(axis=0)
        return np.asarray(own + log_c @ rows - log_v @ columns)


@functools.cache
def finite_laws() -> FiniteLaws:
    """Return the two laws."""
    x0, grid = np.linspace(-1, 1, STARTS), np.linspace(-1.5, 1.5, ENDS)
    heights = theory.two_triangles(grid)
    x1, mass = grid[heights > 0], heights[heights > 0]
    spacing = float(grid[1] - grid[0])
    uniform = np.full(STARTS, 1 / STARTS)
    return FiniteLaws(x0[:, None], x1[:, None], uniform, mass / mass.sum(), spacing)
