"""Where on the ray of equal densities a fit under a homogeneous gate ends, and with what error.

The likelihood is constant along the ray, so that the data say nothing of the temperature. A damped
step of Levenberg-Marquardt is the least one in the metric of the information's diagonal: the fit
ends at the point of the ray that is nearest to its start in this metric. At finite n the ray itself
is off by the sampling error of (b0/tau, b1/tau), which adds to the error of b1 and makes it fall a
little at first.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from refutable.simulations.experts._gaussian_moe.efficiency import information
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.solvers.gaussian_moe import Gate, Parameters, fisher_information, quadrature

from refutable import FloatArray

STEPS = np.linspace(-1.2, 1.2, 481)  # of log tau, by 0.005
DRAWS = 4000


def predicted_raw(name: str, noise: FloatArray, gate: FloatArray) -> FloatArray:
    """Return the error of (b1, log tau) at the point of the ray nearest to the start.

    Parameters
    ----------
    name : str
        A world with a homogeneous gate of degree 1.
    noise : ndarray, shape (3, size)
        Of the starts, in (b0, b1, log tau).
    gate : ndarray, shape (2, size)
        (b0/tau, b1/tau) of the ray.
    """
    world, metric = WORLDS[name], np.diag(information(name))[:3]
    b0, b1, tau = world.truth.b0[0], world.truth.b1[0], world.tau
    hot = tau * np.exp(STEPS)[:, None]
    far = (
        metric[0] * (hot * gate[0] - b0 - noise[0]) ** 2
        + metric[1] * (hot * gate[1] - b1 - noise[1]) ** 2
        + metric[2] * (STEPS[:, None] - noise[2]) ** 2
    )
    step = STEPS[far.argmin(axis=0)]
    return np.asarray(np.hypot(tau * np.exp(step) * gate[1] - b1, step))


def cooled(p: Parameters) -> Parameters:
    """Divide the gate by the temperature (homogeneous of degree 1)."""
    hot = p.tau[..., None]
    return Parameters(p.b0 / hot, p.b1 / hot[..., None], p.a, p.c, p.v, np.ones_like(p.tau))


@lru_cache(maxsize=4)
def cold(name: str) -> tuple[Parameters, FloatArray]:
    """Return the truth at temperature 1 and its information with the temperature known."""
    world = WORLDS[name]
    truth, gate = cooled(world.parameters), Gate(world.gate.activation)
    return truth, fisher_information(truth, gate, quadrature(truth, gate, world.pieces, 200, 60))


def cold_gate(name: str, rng: Generator, size: int, n: int) -> FloatArray:
    """Return draws of the fitted (b0/tau, b1/tau) from their limit law at n, shape (2, size)."""
    truth, metric = cold(name)
    root = np.linalg.cholesky(np.linalg.inv(metric)[:2, :2] / n)
    centre = np.array([truth.b0[0], truth.b1[0, 0]])
    return np.asarray(centre[:, None] + root @ rng.standard_normal((2, size)))


@lru_cache(maxsize=8)
def predicted_slope(name: str, sizes: tuple[int, ...], spread: float) -> float:
    """Return the median slope of log error in log n, from starts off by `spread`."""
    rng = np.random.default_rng(41)
    noise = spread * rng.standard_normal((3, DRAWS))
    log_error = [np.log(predicted_raw(name, noise, cold_gate(name, rng, DRAWS, n))) for n in sizes]
    u = np.log(sizes) - np.log(sizes).mean()
    return float(np.median(u @ np.stack(log_error) / (u @ u)))
