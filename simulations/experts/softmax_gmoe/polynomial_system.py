"""Up to which degree the polynomial system of an over-fitted cell is solvable.

Section 3 (recalled): rbar(2) = 4 and rbar(3) = 6, the exponents of D_2.
"""

from __future__ import annotations

import numpy as np
import scipy
from refutable.theory.experts.softmax_gmoe import polynomial_system as theory
from refutable.theory.experts.softmax_gmoe.losses import RBAR

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FloatArray,
    Origin,
    Scope,
    Symbolic,
    Values,
)
from refutable.claims.symbolic import vanishes

LEAST_WEIGHT = 0.15  # keeps every weight away from 0, where the system has trivial solutions


def _weights(logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return weights in [0.15, 1] that sum to 1, and their Jacobian."""
    soft = np.exp(logits - logits.max())
    soft /= soft.sum()
    room = 1 - LEAST_WEIGHT * len(soft)
    return LEAST_WEIGHT + room * soft, room * (np.diag(soft) - np.outer(soft, soft))


def _residual(z: FloatArray, m: int, r: int, scale: FloatArray) -> FloatArray:
    p = z[: 4 * m].reshape(4, m) * scale
    weight, _ = _weights(z[4 * m :])
    return np.append(theory.polynomial_system(p, weight, r), (p[2] ** 2).mean() - 1)


def _jacobian(z: FloatArray, m: int, r: int, scale: FloatArray) -> FloatArray:
    p = z[: 4 * m].reshape(4, m) * scale
    weight, by_logit = _weights(z[4 * m :])
    in_p, in_weight = theory.polynomial_jacobian(p, weight, r)
    rows = np.hstack([(in_p * scale).reshape(len(in_p), -1), in_weight @ by_logit])
    last = np.zeros((1, 5 * m))
    last[0, 2 * m : 3 * m] = 2 * p[2] / m
    return np.vstack([rows, last])


def least_cost(m: int, r: int, starts: int, known_variance: bool = False) -> float:
    """Return half the least sum of squares found for m atoms and degree r.

    A cost of rounding size proves a solution; a positive one only says that none was found.

    Parameters
    ----------
    m, r : int
    starts : int
        Standard normal ones.
    known_variance : bool
        Leave out the variance unknown p4.
    """
    rng = np.random.default_rng(1000 * m + r)
    scale = np.ones((4, 1))
    scale[3] = 0.0 if known_variance else 1.0
    best = np.inf
    for start in rng.standard_normal((starts, 5 * m)):
        found = scipy.optimize.least_squares(
            _residual, start, jac=_jacobian, args=(m, r, scale), method="trf",
            xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=3000,
        )  # fmt: skip
        best = min(best, float(found.cost))
    return best


def polynomial_facts(cell: Cell, shift: int = 0) -> Values:
    """Least costs just below and at rbar(m); the exact solution; the exact remainder for m = 2.

    `shift` is added to rbar; one degree lower the remainder is that with a common variance.
    """
    m = int(cell.m)
    r = RBAR[m] + shift
    return {
        "below": least_cost(m, r - 1, int(cell.starts) // 3 + 1),
        "at": least_cost(m, r, int(cell.starts)),
        "hermite": [_hermite_equation(m, pair) for pair in theory.degrees(2 * m - 1 + shift)],
        "roots": _roots_of_the_remainder(common_variance=shift < 0),
    }


def polynomial_without_variance(cell: Cell) -> Values:
    """Search below rbar(m) with the variances known (p4 = 0)."""
    m = int(cell.m)
    return {"below": least_cost(m, RBAR[m] - 1, 3, known_variance=True)}


def _hermite_equation(m: int, pair: tuple[int, int]) -> str:
    import sympy

    nodes, weights = theory.hermite_solution(m)
    p = [[sympy.S.Zero] * m] * 2 + [nodes, [-sympy.Rational(1, 2)] * m]
    return vanishes(theory.equation(*pair, p, weights))


def _roots_of_the_remainder(common_variance: bool = False) -> int:
    import sympy

    remainder = theory.two_atom_remainder(common_variance)
    numerator = sympy.Poly(sympy.numer(sympy.together(remainder)))
    inside = numerator.count_roots(0, 1)  # the ends of [0, 1] count
    ends = sum(numerator.eval(end) == 0 for end in (0, 1))
    return int(inside - ends)


RBAR_POLYNOMIALS = Claim(
    id="softmax_gmoe.rbar-polynomial-system",
    title="Two atoms solve the system up to degree three, three atoms up to five",
    source="Polynomial system of section 3 (recalled); table of exponents in the repository",
    origin=Origin.PRINTED,
    basis=Basis.RECALLED,
    statement=(
        "The polynomial system of an over-fitted cell is solvable up to degree 3 for two atoms and "
        "5 for three, and unsolvable one degree higher: rbar(2) = 4 and rbar(3) = 6."
    ),
    formula=(
        "sum_l p_(5 l)^2 sum_alpha (p_(1 l)^(alpha_1) p_(2 l)^(alpha_2) p_(3 l)^(alpha_3) "
        "p_(4 l)^(alpha_4)) / (alpha_1 ! alpha_2 ! alpha_3 ! alpha_4 !) = 0"
    ),
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "Solvability below rbar is exact (Gauss-Hermite nodes solve it) and so is "
        "unsolvability for two atoms (the remainder has no root). For three atoms unsolvability is "
        "numerical: no start found a solution, which proves nothing."
    ),
    assumptions=("scalar x",),
    cells=ByEffort(
        smoke=Cells(m=(2, 3), starts=(3,)),
        standard=Cells(m=(2, 3), starts=(15,)),
        full=Cells(m=(2, 3), starts=(60,)),
    ),
    compute=polynomial_facts,
    expect=(
        Exact("below").at_most(1e-20),
        Exact("at").at_least(1e-8),
        Symbolic("hermite").holds(),
        Exact("roots", m=2).equals(0),
    ),
    controls=(
        BrokenWorld(
            "rbar is one smaller", change={"shift": -1}, at={"m": 2}, judged_by=("at", "roots")
        ),
        BrokenWorld(
            "rbar is one larger", change={"shift": 1}, at={"m": 2}, judged_by=("below", "hermite")
        ),
        BrokenWorld(
            "the variances are known",
            compute=polynomial_without_variance,
            judged_by="below",
        ),
    ),
)
