r"""A temperature in the softmax gate: exact invariance, PDE identities, and the null direction.

Nguyen, Akbarian & Ho, "Is Temperature Sample Efficient for Softmax Gaussian Mixture of Experts?"
(ICML 2024). Logits are :math:`(s(b_1x)+b_0)/\tau` with s the identity (dense-to-sparse gate) or an
activation. If s is homogeneous of degree p, up to an additive constant,
:math:`(b_1,b_0,\tau)\to(r^{1/p}b_1,rb_0,r\tau)` leaves the density unchanged for every r > 0:
nothing on that ray can be estimated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from refutable.theory.experts.softmax_gmoe.atoms import Atoms, atoms
from refutable.theory.experts.softmax_gmoe.losses import voronoi_cells

from refutable import FloatArray, Paper

if TYPE_CHECKING:
    import sympy

PAPER = Paper(
    key="temperature_moe",
    field="experts",
    title="Is Temperature Sample Efficient for Softmax Gaussian Mixture of Experts?",
    authors=("Huy Nguyen", "Pedram Akbarian", "Nhat Ho"),
    year=2024,
    venue="ICML 2024",
    arxiv="2401.13875",
    code=None,
    read=(
        "Abstract and a third-party summary; the body could not be read, so the wording of the "
        "theorems and the losses is recalled."
    ),
    not_checked=(
        "O(1/log n) as a rate: no experiment can tell it from a constant, and on the invariant ray "
        "nothing converges at all.",
        "The paper's own figures: their settings were not to be had.",
    ),
)

TWO_TRUTH = atoms((0.3, 0), (1.2, 0), (-1.5, 1), (0.5, -0.5), np.sqrt((0.3, 0.5)))
"""Truth with two experts; the temperature is given beside it."""
THREE_TRUTH = atoms(
    (0.3, -0.4, 0), (1.2, -0.8, 0), (-1.5, 1, 0.2), (0.5, -0.5, 1.5), np.sqrt((0.3, 0.5, 0.2))
)
"""Truth with three experts."""
DEGREE = {
    "linear": 1, "relu": 1, "square": 2, "cube": 3,
    "linear + 1": 1, "square + 3": 2, "relu - 1": 1,
    "sigmoid": None, "tanh": None, "gelu": None, "softplus": None, "swish": None, "elu": None,
}  # fmt: skip
"""Degree of homogeneity of each activation up to an additive constant, None where it has none.

A constant adds the same to all logits and cancels in the gate."""


def along_ray(truth: Atoms, tau: float, s: float, degree: int = 1) -> tuple[Atoms, float]:
    """Return the parameters and temperature with the same density, s > 0 steps along the ray."""
    if s <= 0:
        raise ValueError(f"s is {s}: the ray is s > 0")
    moved = Atoms(s * truth.b0, s ** (1 / degree) * truth.b1, truth.a, truth.c, truth.v)
    return moved, s * tau


def ray_direction(truth: Atoms, degree: int) -> FloatArray:
    """Return the unit vector of the ray at s = 1 in (b0, b1 of the free experts, log tau).

    (b0_i, b1_i/p) per free expert and then 1, since d(s tau) = tau ds is ds in log tau.
    """
    free = np.stack([truth.b0[:-1], truth.b1[:-1] / degree], axis=1).ravel()
    vector = np.concatenate([free, [1.0]])
    return np.asarray(vector / np.linalg.norm(vector))


def temperature_loss(fitted: Atoms, hot: float, truth: Atoms, tau: float, r: float) -> float:
    r"""Return D_{1,r} of fitted atoms at temperature `hot` against the truth at `tau`.

    :math:`\sum_j\sum_{i\in C_j}e^{b_{0i}/\tau}(|\Delta b_{1i}|^r+|\Delta\tau|^r+|\Delta a_i|^r
    +|\Delta c_i|^r+|\Delta v_i|^r)` plus the errors of the cells' weights; the atoms carry the
    *fitted* weights, as in the parent paper.
    """
    weight, error = np.exp(fitted.b0 / hot), atom_powers(fitted, hot, truth, tau, r)
    near = voronoi_cells(fitted, truth)
    cells = np.bincount(near, weight, minlength=len(truth.b0))
    missing = np.abs(cells - np.exp(truth.b0 / tau)).sum()
    return float((weight * error[np.arange(len(near)), near]).sum() + missing)


def atom_powers(first: Atoms, hot: float, second: Atoms, tau: float, r: float) -> FloatArray:
    """Return |difference|^r summed over (b1, tau, a, c, v), for all pairs of atoms."""
    total = np.full((len(first.b0), len(second.b0)), abs(hot - tau) ** r)
    for name in ("b1", "a", "c", "v"):
        one, other = getattr(first, name), getattr(second, name)
        total += np.abs(one[:, None] - other[None, :]) ** r
    return total


def ray_loss(truth: Atoms, tau: float, s: float, r: float) -> float:
    r"""Return D_{1,r} between the truth and its image on the ray (linear gate).

    :math:`\sum_i e^{b_{0i}/\tau}(|\Delta b_{1i}|^r+|\Delta\tau|^r)`: the weights, slopes,
    intercepts and variances agree.
    """
    moved, hot = along_ray(truth, tau, s)
    error = np.abs(moved.b1 - truth.b1) ** r + abs(hot - tau) ** r
    return float((np.exp(truth.b0 / tau) * error).sum())


def ray_floor(truth: Atoms, tau: float, s: float, r: float) -> float:
    r"""Return a lower bound of the minimax risk in D_{1,r} at every n, from two points of the ray.

    :math:`\sum_j w_jm_j` with :math:`w_j=e^{b_{0j}/\tau}` and
    :math:`m_j=\min\{\tfrac12,2^{-r}\min_{j'}d(\theta_j,\theta'_{j'})\}`, where d is the sum of the
    r-th powers of the differences between an atom of G and one of sG.

    Notes
    -----
    The data have one law under G and sG, so that the risk of an estimate H at the worse of the
    two is at least :math:`\tfrac12E[D(H,G)+D(H,sG)]` (Le Cam at total variation 0). For r > 1 the
    power :math:`|\cdot|^r` has no triangle inequality; convexity gives
    :math:`|x-z|^r\le2^{r-1}(|x-y|^r+|y-z|^r)`. An atom of H with weight u in cell j of G thus adds
    at least :math:`2^{1-r}ud(\theta_j,\theta'_{j'})\ge2um_j` to the sum, whichever its cell j' of
    sG. With :math:`u_j` the fitted weight of cell j and :math:`\delta_j=|u_j-w_j|` its own term
    in D(H, G), the sum is at least
    :math:`\sum_j2m_ju_j+\delta_j\ge\sum_j2m_jw_j+(1-2m_j)\delta_j\ge2\sum_jm_jw_j`.
    Where no m_j is cut off at 1/2 and no other atom is nearer this is :math:`2^{-r}D_{1,r}(G,sG)`,
    which the midpoint of the two attains (`midpoint_risk`). Far along the ray it is not a bound:
    an estimate may give up an expert's weight and pay w_j only.
    """
    moved, hot = along_ray(truth, tau, s)
    nearest = atom_powers(truth, tau, moved, hot, r).min(axis=1)
    return float(np.exp(truth.b0 / tau) @ np.minimum(0.5, nearest / 2**r))


def midpoint_risk(truth: Atoms, tau: float, s: float, r: float) -> float:
    """Return the worse of the losses at G and sG of the estimate halfway between them."""
    moved, hot = along_ray(truth, tau, s)
    half, warm = along_ray(truth, tau, (1 + s) / 2)
    ends = ((truth, tau), (moved, hot))
    return max(temperature_loss(half, warm, end, at, r) for end, at in ends)


def _atom() -> tuple[sympy.Expr, dict[str, sympy.Symbol]]:
    """Return exp(g(b1 x) + b0 over tau) times the normal density, and its symbols."""
    import sympy

    names = ("x", "y", "b0", "b1", "tau", "a", "c", "v")
    symbol = dict(zip(names, sympy.symbols(names, positive=True), strict=True))
    mean = symbol["a"] * symbol["x"] + symbol["c"]
    v = symbol["v"]
    f = sympy.exp(-((symbol["y"] - mean) ** 2) / (2 * v)) / sympy.sqrt(2 * sympy.pi * v)
    return f, symbol


def pde_residuals(activation: str = "linear") -> dict[str, sympy.Expr]:
    """Return left side minus right side of the three identities, divided by the atom u.

    With u = exp((s(b1 x) + b0)/tau) N(y; a x + c, v):
    ``temperature``: du/dtau + (b1 du/db1 + b0 du/db0)/tau;
    ``slope``: d2u/(db1 dc) - (1/tau) du/da;
    ``variance``: du/dv - (1/2) d2u/dc2.

    Parameters
    ----------
    activation : {"linear", "sigmoid", "tanh", "softplus", "swish"}
        Those with a formula that is smooth everywhere.

    Raises
    ------
    ValueError
        If the activation is another one.
    """
    import sympy

    f, s = _atom()
    z = s["b1"] * s["x"]
    active = {
        "linear": z,
        "sigmoid": 1 / (1 + sympy.exp(-z)),
        "tanh": sympy.tanh(z),
        "softplus": sympy.log(1 + sympy.exp(z)),
        "swish": z / (1 + sympy.exp(-z)),
    }
    if activation not in active:
        raise ValueError(f"activation {activation!r} is not one of {sorted(active)}")
    u = sympy.exp((active[activation] + s["b0"]) / s["tau"]) * f
    d = {name: sympy.diff(u, s[name]) for name in ("tau", "b1", "b0", "a", "v", "c")}
    ray = d["tau"] + (s["b1"] * d["b1"] + s["b0"] * d["b0"]) / s["tau"]
    slope = sympy.diff(d["b1"], s["c"]) - d["a"] / s["tau"]
    variance = d["v"] - sympy.diff(d["c"], s["c"]) / 2
    residuals = {"temperature": ray, "slope": slope, "variance": variance}
    return {name: sympy.simplify(value / u) for name, value in residuals.items()}
