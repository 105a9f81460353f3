"""The polynomial system of section 3 (recalled), whose solvability gives the exponents of D_2.

Unknowns for each atom of a cell: p1 (gate slope), p2 (expert slope), p3 (intercept), p4 (variance)
and p5 (root of the weight).
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from refutable import FloatArray

if TYPE_CHECKING:
    import sympy


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
    import sympy

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
    import sympy

    total = sympy.Integer(0)
    for atom, w in enumerate(weight):
        for powers in exponents(l1, l2):
            scale = math.prod(math.factorial(a) for a in powers)
            factors = [p[q][atom] ** a for q, a in enumerate(powers) if a]
            total += w * sympy.Mul(*factors) / scale
    return total


def two_atom_remainder(common_variance: bool = False) -> sympy.Expr:
    """Return what degree 4 leaves for two atoms once degrees 1 to 3 are solved, as a function of w.

    Degrees (2, 0) and (2, 2) force p1 = p2 = 0. With weights w and 1 - w and p3 = -(1-w)s, ws
    (degree 1), degrees 2 and 3 are linear in p4; what is left of degree 4 is s^4 times the result.
    It has no root in 0 < w < 1, hence rbar(2) = 4.

    Parameters
    ----------
    common_variance : bool
        Return instead what degree 3 leaves once degrees 1 and 2 are solved with one p4 for both
        atoms, over s^3: it vanishes at equal weights, so degree 3 is solvable.
    """
    import sympy

    w, s = sympy.symbols("w s", positive=True)
    e, f = sympy.symbols("e f", real=True)
    p = [[sympy.S.Zero] * 2, [sympy.S.Zero] * 2, [-(1 - w) * s, w * s], [e, f]]
    if common_variance:
        p[3] = [e, e]
    last = 3 if common_variance else 4
    low = [equation(0, degree, p, [w, 1 - w]) for degree in range(2, last)]
    solved = sympy.solve(low, [e, f][: len(low)], dict=True)[0]
    return sympy.factor(equation(0, last, p, [w, 1 - w]).subs(solved) / s**last)
