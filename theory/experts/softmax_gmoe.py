r"""Softmax gating in a Gaussian mixture of experts: losses, exponents and exact identities.

Nguyen, Nguyen & Ho, "Demystifying Softmax Gating Function in Gaussian Mixture of Experts"
(NeurIPS 2023). The model is

.. math:: p_G(y|x) = \sum_i \frac{\exp(b_{1i}x + b_{0i})}{\sum_l \exp(b_{1l}x + b_{0l})}
          N(y; a_i x + c_i, v_i),

with v the *variance* (the papers write b for the intercept called c here). Everything below is for
a scalar x; parameters are arrays whose last axis runs over the experts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="softmax_gmoe",
    field="experts",
    title="Demystifying Softmax Gating Function in Gaussian Mixture of Experts",
    authors=("Huy Nguyen", "TrungTin Nguyen", "Nhat Ho"),
    year=2023,
    venue="NeurIPS 2023",
    arxiv="2305.03288",
    code="https://github.com/Trung-TinNGUYEN/CRPE-SGaME",
    read=(
        "The authors' repository (losses, exponents, truths, stopping rule and stored results); "
        "the wording of the theorems is recalled, not read."
    ),
    not_checked=(
        "The n^(-1/8) rate of a plain three-expert fit: with free weights half of the fits "
        "collapse and the rate does not show for n up to 100,000; the symmetric split shows it.",
        "Three fitted experts in one cell by maximum likelihood (n^(-1/12)): far beyond any n.",
    ),
)


@dataclass(frozen=True)
class Atoms:
    """Parameters of a mixture of experts with scalar x; arrays of shape (..., k).

    Parameters
    ----------
    b0, b1 : ndarray
        Gate intercept and slope.
    a, c, v : ndarray
        Expert slope, intercept and variance.
    """

    b0: FloatArray
    b1: FloatArray
    a: FloatArray
    c: FloatArray
    v: FloatArray


def atoms(b0: ArrayLike, b1: ArrayLike, a: ArrayLike, c: ArrayLike, sd: ArrayLike) -> Atoms:
    """Return atoms with the standard deviations `sd` of the experts."""
    b0_, b1_, a_, c_, s = (np.asarray(z, dtype=np.float64) for z in (b0, b1, a, c, sd))
    return Atoms(b0_, b1_, a_, c_, s**2)


PAPER_TRUTH = atoms((-8, 0), (25, 0), (-20, 20), (15, -5), (0.3, 0.4))
"""Truth of the paper's experiments; x runs over [0, 1]."""
EASY_TRUTH = atoms((-1, 0), (3, 0), (-1.5, 1), (2, -1), (0.5, 0.7))
"""Truth with overlapping experts for x in [-1, 1]."""

RBAR = {1: 1, 2: 4, 3: 6}
"""Least unsolvable degree of the polynomial system, by the size of a Voronoi cell."""


def voronoi_cells(fitted: Atoms, truth: Atoms) -> NDArray[np.intp]:
    """Return the nearest true atom of each fitted one in (b1, a, c, v), shape (..., k)."""
    return np.asarray(np.argmin(_distances(fitted, truth), axis=-1))


def _pairs(fitted: FloatArray, truth: FloatArray) -> FloatArray:
    return np.asarray(np.abs(fitted[..., :, None] - truth[..., None, :]))


def _distances(fitted: Atoms, truth: Atoms) -> FloatArray:
    pairs = ((fitted.b1, truth.b1), (fitted.a, truth.a), (fitted.c, truth.c), (fitted.v, truth.v))
    return np.asarray(sum(_pairs(f, t) ** 2 for f, t in pairs))


def exact_loss(fitted: Atoms, truth: Atoms) -> FloatArray:
    """Return D_1: weighted absolute errors plus the errors of the cells' weights.

    Parameters
    ----------
    fitted, truth : Atoms
        Last axes k and k*; the same gauge (last gate pinned at 0).

    Returns
    -------
    ndarray, shape (...)
    """
    ones = np.ones(fitted.b0.shape[-1] + 1)
    return _loss(fitted, truth, ones, ones)


def overspecified_loss(fitted: Atoms, truth: Atoms) -> FloatArray:
    """Return D_2: errors in a cell of m > 1 atoms raised to rbar(m) (b1, c) or half of it (a, v).

    Raises
    ------
    ValueError
        If a cell holds more atoms than `RBAR` has exponents for.
    """
    most = int(_sizes(fitted, truth).max())
    if most > max(RBAR):
        raise ValueError(f"a cell holds {most} atoms: rbar is known up to {max(RBAR)}")
    power = np.array([1.0, *(float(RBAR[m]) for m in (1, 2, 3))])
    return _loss(fitted, truth, power, np.array([1.0, 1.0, *(RBAR[m] / 2 for m in (2, 3))]))


def _membership(fitted: Atoms, truth: Atoms) -> NDArray[np.bool_]:
    near = voronoi_cells(fitted, truth)
    return np.asarray(near[..., None] == np.arange(truth.b0.shape[-1]))


def _sizes(fitted: Atoms, truth: Atoms) -> NDArray[np.intp]:
    return np.asarray(_membership(fitted, truth).sum(axis=-2))


def _loss(fitted: Atoms, truth: Atoms, high: FloatArray, low: FloatArray) -> FloatArray:
    """`high` and `low` give the powers of (b1, c) and of (a, v) by the size of the cell."""
    member = _membership(fitted, truth)
    size = member.sum(axis=-2)[..., None, :]
    error = _pairs(fitted.b1, truth.b1) ** high[size] + _pairs(fitted.c, truth.c) ** high[size]
    error = error + _pairs(fitted.a, truth.a) ** low[size] + _pairs(fitted.v, truth.v) ** low[size]
    weight = np.exp(fitted.b0)[..., None] * member
    atoms_part = (weight * error).sum(axis=(-2, -1))
    weights_part = np.abs(weight.sum(axis=-2) - np.exp(truth.b0)).sum(axis=-1)
    return np.asarray(atoms_part + weights_part)


def exact_loss_constant(bound: FloatArray, truth: Atoms) -> float:
    r"""Return C in E[D_1] ~ C/sqrt(n): sqrt(2/pi) times the weighted Cramer-Rao bounds.

    Parameters
    ----------
    bound : ndarray, shape (5, 2)
        Bounds (times sqrt n) of b0, b1, a, c, v for two experts; the pinned gate has bound 0.
    truth : Atoms

    Notes
    -----
    By the delta method the weight e^b0 errs by e^b0 times the error of b0, so that every error of
    an expert carries its weight.
    """
    return float(math.sqrt(2 / math.pi) * (np.exp(truth.b0) * bound).sum())


# The polynomial system of section 3: unknowns p1 (gate slope), p2 (expert slope), p3 (intercept),
# p4 (variance) and p5 (root of the weight) for each atom of a cell.


def degrees(r: int) -> list[tuple[int, int]]:
    """Return the pairs (l1, l2) with 1 <= l1 + l2 <= r, one equation each (d = 1)."""
    pairs = itertools.product(range(r + 1), repeat=2)
    return [(i, j) for i, j in pairs if 1 <= i + j <= r]


def exponents(l1: int, l2: int) -> list[tuple[int, int, int, int]]:
    """Return the (a1, a2, a3, a4) with a1 + a2 = l1 and a2 + a3 + 2 a4 = l2."""
    return [
        (l1 - a2, a2, l2 - a2 - 2 * a4, a4)
        for a2 in range(min(l1, l2) + 1)
        for a4 in range((l2 - a2) // 2 + 1)
    ]


def _term(p: FloatArray, powers: tuple[int, ...]) -> FloatArray:
    """Return prod p_i^a_i / a_i! for each atom; zero where a power is negative."""
    if min(powers) < 0:
        return np.zeros(p.shape[-1])
    scale = math.prod(math.factorial(a) for a in powers)
    return np.asarray(np.prod([q**a for q, a in zip(p, powers, strict=True)], axis=0) / scale)


def polynomial_system(p: FloatArray, weight: FloatArray, r: int) -> FloatArray:
    """Return the left sides of the equations up to degree r.

    Parameters
    ----------
    p : ndarray, shape (4, m)
        p1 to p4 of each atom.
    weight : ndarray, shape (m,)
        p5 squared.
    r : int
    """
    rows = [sum(_term(p, a) for a in exponents(*pair)) for pair in degrees(r)]
    return np.asarray(rows) @ weight


def polynomial_jacobian(p: FloatArray, weight: FloatArray, r: int) -> tuple[FloatArray, FloatArray]:
    """Return the derivatives in p, shape (equations, 4, m), and in the weights (equations, m)."""
    in_p, in_weight = [], []
    for pair in degrees(r):
        table = exponents(*pair)
        in_weight.append(sum(_term(p, a) for a in table))
        lowered = [[tuple(a - (i == q) for i, a in enumerate(row)) for row in table]
                   for q in range(4)]  # fmt: skip
        in_p.append([sum(_term(p, a) for a in rows) * weight for rows in lowered])
    return np.array(in_p), np.array(in_weight)


def hermite_solution(m: int) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    """Return p3 and the weights of an exact solution up to degree 2m - 1 (p4 = -1/2, rest 0).

    The m nodes of Gauss-Hermite quadrature match the moments of a normal law up to degree
    2m - 1, and a variance lowered by as much cancels them: so rbar(m) >= 2m.
    """
    z = sympy.Symbol("z")
    he = sympy.expand(2 ** (-sympy.Rational(m, 2)) * sympy.hermite(m, z / sympy.sqrt(2)))
    roots = sorted(sympy.roots(sympy.Poly(he, z)), key=lambda root: float(root))
    before = sympy.expand(
        2 ** (-sympy.Rational(m - 1, 2)) * sympy.hermite(m - 1, z / sympy.sqrt(2))
    )
    weights = [sympy.factorial(m) / (m * before.subs(z, root)) ** 2 for root in roots]
    return roots, [sympy.simplify(w) for w in weights]


def equation(l1: int, l2: int, p: list[list[sympy.Expr]], weight: list[sympy.Expr]) -> sympy.Expr:
    """Return one equation of the system exactly; `p` lists p1 to p4, each with m entries."""
    total = sympy.Integer(0)
    for atom, w in enumerate(weight):
        for powers in exponents(l1, l2):
            scale = math.prod(math.factorial(a) for a in powers)
            factors = [p[q][atom] ** a for q, a in enumerate(powers) if a]
            total += w * sympy.Mul(*factors) / scale
    return total


def two_atom_remainder() -> sympy.Expr:
    """Return what degree 4 leaves for two atoms once degrees 1 to 3 are solved, as a function of w.

    Degrees (2, 0) and (2, 2) force p1 = p2 = 0. With weights w and 1 - w and p3 = -(1-w)s, ws
    (degree 1), degrees 2 and 3 are linear in p4; what is left of degree 4 is s^4 times the result.
    It has no root in 0 < w < 1, hence rbar(2) = 4.
    """
    w, s = sympy.symbols("w s", positive=True)
    e, f = sympy.symbols("e f", real=True)
    p = [[sympy.S.Zero] * 2, [sympy.S.Zero] * 2, [-(1 - w) * s, w * s], [e, f]]
    low = [equation(0, degree, p, [w, 1 - w]) for degree in (2, 3)]
    solved = sympy.solve(low, [e, f], dict=True)[0]
    return sympy.factor(equation(0, 4, p, [w, 1 - w]).subs(solved) / s**4)


# Split of one expert into a symmetric pair.


def half_normal_quantile(q: float, sigma: float, n: int) -> float:
    """Return the q-quantile (q > 1/2) of the split t when sqrt(n) kappa/sigma -> max(0, Z).

    ``(z_q sigma / sqrt n)^(1/4)`` with t = kappa^(1/4): the rate n^(-1/8).
    """
    if not 0.5 < q < 1:
        raise ValueError(f"q is {q}: half of the mass sits at t = 0, take 1/2 < q < 1")
    return float((ndtri(q) * sigma / math.sqrt(n)) ** 0.25)


def cosh_identity(k_doubled: int) -> sympy.Expr:
    """Return p_{G_t} - p_G for two true experts of which `k_doubled` are split b1 +- t.

    Each split atom has half the weight. With both split the numerators and the denominator are
    multiplied by cosh(tx) alike and the difference vanishes; with one split it does not.
    """
    x, t, w1, w2 = sympy.symbols("x t w1 w2", positive=True)
    f1, f2 = sympy.symbols("f1 f2", positive=True)
    half = (sympy.exp(t * x) + sympy.exp(-t * x)) / 2
    split = [half if j < k_doubled else sympy.S.One for j in range(2)]
    e1, e2 = w1 * split[0], w2 * split[1]
    return (e1 * f1 + e2 * f2) / (e1 + e2) - (w1 * f1 + w2 * f2) / (w1 + w2)
