"""One expert split into two: the law of a pair's separation, and gate slopes that cancel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import scipy

if TYPE_CHECKING:
    import sympy


def half_normal_quantile(q: float, sigma: float, n: int) -> float:
    """Return the q-quantile (q > 1/2) of the split t when sqrt(n) kappa/sigma -> max(0, Z).

    ``(z_q sigma / sqrt n)^(1/4)`` with t = kappa^(1/4): the rate n^(-1/8).
    """
    if not 0.5 < q < 1:
        raise ValueError(f"q is {q}: half of the mass sits at t = 0, take 1/2 < q < 1")
    return float((scipy.special.ndtri(q) * sigma / math.sqrt(n)) ** 0.25)


def cosh_identity(k_doubled: int) -> sympy.Expr:
    """Return p_{G_t} - p_G for two true experts of which `k_doubled` are split b1 +- t.

    Each split atom has half the weight. With both split the numerators and the denominator are
    multiplied by cosh(tx) alike and the difference vanishes; with one split it does not.
    """
    import sympy

    x, t, w1, w2 = sympy.symbols("x t w1 w2", positive=True)
    f1, f2 = sympy.symbols("f1 f2", positive=True)
    half = (sympy.exp(t * x) + sympy.exp(-t * x)) / 2
    split = [half if j < k_doubled else sympy.S.One for j in range(2)]
    e1, e2 = w1 * split[0], w2 * split[1]
    return (e1 * f1 + e2 * f2) / (e1 + e2) - (w1 * f1 + w2 * f2) / (w1 + w2)
