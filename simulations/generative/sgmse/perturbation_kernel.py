"""Mean and variance of the forward SDE, against quadrature of their equations."""

from __future__ import annotations

from functools import partial

import numpy as np
import scipy
from refutable.simulations.generative.sgmse._sampler import SDE

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Scope,
    Values,
)

CLEAN, NOISY = 1.3, -0.4
QUADRATURE = 1e-12
"""Of numbers below 0.2 that SciPy integrates to 1e-14 or so."""

NOISE_MATTERS = float(1 / np.sqrt(2 * SDE.log_ratio))


def by_quadrature(
    cell: Cell, noise: float = 1.0, stiffness: float = SDE.stiffness, power: int = 2
) -> Values:
    """Solve the equations of mean and variance at t by their integrals.

    ``m' = gamma (y - m)`` and ``v' = g^2 - 2 gamma v``, so that each is an integral of what comes
    in at s, times what is left of it at t.

    Parameters
    ----------
    noise, stiffness : float
        Factor on g, and gamma.
    power : int
        How often gamma stands in the equation of the variance.
    """

    def left(s: float) -> float:
        return float(np.exp(-stiffness * (cell.t - s)))

    def noise_left(s: float) -> float:
        return left(s) ** power * float(noise * SDE.diffusion(s)) ** 2

    integrate = partial(scipy.integrate.quad, a=0, b=cell.t, epsabs=0, epsrel=1e-13)
    pulled = integrate(lambda s: left(s) * stiffness * NOISY)[0]
    return {"variance": integrate(noise_left)[0], "mean": pulled + left(0) * CLEAN}


def kernel_variance(cell: Cell) -> float:
    """Return sigma(t)^2."""
    return float(SDE.variance(cell.t))


def kernel_mean(cell: Cell) -> float:
    """Return mu(x_0, y, t)."""
    return float(SDE.mean(CLEAN, NOISY, cell.t))


KERNEL = Claim(
    id="sgmse.ouve-perturbation-kernel",
    title="Noise is added to speech as the closed form of the forward process says",
    source="The perturbation kernel, as in the released code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="Given clean speech $x_0$ and a recording y, the forward SDE has at time t the mean "
    "$mu(x_0, y, t)$ and the variance $sigma(t)^2$ of the closed form.",
    formula="mu = e^(-gamma t) x_0 + (1 - e^(-gamma t)) y, quad sigma(t)^2 = "
    "(s_min^2 ((s_max\\/s_min)^(2 t) - e^(-2 gamma t)) L)/(gamma + L)",
    scope=Scope.AS_STATED,
    does_not_show="Anything about the data: the kernel holds for every $x_0$ and y.",
    cells=Cells(t=(0.03, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)),
    compute=by_quadrature,
    expect=(
        Exact("variance").equals(kernel_variance, QUADRATURE),
        Exact("mean").equals(kernel_mean, QUADRATURE),
    ),
    controls=(
        BrokenWorld("no drift", change={"stiffness": 0.0}, at={"t": (0.1, 0.5)}),
        BrokenWorld(
            "the variance forgets at half its rate",
            change={"power": 1},
            at={"t": (0.1, 0.5)},
            judged_by="variance",
        ),
        BrokenWorld(
            "noise without its factor $sqrt(2 L)$",
            change={"noise": NOISE_MATTERS},
            at={"t": (0.1, 0.5)},
            judged_by="variance",
        ),
        BrokenWorld(
            "a stiffness that is larger by one part in a thousand million",
            change={"stiffness": SDE.stiffness * (1 + 1e-9)},
            at={"t": (0.5, 1.0)},
        ),
    ),
    figure=Axis(x="t", label="time t", curve=True),
)
