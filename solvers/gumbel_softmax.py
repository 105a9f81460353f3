r"""The straight-through gradient of the Gumbel-softmax, its draws and its exact moments.

With Gumbel noise G, the hard choice is ``i = argmax(l + G)`` and the soft one
``y = softmax((l + G) / tau)`` (Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017). Straight
through, a loss sees the hard choice and its gradient g there passes through the soft one:
``y_c (g_c - y . g) / tau`` for logit c.

Moments of it need no draws. Given that the largest perturbed logit is number i and equals u, the
others are independent Gumbel variables t_j cut off at u, and with ``r_j = (u - t_j) / tau``
``y_j = e^(-r_j) / (1 + sum_k e^(-r_k))``. A product of m of them has the denominator to the power
m, which is ``1 / Gamma(m)`` times the integral of ``s^(m-1) e^(-s) prod_j exp(-s e^(-r_j))``: the
integrals over the t_j come apart, and what is left is a quadrature over u and s (trapezoidal,
Gauss-Laguerre).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    positive,
    refuse,
    whole_number,
)

__all__ = ["GradientMoments", "choose", "straight_through", "straight_through_moments"]

Array = NDArray[np.float64]

LAGUERRE = 40
"""Nodes in s: for n <= 8 logits the error is ((n - 1) / (n + 1))^(2 * 40), at most 2e-9."""
PANELS = (0.0, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0)
"""Ends of the Gauss-Legendre panels in r; beyond the last, e^(-r) is 3e-20."""
LEGENDRE = 20
SPACING = 0.25
"""Of the trapezoidal rule in u: a Gumbel density is smooth and dies out at both ends."""
LEFT, RIGHT = 5.0, 35.0
"""Ends in u, below and above the location of the largest: exp(-e^5) and e^(-35) lie beyond."""


def choose(perturbed: ArrayLike, temperature: float) -> tuple[NDArray[np.intp], Array]:
    """Return the hard choices and the soft ones.

    Parameters
    ----------
    perturbed : array_like, shape (..., n)
        Logits plus noise.
    temperature : float
        Above 0.

    Returns
    -------
    hard : ndarray of int, shape (...)
        Place of the largest, the first among equals.
    soft : ndarray, shape (..., n)
        Softmax over the temperature.

    Raises
    ------
    ValueError
        If an argument is malformed.
    """
    noisy, tau = finite_array("perturbed", perturbed, least=1), positive("temperature", temperature)
    soft = np.exp((noisy - noisy.max(axis=-1, keepdims=True)) / tau)
    soft /= soft.sum(axis=-1, keepdims=True)
    return np.asarray(noisy.argmax(axis=-1)), soft


def straight_through(perturbed: ArrayLike, slopes: ArrayLike, temperature: float) -> Array:
    """Return the straight-through gradient in the logits.

    Parameters
    ----------
    perturbed : array_like, shape (..., n)
        Logits plus noise.
    slopes : array_like, shape (n, n)
        Row i is the gradient of the loss at the hard choice i, a vertex of the simplex.
    temperature : float
        Above 0.

    Returns
    -------
    ndarray, shape (..., n)

    Raises
    ------
    ValueError
        If an argument is malformed or the shapes do not go together.
    """
    hard, soft = choose(perturbed, temperature)
    count = soft.shape[-1]
    slope = finite_array("slopes", slopes, shape=(count, count))[hard]
    along = np.einsum("...k,...k->...", soft, slope)
    return np.asarray(soft * (slope - along[..., None]) / temperature)


@dataclass(frozen=True)
class GradientMoments:
    """Mean and variance of the straight-through gradient in one logit."""

    mean: float
    variance: float


def straight_through_moments(
    logits: ArrayLike, slopes: ArrayLike, temperature: float, component: int
) -> GradientMoments:
    """Return mean and variance of one component of the straight-through gradient, by quadrature.

    Parameters
    ----------
    logits : array_like, shape (n,)
        Two to eight, which differ by at most 10.
    slopes : array_like, shape (n, n)
        As for `straight_through`.
    temperature : float
        From 0.001 to 2: relative errors below 1e-8 there.
    component : int
        0 to n - 1.

    Returns
    -------
    GradientMoments

    Raises
    ------
    ValueError
        If an argument is malformed or out of range.
    """
    places = finite_array("logits", logits, ndim=1)
    n, tau = len(places), positive("temperature", temperature)
    if not 2 <= n <= 8 or np.ptp(places) > 10:
        refuse("logits", places, "2 to 8 numbers that differ by at most 10")
    if not 0.001 <= tau <= 2:
        refuse("temperature", temperature, "a number from 0.001 to 2")
    gradients = finite_array("slopes", slopes, shape=(n, n))
    chosen = whole_number("component", component, 0, n - 1)
    apart = gradients[:, [chosen]] - gradients
    first = _expected(places, tau, _forms(apart, chosen, 1)) / tau
    second = _expected(places, tau, _forms(apart, chosen, 2)) / tau**2
    return GradientMoments(first, second - first**2)


Forms = list[Mapping[tuple[int, ...], float]]


def _forms(apart: Array, chosen: int, power: int) -> Forms:
    """Write ``(sum_k y_c y_k (g_c - g_k))^power`` as monomials in y, for each hard choice."""
    n = len(apart)
    forms: Forms = []
    for row in apart:
        form: dict[tuple[int, ...], float] = {}
        for factors in product([k for k in range(n) if k != chosen], repeat=power):
            exponents = np.bincount([chosen] * power + list(factors), minlength=n)
            key = tuple(int(a) for a in exponents)
            form[key] = form.get(key, 0.0) + math.prod(float(row[k]) for k in factors)
        forms.append(form)
    return forms


def _expected(places: Array, tau: float, forms: Forms) -> float:
    """Return ``sum_i E[form_i(y) 1(argmax = i)]``; all monomials have one degree."""
    degree = sum(next(iter(forms[0])))
    top = float(scipy.special.logsumexp(places))
    u = top + np.arange(-LEFT, RIGHT, SPACING)
    s, weights = scipy.special.roots_genlaguerre(LAGUERRE, degree - 1)
    weights = weights / math.gamma(degree)
    inner = _cut_moments(places, tau, degree, u, s)
    total = 0.0
    for i, form in enumerate(forms):
        others = [j for j in range(len(places)) if j != i]
        integrand = np.zeros((len(u), len(s)))
        for exponents, coefficient in form.items():
            if coefficient:
                factors = [inner[exponents[j]][j] for j in others]
                integrand += coefficient * np.prod(factors, axis=0)
        total += SPACING * float(_density(places[i], u) @ integrand @ weights)
    return total


def _cut_moments(places: Array, tau: float, degree: int, u: Array, s: Array) -> list[Array]:
    """Return ``E[e^(-a r_j) exp(-s e^(-r_j)) 1(t_j < u)]`` for a = 0, ..., degree, each (n, u, s).

    Far from u the second factor is 1 and only e^(-a r) makes the integrand die out. So for a = 0
    the integral is taken of what is missing from 1, and the distribution function does the rest.
    """
    nodes, weights = _panels()
    density = _density(places[:, None, None], u[:, None] - tau * nodes) * (tau * weights)
    near = np.exp(-nodes)
    kernel = np.exp(-np.outer(near, s))
    found = [density @ (near[:, None] ** a * kernel) for a in range(1, degree + 1)]
    below = np.exp(-np.exp(places[:, None] - u))[..., None]
    return [below + density @ (kernel - 1.0), *found]


@cache
def _panels() -> tuple[Array, Array]:
    x, w = np.polynomial.legendre.leggauss(LEGENDRE)
    ends = np.array(PANELS)
    half = np.diff(ends)[:, None] / 2
    return ((ends[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel())


def _density(place: ArrayLike, t: Array) -> Array:
    """Return the density of a Gumbel variable at `place`; 0 where the double exponential is."""
    z = np.minimum(np.asarray(place) - t, 700.0)
    return np.asarray(np.exp(z - np.exp(z)))
