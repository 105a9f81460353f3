"""The distance of a task from the centre of the prior, averaged over the prior's own law."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.gaussian_mixture import sample_wishart
from refutable.theory.bayes import niw_meta as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Mean,
    Origin,
    Scope,
)

TOGETHER = 25
"""Draws of (mu, Sigma) to a replicate, for one V0, m0 and theta."""


def draw_scales(rng: Generator, size: int, dimension: int) -> FloatArray:
    """Draw matrices ``B B' + I / 2`` with B standard normal, shape (size, d, d)."""
    b = rng.standard_normal((size, dimension, dimension))
    return np.asarray(b @ b.swapaxes(-1, -2) + 0.5 * np.eye(dimension))


def distances(
    cell: Cell, rng: Generator, size: int, inverted: bool = False, still: bool = False
) -> Columns:
    """Squared distance of theta from mu in units of Sigma, over what theory says.

    Parameters
    ----------
    cell : Cell
        With ``d``, ``freedom`` n0, ``kappa`` l0, and ``square``, that of the distance of theta from
        m0 in units of V0.
    inverted : bool
        Say that the mean of the inverse of Sigma is the inverse of its mean.
    still : bool
        Draw mu without a spread of its own.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``relative``: mean over `TOGETHER` draws.
    """
    d, freedom, kappa = int(cell.d), int(cell.freedom), float(cell.kappa)
    root = np.linalg.cholesky(draw_scales(rng, size, d))
    apart = rng.standard_normal((size, d, 1))
    apart *= (cell.square / (apart**2).sum(axis=1, keepdims=True)) ** 0.5
    # Inverses of unit Wishart matrices are inverse-Wishart, and L W^-1 L' has the scale L L'.
    drawn = np.linalg.inv(sample_wishart(rng, size * TOGETHER, freedom, d))
    sigma = root[:, None] @ drawn.reshape(size, TOGETHER, d, d) @ root[:, None].swapaxes(-1, -2)
    z = rng.standard_normal((size, TOGETHER, d, 1)) * (0.0 if still else kappa**-0.5)
    gap = (root @ apart)[:, None] - np.linalg.cholesky(sigma) @ z
    found = (gap * np.linalg.solve(sigma, gap)).sum(axis=(-2, -1)).mean(axis=1)
    counted = freedom - d - 1 if inverted else freedom
    return {"relative": found / theory.expected_distance(cell.square, counted, kappa, d)}


def _variance(cell: Cell) -> float:
    facts = (cell.square, cell.freedom, cell.kappa, cell.d)
    relative = theory.distance_variance(*facts) / theory.expected_distance(*facts) ** 2
    return float(relative) / TOGETHER


SEVEN, SIXTY = ({"d": 3, "freedom": f, "kappa": 4.0, "square": 1.0} for f in (7, 60))

EXPECTED_PRECISION = Claim(
    id="niw_meta.niw-expected-precision",
    title="Under the learned law of the prior a task's distance has a mean in closed form",
    source="the step from the law of the prior to the posterior of a task, derived",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="With Sigma inverse-Wishart (V0, n0) and mu normal about m0 with covariance "
    "Sigma/l0, the squared distance of theta from mu in units of Sigma is $n_0 (theta - "
    "m_0)^top V_0^(-1) (theta - m_0) + d/l_0$ on average, to within 1.5 %.",
    formula="EE (theta - mu)^top Sigma^(-1) (theta - mu) = "
    "n_0 (theta - m_0)^top V_0^(-1) (theta - m_0) + d / l_0",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That the paper's own update uses this number: its formulas were not readable.",
    assumptions=(
        "V0 = B B' + I/2 with B standard normal, and the direction of theta - m0, drawn anew",
    ),
    notes=(
        "The variance of the distance is a closed form, too: $2 n_0 a^2 + 4 n_0 a/l_0 + 2 "
        "d/l_0^2$, a being $(theta - m_0)^top V_0^(-1) (theta - m_0)$. The error probability rests "
        "on it.",
        "The mean of Sigma is V0/(n0 - d - 1): its inverse is another number than the mean of the "
        "inverse, 46 % of it for $n_0 = 7$ and $d = 3$, and 93 % for $n_0 = 60$.",
    ),
    cells=ByEffort(
        smoke=Cells(d=(3,), freedom=(7, 60), kappa=(4.0,), square=(1.0,)),
        standard=Cells(d=(2, 3, 5), freedom=(7, 60), kappa=(1.0, 4.0), square=(1.0,)),
        full=Cells(d=(1, 3, 5), freedom=(7, 20, 60), kappa=(0.25, 1.0, 4.0), square=(0.25, 1.0)),
    ),
    simulate=distances,
    expect=(Mean("relative", variance_at_most=_variance).near(1.0, 0.015),),
    controls=(
        BrokenWorld(
            "n0 - d - 1 in place of n0, with n0 = 60",
            change={"inverted": True},
            at=SIXTY,
        ),
        BrokenWorld(
            "a mu without a spread of its own",
            change={"still": True},
            at=SEVEN,
        ),
    ),
    block=256,
    cap=ByEffort(smoke=16_384, standard=24_576, full=49_152),
    figure=Axis(x="freedom", label="degrees of freedom", log=True),
)
