"""At which separation of two atoms the risk is largest."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.ambient_diffusion._moments import cut_loss, draw, gain
from refutable.theory.generative.ambient_diffusion import two_atoms

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Mean,
    Origin,
    Scope,
)

MARGIN = 0.025
"""Of the risk, which is 0.22 at its peak for 3000 samples."""


def separations(cell: Cell, rng: Generator, size: int, assumed: float = 1.0) -> Columns:
    """Loss at the separation ``c n^(-1/6)``, and how much more it is at the peak of the limit.

    Parameters
    ----------
    assumed : float
        What the deviation of the noise, which is 1, is taken for.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``loss`` in [0, 1], ``peak_minus_here`` in [-1, 1].
    """
    sums = draw(rng, size, 1, cell.n)
    left = 1.0 - assumed**2

    def loss(c: float) -> FloatArray:
        e = c * math.pow(cell.n, -two_atoms.EXPONENT)
        moments = sums.moments(e)[:, 0]
        first = moments[:, 0]
        # He_2 and He_3 of the assumed noise are x^2 - a^2 and x^3 - 3 a^2 x
        bias = left * np.stack([0 * first, np.ones(size), 3 * first], axis=-1)
        return cut_loss(moments + bias, e)

    here = loss(float(cell.c))
    return {"loss": here, "peak_minus_here": loss(two_atoms.least_favourable()[0]) - here}


def _separation(cell: Cell) -> float:
    return float(cell.c) * math.pow(cell.n, -two_atoms.EXPONENT)


def _risk(cell: Cell) -> float:
    return two_atoms.risk(float(cell.n), _separation(cell))


def _limit(cell: Cell) -> float:
    """Return the risk at the limit of large n."""
    return two_atoms.limit_risk(float(cell.c)) * math.pow(cell.n, -two_atoms.EXPONENT)


LEAST_FAVOURABLE = Claim(
    id="ambient_diffusion.least-favourable-separation",
    title="Two atoms are hardest to tell at a small separation, not where they merge",
    source="Derived: where the supremum of the worst-case rate is taken",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "The mean error at the separation $c n^(-1/6)$ is that of normal moments; it is larger at "
        "the peak of the limit law, $c = 1.02$, than for merged atoms, at half and at twice the "
        "separation. Errors above 1, the radius of the ball, count as 1."
    ),
    formula="EE W_1 (hat(D)_n, D_(c n^(-1 slash 6))) approx n^(-1 slash 6) r(c), quad "
    "max_c r(c) = r(1.02) = 0.81",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Unequal weights, or more atoms. Other estimators.",
    assumptions=(
        "two atoms of equal weight at -e and e on the line, noise of unit deviation",
        "estimated atoms are clipped to [-2, 2]",
    ),
    notes=(
        "At 3000 samples normal moments have the risk 0.034, 0.138, 0.222 and 0.156 at $c = 0$, "
        "0.5, 1 and 2.",
    ),
    cells=ByEffort(
        smoke=Cells(n=(3000,), c=(0.0, 0.5, 1.0, 1.5, 2.0)),
        standard=Cells(n=(3000, 30_000), c=(0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)),
        full=Cells(n=(3000, 30_000), c=(0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)),
    ),
    simulate=separations,
    expect=(
        Mean("loss", bounds=(0.0, 1.0)).near(_risk, MARGIN),
        gain("peak_minus_here", c=(0.0, 0.5, 2.0)).at_least(0.0),
    ),
    controls=(
        FalseTheory(
            "the limit is reached at 3000 samples",
            Mean("loss", bounds=(0.0, 1.0), n=3000, c=2.0).near(_limit, MARGIN),
        ),
        FalseTheory(
            "at twice the separation the risk is a fraction",
            gain("peak_minus_here", n=3000, c=2.0).at_least(0.1),
        ),
        BrokenWorld(
            "the noise is taken for two percent less",
            change={"assumed": 0.98},
            at={"n": 3000, "c": 0.0},
        ),
    ),
    figure=Axis("c", "separation times the sixth root of n"),
    block=64,
    cap=ByEffort(smoke=16_384, standard=16_384, full=32_768),
)
