r"""Variational Bayes for noise whose law is a mixture of zero-mean Gaussians.

:math:`y_i\sim\sum_k\pi_k N(0,1/\tau_k)` with :math:`\pi\sim\mathrm{Dirichlet}(c)` and
:math:`\tau_k\sim\mathrm{Gamma}(a,b)` (shape, rate). The posterior is approximated by
:math:`q(z)q(\pi)\prod_kq(\tau_k)`, one factor after another being set to its optimum given the
others (Attias 2000; Bishop 2006, section 10.2, of which this is the case of known means).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    one_of,
    positive,
    positive_array,
    probabilities,
    refuse,
    whole_number,
)

Expectation = Literal["logarithm", "plug-in"]


@dataclass(frozen=True)
class ScalePrior:
    """Prior of the weights and of the precisions, the same for every component.

    Parameters
    ----------
    concentration : float
        Of the Dirichlet law, positive.
    shape, rate : float
        Of the Gamma law, positive.
    """

    concentration: float = 1.0
    shape: float = 1.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        for name in ("concentration", "shape", "rate"):
            positive(name, getattr(self, name))


FLAT = ScalePrior()


@dataclass(frozen=True)
class ScalePosterior:
    """The factors of the approximation.

    Attributes
    ----------
    responsibilities : array, shape (..., n, K)
        q(z), rows sum to 1.
    concentration, shape, rate : array, shape (..., K)
        Of the Dirichlet law of the weights and of the Gamma laws of the precisions.
    """

    responsibilities: Floats
    concentration: Floats
    shape: Floats
    rate: Floats

    @property
    def weights(self) -> Floats:
        """Mean weights, shape (..., K)."""
        return np.asarray(self.concentration / self.concentration.sum(axis=-1, keepdims=True))

    @property
    def deviations(self) -> Floats:
        """Standard deviations at the mean precisions, shape (..., K)."""
        return np.asarray(np.sqrt(self.rate / self.shape))


@dataclass(frozen=True)
class ScaleFit:
    """What the sweeps ended with.

    Attributes
    ----------
    posterior : ScalePosterior
    bounds : array, shape (..., 2 sweeps)
        Evidence lower bound after every update: of the laws of weights and precisions, then of the
        responsibilities, and so on.
    """

    posterior: ScalePosterior
    bounds: Floats


def gamma_divergence(
    shape: ArrayLike, rate: ArrayLike, prior_shape: ArrayLike, prior_rate: ArrayLike
) -> Floats:
    """Return KL(Gamma(shape, rate) | Gamma(prior_shape, prior_rate)).

    Parameters
    ----------
    shape, rate, prior_shape, prior_rate : array_like
        Positive, of shapes that broadcast.
    """
    given = {"shape": shape, "rate": rate, "prior_shape": prior_shape, "prior_rate": prior_rate}
    a, b, a0, b0 = (positive_array(name, value) for name, value in given.items())
    if _together(a, b, a0, b0) is None:
        refuse("shape", a, "a shape that broadcasts with those of the other arguments")
    special = scipy.special
    value = (a - a0) * special.digamma(a) - special.gammaln(a) + special.gammaln(a0)
    return np.asarray(value + a0 * (np.log(b) - np.log(b0)) + a * (b0 / b - 1))


def dirichlet_divergence(concentration: ArrayLike, prior: ArrayLike) -> Floats:
    """Return KL(Dirichlet(concentration) | Dirichlet(prior)).

    Parameters
    ----------
    concentration : array_like, shape (..., K)
        Positive.
    prior : array_like
        Positive, of a shape that broadcasts to that of `concentration`.

    Returns
    -------
    array, shape (...)
    """
    a = positive_array("concentration", concentration)
    if a.ndim == 0:
        refuse("concentration", a, "one number for every component")
    b = positive_array("prior", prior)
    if _together(a, b) != a.shape:
        refuse("prior", b, f"a shape that broadcasts to {a.shape}")
    b = np.broadcast_to(b, a.shape)
    norms = _log_beta(b) - _log_beta(a)
    return np.asarray(norms + ((a - b) * _mean_log_weights(a)).sum(axis=-1))


def weights_and_scales(
    y: ArrayLike, responsibilities: ArrayLike, prior: ScalePrior = FLAT
) -> ScalePosterior:
    """Set the laws of weights and precisions to their optimum given the responsibilities.

    Parameters
    ----------
    y : array_like, shape (..., n)
    responsibilities : array_like, shape (..., n, K)
        Rows sum to 1.
    prior : ScalePrior
    """
    values, shares = _data(y, responsibilities, "responsibilities")
    return _upright(_conjugate(values**2, shares, prior))


def evidence_bound(y: ArrayLike, posterior: ScalePosterior, prior: ScalePrior = FLAT) -> Floats:
    """Return the evidence lower bound, shape (...), of any factors, optimal or not.

    Parameters
    ----------
    y : array_like, shape (..., n)
    posterior : ScalePosterior
    prior : ScalePrior
    """
    values, shares = _data(y, posterior.responsibilities, "posterior")
    log_rho = _log_rho(values**2, posterior, "logarithm")
    return _bound(log_rho, shares, _divergence(posterior, prior))


def fit_scales(
    y: ArrayLike,
    start: ArrayLike,
    sweeps: int,
    prior: ScalePrior = FLAT,
    expectation: Expectation = "logarithm",
) -> ScaleFit:
    """Update all factors `sweeps` times.

    Parameters
    ----------
    y : array_like, shape (..., n)
    start : array_like, shape (..., n, K)
        Responsibilities to begin with; rows sum to 1. Equal rows are a saddle point.
    sweeps : int
        At least 1.
    prior : ScalePrior
    expectation : {"logarithm", "plug-in"}
        Responsibilities from the means of log tau and log pi, as the optimum has it, or from the
        logarithms of the means of tau and pi, as a short cut that may lower the bound.
    """
    values, shares = _data(y, start, "start")
    how = one_of("expectation", expectation, get_args(Expectation))
    squares, bounds = values**2, []
    for _ in range(whole_number("sweeps", sweeps)):
        found = _conjugate(squares, shares, prior)
        lost, log_rho = _divergence(found, prior), _log_rho(squares, found, "logarithm")
        bounds.append(_bound(log_rho, shares, lost))
        used = log_rho if how == "logarithm" else _log_rho(squares, found, how)
        shares = np.asarray(scipy.special.softmax(used, axis=-2))
        bounds.append(_bound(log_rho, shares, lost))
    return ScaleFit(_upright(replace(found, responsibilities=shares)), np.stack(bounds, axis=-1))


def _together(*arrays: Floats) -> tuple[int, ...] | None:
    """Return the shape that the arrays broadcast to, None if they do not."""
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        return None


def _data(y: ArrayLike, responsibilities: ArrayLike, name: str) -> tuple[Floats, Floats]:
    """Return what was given, responsibilities as (..., K, n): sums over K are then fast."""
    values = finite_array("y", y, least=1)
    shares = probabilities(name, responsibilities)
    if shares.shape[:-1] != values.shape:
        refuse(name, shares, f"shape {(*values.shape, 'K')}, to go with y")
    return values, np.ascontiguousarray(np.swapaxes(shares, -1, -2))


def _upright(of: ScalePosterior) -> ScalePosterior:
    """Return a posterior with responsibilities (..., K, n) as one with (..., n, K)."""
    return replace(of, responsibilities=np.swapaxes(of.responsibilities, -1, -2))


def _conjugate(squares: Floats, shares: Floats, prior: ScalePrior) -> ScalePosterior:
    counts = shares.sum(axis=-1)
    energy = np.einsum("...kn,...n->...k", shares, squares)
    return ScalePosterior(
        shares,
        prior.concentration + counts,
        prior.shape + counts / 2,
        prior.rate + energy / 2,
    )


def _log_rho(squares: Floats, of: ScalePosterior, how: str) -> Floats:
    """Return log weight + log density of each value, averaged over q, shape (..., K, n)."""
    if how == "logarithm":
        log_weights = _mean_log_weights(of.concentration)
        log_precision = scipy.special.digamma(of.shape) - np.log(of.rate)
    else:
        log_weights, log_precision = np.log(of.weights), np.log(of.shape / of.rate)
    level = log_weights + 0.5 * (log_precision - np.log(2 * np.pi))
    pull = 0.5 * (of.shape / of.rate)
    return np.asarray(level[..., None] - pull[..., None] * squares[..., None, :])


def _bound(log_rho: Floats, shares: Floats, divergence: Floats) -> Floats:
    entropy = scipy.special.entr(shares).sum(axis=(-2, -1))
    return np.asarray((shares * log_rho).sum(axis=(-2, -1)) + entropy - divergence)


def _divergence(of: ScalePosterior, prior: ScalePrior) -> Floats:
    scales = gamma_divergence(of.shape, of.rate, prior.shape, prior.rate).sum(axis=-1)
    return np.asarray(scales + dirichlet_divergence(of.concentration, prior.concentration))


def _mean_log_weights(concentration: Floats) -> Floats:
    total = concentration.sum(axis=-1, keepdims=True)
    return np.asarray(scipy.special.digamma(concentration) - scipy.special.digamma(total))


def _log_beta(concentration: Floats) -> Floats:
    """Return the log normaliser of a Dirichlet law."""
    each = scipy.special.gammaln(concentration).sum(axis=-1)
    return np.asarray(each - scipy.special.gammaln(concentration.sum(axis=-1)))
