"""Likelihoods of conditionals that belong to no single law, in every order."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.marginalization_models._laws import (
    lattice,
    random_laws,
    shaken,
)
from refutable.solvers import marginal_lattice

from refutable import FloatArray

DIMENSION = 6
POSITIVE = 1e-3
"""Of the squared noise: what counts as more than nothing; rounding leaves 2e-10 of it."""


def every_order(
    rng: Generator, size: int, noise: float, only_one: bool
) -> tuple[FloatArray, FloatArray]:
    """Log-likelihoods (size, 720, 64) of shaken conditionals, and the logarithm of the law.

    `only_one`: the noise is on the conditional of the first coordinate at the first partial
    assignment that leaves it open, and nowhere else.
    """
    steps = lattice(DIMENSION, 2)
    law = random_laws(rng, size, 2**DIMENSION)
    exact = marginal_lattice.log_conditionals(marginal_lattice.marginals(law, steps), steps)
    off = noise * rng.standard_normal((*exact.shape[:-1], 1))
    if only_one:
        off[:, 1:] = off[:, :1, 1:] = 0.0
    return marginal_lattice.order_log_likelihoods(shaken(exact, off), steps), np.log(law)
