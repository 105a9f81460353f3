"""Whether the largest of logits plus Gumbel noise falls as softmax says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.solvers.gumbel_softmax import choose
from refutable.theory.compression import mcquic as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    FloatArray,
    Mean,
    Origin,
    Scope,
)
from refutable.claims.expectations import Expectation

LOGITS = np.array([1.0, 0.0, -1.0, 0.5])
DRAWS = 1000
"""Choices of one replicate."""
MARGIN = 0.005

Noise = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]


def gumbel(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw standard Gumbel noise."""
    return rng.gumbel(size=shape)


def larger_gumbel(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw Gumbel noise that is too large by a twentieth."""
    return 1.05 * rng.gumbel(size=shape)


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Draw Gaussian noise of the variance of Gumbel noise, pi^2 / 6."""
    return np.asarray(np.pi / np.sqrt(6) * rng.standard_normal(shape))


def choices(cell: Cell, rng: np.random.Generator, size: int, noise: Noise = gumbel) -> Columns:
    """Shares (size,) of each choice among 1000."""
    del cell
    perturbed = LOGITS + noise(rng, (size, DRAWS, len(LOGITS)))
    chosen, _ = choose(perturbed, 1.0)
    return {f"share_{i}": (chosen == i).mean(axis=1) for i in range(len(LOGITS))}


def share(i: int) -> Expectation:
    """Expect softmax within the margin; a share of independent events has p (1 - p) <= 1/4."""
    value = float(theory.softmax(LOGITS)[i])
    return Mean(f"share_{i}", variance_at_most=1 / (4 * DRAWS)).near(value, MARGIN)


ARGMAX = Claim(
    id="mcquic.gumbel-argmax-exact",
    title="The largest of logits plus Gumbel noise falls as softmax says",
    source="The released quantiser: hard Gumbel-softmax; classical identity",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The place of the largest of logits plus independent Gumbel noise is distributed as "
    "the softmax of the logits, each probability to 0.005.",
    formula="PP(arg max_j (l_j + G_j) = i) = e^(l_i) / (sum_j e^(l_j))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The released quantiser on its own logits.",
    assumptions=("logits 1, 0, -1, 0.5", "standard Gumbel noise, independent"),
    simulate=choices,
    expect=tuple(share(i) for i in range(len(LOGITS))),
    controls=(
        BrokenWorld("Gaussian noise of the same variance", change={"noise": normal}),
        BrokenWorld("Gumbel noise too large by a twentieth", change={"noise": larger_gumbel}),
    ),
    block=128,
    cap=ByEffort(smoke=2048, standard=8192, full=32_768),
)
