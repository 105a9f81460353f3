"""Two outputs of a network: uncorrelated, and dependent through the scale that they share."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.scale_mixture_nngp._networks import (
    HIDDEN,
    INPUTS,
    architecture,
    scales,
)
from refutable.solvers.finite_networks import features
from refutable.theory.bayes import scale_mixture_nngp as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Mean,
    Origin,
    Scope,
)

MARGIN = 0.04
WIDTH = 32
SLACK = 1.05
"""By how much more than in the limit outcomes may vary: the kernel of a network of width 32, which
outputs share as well, adds some 0.02 to a variance of 5 to 10."""


def log_squares(
    cell: Cell,
    rng: Generator,
    size: int,
    own_scales: bool = False,
    bolder: float = 1.0,
    alike: float = 0.0,
) -> Columns:
    """Logarithms of two squared outputs at one input, differences of two networks.

    Parameters
    ----------
    cell : Cell
        With ``a``.
    own_scales : bool
        A scale for each output.
    bolder : float
        Factor of a in the correlation that is claimed.
    alike : float
        Correlation of the two outputs' weights.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``low`` and ``high``: ``xy - rho (x^2 + y^2) / 2`` for the differences x and y, rho being
        0.04 below and above the correlation; a mean of 0 says that rho is the correlation.
        ``sign``: the product of the signs of the outputs of a network.
    """
    hidden = features(architecture(), INPUTS[:1], WIDTH, 2 * size, rng)
    weights = rng.standard_normal((2 * size, WIDTH, 2)) / np.sqrt(WIDTH)
    weights[..., 1] = alike * weights[..., 0] + np.sqrt(1 - alike**2) * weights[..., 1]
    f = (hidden @ weights)[:, 0]
    f = f * scales(rng, cell.a, (2 * size, 2) if own_scales else (2 * size, 1))
    logs = np.log(f**2)
    x, y = (logs[:size] - logs[size:]).T / np.sqrt(2)
    rho = theory.log_square_correlation(bolder * cell.a)
    square = (x**2 + y**2) / 2
    return {
        "low": x * y - (rho - MARGIN) * square,
        "high": x * y - (rho + MARGIN) * square,
        "sign": np.sign(f[:size].prod(axis=1)),
    }


def _low(cell: Cell) -> float:
    rho = theory.log_square_correlation(cell.a) - MARGIN
    return SLACK * theory.contrast_variance(cell.a, rho)


def _high(cell: Cell) -> float:
    rho = theory.log_square_correlation(cell.a) + MARGIN
    return SLACK * theory.contrast_variance(cell.a, rho)


SHARED = Claim(
    id="scale_mixture_nngp.shared-scale-dependence",
    title="Two outputs of a network with a random scale are dependent, though not correlated",
    source="the shared scale of the outputs, worked out",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="At one input the logarithms of two squared outputs have the correlation "
    "psi(a) / (psi(1/2) + psi(a)), psi being the trigamma function, within 0.04; the signs of the "
    "outputs are uncorrelated, within 0.05.",
    formula='"corr"(log f_1^2, log f_2^2) -> (psi_1 (a))/(psi_1 (1/2) + psi_1 (a))',
    scope=Scope.SCALED_DOWN,
    does_not_show="Outputs at different inputs; what the dependence does to a classifier.",
    assumptions=(
        HIDDEN,
        "one hidden layer of 32 erf units; one squared scale for both outputs, inverse gamma",
        "variances are at most 1.05 times those of the limit",
    ),
    cells=ByEffort(
        smoke=Cells(a=(0.5, 2.0)),
        standard=Cells(a=(0.5, 1.0, 2.0)),
        full=Cells(a=(0.5, 1.0, 2.0, 4.0)),
    ),
    simulate=log_squares,
    expect=(
        Mean("low", variance_at_most=_low).at_least(0.0),
        Mean("high", variance_at_most=_high).at_most(0.0),
        Mean("sign", bounds=(-1.0, 1.0)).near(0.0, 0.05),
    ),
    controls=(
        BrokenWorld(
            "a scale of its own for each output",
            change={"own_scales": True},
            at={"a": 2.0},
            judged_by="low",
        ),
        BrokenWorld(
            "an a larger by half in the formula",
            change={"bolder": 1.5},
            at={"a": (0.5, 1.0)},
            judged_by="high",
        ),
        BrokenWorld(
            "readouts with a correlation of 0.15",
            change={"alike": 0.15},
            at={"a": 2.0},
            judged_by="sign",
        ),
    ),
    block=1024,
    cap=ByEffort(smoke=65_536, standard=131_072, full=262_144),
    figure=Axis(x="a", label="shape a of the inverse gamma law", log=True),
)
