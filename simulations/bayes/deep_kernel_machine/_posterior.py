"""The posterior of the Gram of one hidden layer, by weighted draws about its mode."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.deep_kernel_machine._objective import (
    FREE,
    INPUTS,
    KERNELS,
    Machine,
    draw_data,
    optimum,
)
from refutable.solvers.laplace_importance import Weighted, student_pairs, weighted
from refutable.solvers.log_cholesky import coordinates, log_jacobian, positive_definite
from refutable.theory.bayes import deep_kernel_machine as theory

from refutable import FloatArray

NOISE = 0.1
PAIRS, FREEDOM = 128, 8.0
"""Draws in opposite pairs; degrees of freedom of their t, for the tails of narrow layers."""
STEP = 1e-4
"""Of differences of gradients: a curvature right to some 1e-4 is enough for a proposal."""

POSTERIOR = (
    "one hidden layer, four inputs, noise variance 0.1; Grams of six Gaussian input features plus "
    "0.1 and of seven outputs plus 0.05, drawn anew for every replicate; N outputs have the "
    "latter's Gram",
    "posterior moments by 256 weighted draws in opposite pairs, the same for every width",
)


def log_posterior(machine: Machine, width: float, x: FloatArray) -> FloatArray:
    """Return the log density of log-Cholesky coordinates of the Gram, up to a constant.

    The prior of the Gram is Wishart with N degrees of freedom and mean K_0. The number of outputs
    is N times their weight.

    Parameters
    ----------
    machine : Machine
        With one hidden layer of weight 1.
    width : float
        N, at least 4.
    x : array, shape (n, 10)
    """
    gram = positive_definite(x)
    layer = machine.kernel.value(gram) + machine.noise * np.eye(INPUTS)
    volume, of_outputs = np.linalg.slogdet(gram)[1], np.linalg.slogdet(layer)[1]
    prior = (width - INPUTS - 1) * volume - width * _traces(machine.first, gram)
    fit = of_outputs + (np.linalg.inv(layer) * machine.target).sum(axis=(-2, -1))
    outputs = width * machine.weights[1]
    return np.asarray(0.5 * prior - 0.5 * outputs * fit + log_jacobian(x))


def _traces(first: FloatArray, gram: FloatArray) -> FloatArray:
    return np.asarray((np.linalg.inv(first) * gram).sum(axis=(-2, -1)))


def curvature(machine: Machine, mode: FloatArray) -> FloatArray:
    """Return the second derivatives of the loss, shape (10, 10), at an optimum: no gradient there.

    From differences of gradients to one side.
    """
    rows = np.stack([machine.loss(mode + s)[1] for s in STEP * np.eye(len(mode))]) / STEP
    return np.asarray((rows + rows.T) / 2.0)


def draw_machine(rng: Generator, kernel: str) -> Machine:
    """Draw data; outputs have the weight of the hidden layer."""
    first, target = draw_data(rng)
    return Machine(first, target, (1.0, 1.0), KERNELS[kernel], NOISE)


def best_gram(machine: Machine) -> FloatArray:
    """Return the coordinates of the optimum, shape (10,), from that of a linear machine on."""
    start = theory.one_layer_optimum(machine.first, machine.target, machine.weights[1])
    return optimum(machine, coordinates(start))[1]


def posteriors(
    rng: Generator,
    machine: Machine,
    best: FloatArray,
    widths: tuple[int, ...],
    share: float = 1.0,
    outputs: int | None = None,
) -> list[Weighted]:
    """Return weighted draws of the Gram's coordinates at every width.

    Parameters
    ----------
    rng : Generator
    machine : Machine
        With as many outputs as features.
    best : array, shape (10,)
        Coordinates of its optimum.
    widths : tuple of int
    share : float
        Outputs to a feature.
    outputs : int, optional
        How many there are, whatever the width.
    """
    points = student_pairs(rng, PAIRS, FREE, FREEDOM)
    about: dict[float, tuple[FloatArray, FloatArray]] = {}
    found = []
    for width in widths:
        weight = share if outputs is None else outputs / width
        model = replace(machine, weights=(1.0, weight))
        if weight not in about:
            mode = best if weight == machine.weights[1] else best_gram(model)
            about[weight] = mode, curvature(model, mode)
        mode, curved = about[weight]
        log_density = functools.partial(log_posterior, model, width)
        found.append(weighted(log_density, mode, width * curved, points, FREEDOM))
    return found
