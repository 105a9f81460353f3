"""A mixture of Student t laws as the spectrum of Matern functions times cosines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import scipy
from refutable.theory.bayes import gp_hm as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FloatArray,
    Origin,
    Scope,
    Values,
)

LAGS = (0.07, 0.6)
"""In units of the length: where a Matern function has fallen little, and by half."""


def transforms(cell: Cell, mirror: float = 0.5, freedom: float = 0.0) -> Values:
    """How far the transform of the spectrum is from the kernel, as a complex number.

    Parameters
    ----------
    cell : Cell
        With ``nu`` and ``mu``.
    mirror : float
        Share of the component about -mu; the other has the rest.
    freedom : float
        Degrees of freedom too many.
    """
    degrees = theory.matern_freedom(cell.nu) + freedom
    centres, shares = np.array([cell.mu, -cell.mu]), np.array([1 - mirror, mirror])
    signs = np.array([[1.0], [-1.0]])

    def densities(s: float) -> FloatArray:
        """Of the spectrum at s and at -s."""
        return np.asarray(theory.student_spectrum(signs * s - centres, degrees) @ shares)

    lags = np.array(LAGS)
    found = [_transform(densities, lag) for lag in LAGS]
    wanted = theory.matern(lags, cell.nu) * np.cos(2 * np.pi * cell.mu * lags)
    return {"apart": float(np.abs(found - wanted).max())}


def _transform(densities: Callable[[float], FloatArray], lag: float) -> complex:
    """Return the integral of ``S(s) exp(2 pi i s lag)`` over all s, real and imaginary part."""
    real = _half_line(lambda s: float(densities(s).sum()), "cos", lag)
    return complex(real, _half_line(lambda s: float(-np.diff(densities(s))[0]), "sin", lag))


def _half_line(part: Callable[[float], float], wave: Literal["cos", "sin"], lag: float) -> float:
    angular = 2 * np.pi * lag
    return scipy.integrate.quad(
        part, 0, np.inf, weight=wave, wvar=angular, epsabs=1e-10, limlst=200
    )[0]


SPECTRUM = Claim(
    id="gp_hm.student-t-spectrum-is-matern-cosine",
    title="A mirrored Student spectrum belongs to a Matern function times a cosine",
    source="Abstract and released code: a Student t mixture of the spectrum, a kernel with "
    "Matern-5/2 times cosines",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="A Student t law with 2 nu degrees of freedom about mu and its mirror image about "
    "-mu, half and half, have the Matern function of smoothness nu times cos(2 pi mu d) for their "
    "Fourier transform, which is real.",
    formula="integral 1/2 [S_t (s - mu) + S_t (s + mu)] e^(2 pi i s d) dif s = "
    'M_nu (d) cos(2 pi mu d), quad S_t tilde.op t_(2 nu) "of scale" 1/(2 pi l)',
    scope=Scope.AS_STATED,
    does_not_show="That solutions of differential equations have such spectra.",
    cells=Cells(nu=(0.5, 1.5, 2.5), mu=(0.0, 3.0, 15.0)),
    compute=transforms,
    expect=(Exact("apart").at_most(1e-8),),
    controls=(
        BrokenWorld(
            "the mirror image dropped", change={"mirror": 0.0}, at={"nu": 2.5, "mu": (3.0, 15.0)}
        ),
        BrokenWorld(
            "the mirror image a ten-millionth lighter",
            change={"mirror": 0.5 - 5e-8},
            at={"nu": 2.5, "mu": (3.0, 15.0)},
        ),
        BrokenWorld(
            "a millionth of a degree of freedom too many",
            change={"freedom": 1e-6},
            at={"nu": (0.5, 1.5), "mu": 3.0},
        ),
    ),
    notes=(
        "The mirror image is missed in the imaginary part alone: the real part of the transform "
        "of one component is the same, as a Student law is symmetric.",
    ),
    figure=Axis("mu", "frequency μ of the mirrored spectrum"),
)
