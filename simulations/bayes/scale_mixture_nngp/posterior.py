"""The Bayes posterior as an integral over the scale, and as a ratio of marginal likelihoods."""

from __future__ import annotations

import math

import numpy as np
import scipy
from numpy.random import Generator
from refutable.solvers.student_t_process import InverseGamma, log_marginal_likelihood
from refutable.theory.bayes import scale_mixture_nngp as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

GRID = np.linspace(-16.0, 16.0, 801)
"""Of the logarithm of the squared scale about its mode; the trapezoidal rule is exact to rounding
there, and the tails beyond are below 1e-9 for three degrees of freedom or more."""

TOLERANCE = 1e-8
LAWS = {
    "exact": theory.posterior_law,
    "counted twice": theory.counted_twice,
    "prior's degrees of freedom": theory.readout_law,
}


def densities(
    cell: Cell, rng: Generator, size: int, law: str = "exact", more_rate: float = 0.0
) -> Columns:
    """Compare densities of the posterior by three routes, for random kernels and data.

    Parameters
    ----------
    cell : Cell
        With ``n`` observed values.
    law : {"exact", "counted twice", "prior's degrees of freedom"}
    more_rate : float
        Added to the rate b in the closed form.

    Returns
    -------
    dict of ndarray, shape (size,)
        Relative differences from the closed form: of the ``mixture`` of normal predictives over the
        inverse gamma posterior of the scale; of ``bayes``, prior times likelihood, normalised by
        the same integral without the prediction; of the ``ratio`` of two marginal likelihoods.
    """
    n, columns = int(cell.n), np.empty((3, size))
    for r in range(size):
        factor = rng.standard_normal((n + 1, n + 1))
        kernel = factor @ factor.T / (n + 1) + 0.1 * np.eye(n + 1)
        a, b = rng.uniform(1.0, 3.0, size=2)
        values = np.linalg.cholesky(kernel) @ rng.standard_normal(n + 1)
        said = LAWS[law](kernel, values[:-1], a, b + more_rate)
        log_said = float(said.log_density(values[-1]))
        for k, route in enumerate((_mixture, _bayes, _ratio)):
            columns[k, r] = abs(math.expm1(route(kernel, values, a, b) - log_said))
    return dict(zip(("mixture", "bayes", "ratio"), columns, strict=True))


def _log_scale(s: FloatArray, a: float, b: float) -> FloatArray:
    """Return the log density of ``s = log sigma^2``, sigma^2 being inverse gamma."""
    return np.asarray(a * math.log(b) - math.lgamma(a) - a * s - b * np.exp(-s))


def _log_normal(s: FloatArray, square: float, log_det: float, count: int) -> FloatArray:
    """Return the log density of a normal vector, its quadratic form and log determinant given."""
    return np.asarray(-0.5 * (count * (math.log(2 * math.pi) + s) + log_det + square * np.exp(-s)))


def _integral(logs: FloatArray) -> float:
    return float(scipy.special.logsumexp(logs)) + math.log(GRID[1] - GRID[0])


def _mixture(kernel: FloatArray, values: FloatArray, a: float, b: float) -> float:
    mean, variance, square = theory.conditional(kernel, values[:-1])
    a, b = a + (len(values) - 1) / 2, b + square / 2
    s = GRID + math.log(b / a)
    away = (values[-1] - mean) ** 2 / variance
    return _integral(_log_scale(s, a, b) + _log_normal(s, away, math.log(variance), 1))


def _bayes(kernel: FloatArray, values: FloatArray, a: float, b: float) -> float:
    """No conditional law: two joint ones, each under the prior of the scale."""
    joint = []
    for count in (len(values), len(values) - 1):
        part, y = kernel[:count, :count], values[:count]
        square = float(y @ np.linalg.solve(part, y))
        s = GRID + math.log((b + square / 2) / (a + count / 2))
        log_det = float(np.linalg.slogdet(part)[1])
        joint.append(_integral(_log_scale(s, a, b) + _log_normal(s, square, log_det, count)))
    return joint[0] - joint[1]


def _ratio(kernel: FloatArray, values: FloatArray, a: float, b: float) -> float:
    scale = InverseGamma(a, b)
    whole = log_marginal_likelihood(kernel, values, scale)
    return float(whole - log_marginal_likelihood(kernel[:-1, :-1], values[:-1], scale))


POSTERIOR = Claim(
    id="scale_mixture_nngp.posterior-t-identity",
    title="The posterior is Student, with a degree of freedom more for each value",
    source="the Student likelihood in the released code",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The posterior of a value, given n others and an inverse gamma law of the squared "
    "scale, is t with 2a + n degrees of freedom about the Gaussian's conditional mean, "
    "and its shape is $(2b + y^top K^(-1) y)/(2a + n)$ times the conditional variance.",
    formula="integral N(f_*; m, s^2 C) p(s^2 | y) dif s^2 = "
    "t_(2 a + n)(f_*; m, (2 b + y^T K^(-1) y)/(2 a + n) C)",
    scope=Scope.AS_STATED,
    does_not_show="That ensembles of trained networks have this law: they have not.",
    assumptions=(
        "random positive definite kernels and values, a and b between 1 and 3",
        "relative differences of densities of at most 1e-8",
    ),
    cells=ByEffort(
        smoke=Cells(n=(1, 4)), standard=Cells(n=(1, 4, 12)), full=Cells(n=(1, 2, 4, 8, 12, 24))
    ),
    simulate=densities,
    expect=tuple(Exact(route).at_most(TOLERANCE) for route in ("mixture", "bayes", "ratio")),
    controls=(
        BrokenWorld(
            "n counted twice, as where the notebook draws a sine",
            change={"law": "counted twice"},
            at={"n": 4},
            judged_by="mixture",
        ),
        BrokenWorld(
            "the degrees of freedom and the scale of the prior",
            change={"law": "prior's degrees of freedom"},
            at={"n": 4},
            judged_by="bayes",
        ),
        BrokenWorld("a rate larger by 1e-6", change={"more_rate": 1e-6}, at={"n": 4}),
    ),
    block=50,
    cap=ByEffort(smoke=100, standard=1000, full=10_000),
)
