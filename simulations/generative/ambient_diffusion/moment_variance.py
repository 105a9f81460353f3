"""How the noise of a denoised moment grows with the noise of the samples."""

from __future__ import annotations

import numpy as np
from refutable.solvers.moment_method import denoised_moments
from refutable.theory.generative.ambient_diffusion.moments import (
    hermite_covariance,
    leading_variance,
)

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    ExactSlope,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

NOISES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
LAWS = {"equal": (0.5, 0.5), "unequal": (0.3, 0.7)}
"""Weights of atoms at -1 and 1."""
_NODES = 24
"""Of the quadrature over the noise, exact to degree 47; squares of the fifth moment have 10."""


def variances(cell: Cell, centred: bool = True) -> Values:
    """Variance of one sample's estimate of the j-th moment at each of `NOISES`, by quadrature.

    Parameters
    ----------
    centred : bool
        Subtract what the noise adds, by Hermite polynomials; plain powers of the sample if False.
    """
    weights = LAWS[str(cell.weights)]
    z, w = np.polynomial.hermite_e.hermegauss(_NODES)
    mass = np.outer(weights, w / w.sum())
    found = []
    for noise in NOISES:
        x = np.array([[-1.0], [1.0]]) + noise * z
        unbiased = denoised_moments(x[..., None], noise, cell.j)[..., -1]
        values = unbiased if centred else x**cell.j
        mean = (mass * values).sum()
        found.append(float((mass * (values - mean) ** 2).sum()))
    exact = [hermite_covariance([-1, 1], weights, noise, cell.j)[-1, -1] for noise in NOISES]
    error = np.abs(np.array(found) / exact - 1).max()
    return {"variance": np.array(found), "error": float(error)}


def _leading(cell: Cell, noises: FloatArray) -> FloatArray:
    return np.array([leading_variance(cell.j, noise) for noise in noises])


def _tenth_less(cell: Cell, noises: FloatArray) -> FloatArray:
    return _leading(cell, noises) * noises**-0.1


MOMENT_VARIANCE = Claim(
    id="ambient_diffusion.moment-variance",
    title="The noise of the j-th moment grows as the power 2j of the noise level",
    source="Derived: why the fine-grained discount is the power 4k - 2",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "The unbiased estimate of the j-th moment from one sample at noise s has the variance j! "
        "$s^(2j)$ up to a share of order $s^(-2)$. The last moment that tells k atoms apart, $j = "
        "2k - 1$, so costs $s^(4k-2)$ noisy samples for a clean one."
    ),
    formula='"Var"(s^j "He"_j (X slash s)) = sum_(a=0)^j binom(j, a)^2 a! s^(2 a) '
    "EE mu^(2 j - 2 a) - (EE mu^j)^2 tilde.op j! s^(2 j)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="A risk. That no other estimate of a moment has a smaller variance.",
    cells=Cells(j=(1, 3, 5), weights=tuple(LAWS)),
    compute=variances,
    expect=(
        Exact("error").at_most(1e-10),
        # what is left at s = 16 is j^2 E mu^2 / (j s^2), below 2 percent
        ExactSlope("variance", NOISES, _leading, start_at=4).near(0.0, 0.03),
        ExactSlope("variance", NOISES, _leading).shown(),
    ),
    controls=(
        FalseTheory(
            "the power 2j - 0.1",
            ExactSlope("variance", NOISES, _tenth_less, start_at=4).near(0.0, 0.03),
        ),
        BrokenWorld("plain powers of the samples", change={"centred": False}, at={"j": (3, 5)}),
    ),
    figure=Axis("s", "noise s"),
)
