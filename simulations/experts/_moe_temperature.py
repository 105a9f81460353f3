"""Fits with a free temperature: what moves along the invariant ray, and what does not."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.simulations.experts._gaussian_moe.efficiency import information
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS, World, parameters
from refutable.solvers.gaussian_moe import (
    Fit,
    Gate,
    Layout,
    Parameters,
    cramer_rao,
    fisher_information,
    fit,
    log_density,
    quadrature,
    scalar,
)
from refutable.theory.experts import temperature_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

FloatArray = NDArray[np.float64]
START_NOISE = 0.15


def start_noise(rng: Generator, size: int) -> FloatArray:
    """Return the noise of (b0, b1, log tau) of the starts, shape (3, size)."""
    return START_NOISE * rng.standard_normal((3, size))


def noisy_start(world: World, noise: FloatArray) -> Parameters:
    """Return starts off the truth by `noise` in (b0, b1, log tau)."""
    t, free = world.truth, np.array([1.0, 0.0])
    same = (noise.shape[1], 2)
    return scalar(
        t.b0 + noise[0][:, None] * free, t.b1 + noise[1][:, None] * free,
        np.broadcast_to(t.a, same), np.broadcast_to(t.c, same), np.broadcast_to(t.v, same),
        world.tau * np.exp(noise[2]),
    )  # fmt: skip


def ladder_fits(
    world: World, rng: Generator, size: int, sizes: tuple[int, ...], gate: Gate | None = None
) -> list[Fit]:
    """Return fits at each n of a ladder; a replicate's starts are the same at every n.

    A gate whose temperature is not free starts at the true temperature.
    """
    noise, used = start_noise(rng, size), gate or world.gate
    noise[2] *= float(used.free_temperature)
    start = noisy_start(world, noise)
    return [fit(*world.draw(rng, size, n), start, used) for n in sizes]


def raw_error(world: World, found: Fit) -> FloatArray:
    """Return the norm of the errors of b1 and log tau as they stand, shape (size,)."""
    p = found.parameters
    slope = p.b1[:, 0, 0] - world.truth.b1[0]
    return np.asarray(np.hypot(slope, np.log(p.tau / world.tau)))


def identified_error(name: str, found: Fit) -> FloatArray:
    """Return the root mean squared error of what is identified, each in units of its own bound.

    Under a homogeneous gate that is (b0/tau, b1/tau) and the experts; otherwise everything.
    """
    world, p = WORLDS[name], found.parameters
    if theory.DEGREE[world.gate.activation] is None:
        layout, metric = Layout.of(world.parameters, world.gate), information(name)
        error = layout.pack(p) - layout.pack(world.parameters)
    else:
        truth, metric = _cold(name)
        layout = Layout.of(truth, Gate())
        error = layout.pack(_cooled(p)) - layout.pack(truth)
    return np.asarray(np.sqrt(np.mean((error / cramer_rao(metric)) ** 2, axis=1)))


def _cooled(p: Parameters) -> Parameters:
    """Divide the gate by the temperature (homogeneous of degree 1)."""
    hot = p.tau[..., None]
    return Parameters(p.b0 / hot, p.b1 / hot[..., None], p.a, p.c, p.v, np.ones_like(p.tau))


@lru_cache(maxsize=4)
def _cold(name: str) -> tuple[Parameters, FloatArray]:
    """Return the truth at temperature 1 and its information with the temperature known."""
    world = WORLDS[name]
    truth, gate = _cooled(world.parameters), Gate(world.gate.activation)
    return truth, fisher_information(truth, gate, quadrature(truth, gate, world.pieces, 200, 60))


def ray_change(truth: Atoms, tau: float, s: float, activation: str) -> float:
    """Return the largest relative change of the density on the ray at 20,000 fixed points."""
    rng = np.random.default_rng(31)
    x, y = rng.uniform(-2, 2, 20_000), 2 * rng.standard_normal(20_000)
    moved, hot = theory.along_ray(truth, tau, s, theory.DEGREE[activation] or 1)
    gate = Gate(activation)
    base = log_density(parameters(truth, tau), gate, x, y)
    return float(np.abs(np.expm1(log_density(parameters(moved, hot), gate, x, y) - base)).max())
