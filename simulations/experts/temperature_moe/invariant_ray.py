"""Whether gate slope and temperature can be told apart along the ray of equal densities.

Minimax lower bound for the dense-to-sparse gate (recalled), and the abstract's O(1/log n). No slope
is fitted to "1/log n": the identity behind it is checked instead.
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import Gate, log_density
from refutable.theory.experts import temperature_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    MendedWorld,
    Origin,
    Scope,
    Values,
    Verdict,
)

TAU = 0.7
POWER = 2.0  # r of the loss D_(1,r)
NEAR = (0.5, 2.0)  # steps at which the floor is not cut off


def ray_change(truth: Atoms, tau: float, s: float, activation: str, off: float = 1.0) -> float:
    """Return the largest relative change of the density on the ray at 20,000 fixed points.

    The temperature is `off` its place on the ray by this factor.
    """
    rng = np.random.default_rng(31)
    x, y = rng.uniform(-2, 2, 20_000), 2 * rng.standard_normal(20_000)
    moved, hot = theory.along_ray(truth, tau, s, theory.DEGREE[activation] or 1)
    gate = Gate(activation)
    base = log_density(parameters(truth, tau), gate, x, y)
    return float(
        np.abs(np.expm1(log_density(parameters(moved, off * hot), gate, x, y) - base)).max()
    )


def ray(cell: Cell, activation: str = "linear", off: float = 1.0) -> Values:
    """Change of the density along the ray, the two-point floor, and the midpoint's risk."""
    s = float(cell.s)
    change = ray_change(theory.TWO_TRUTH, TAU, s, activation, off)
    at = (theory.TWO_TRUTH, TAU, s, POWER)
    loss, midpoint = theory.ray_loss(*at), theory.midpoint_risk(*at)
    # Le Cam's two points bound the risk from below only if the densities agree
    floor = theory.ray_floor(*at) if change < 1e-12 else 0.0
    return {
        "change": change, "loss": loss, "floor": floor, "above": midpoint - floor,
        "of_half": midpoint / (loss / 2),
    }  # fmt: skip


RAY = Claim(
    id="temperature_moe.temperature-ray-floor",
    title="Nothing can be estimated along the ray of equal densities",
    source="Minimax lower bound for the dense-to-sparse gate (recalled); two-point form derived",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "Multiplying b0, b1 and tau by s leaves the density unchanged while the loss $D_(1,r)$ is "
        "positive: the minimax risk is at least a constant, so the recalled bound $c n^(-1/2)$ "
        "holds and is far from tight. Near the truth the constant is D_(1,r)(G, sG) / 2^r, which "
        "the midpoint of the two points attains."
    ),
    formula="p_(s G) = p_G => inf sup EE D_(1,r) >= sum_j w_j min(1/2, 2^(-r) d_j) > 0",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The loss is recalled, and $r = 2$; $w_j$ is the weight of atom j and $d_j$ the sum of the "
        "r-th powers of its moves, so that the $w_j d_j$ add up to D_(1,r)(G, sG). Far along the "
        "ray ($s = 10$) the bound is cut off, because an estimate may give up an expert's weight, "
        "and is not attained. Nothing about (b0/tau, b1/tau) and the experts."
    ),
    cells=Cells(s=(0.5, 2.0, 10.0)),
    compute=ray,
    expect=(
        Exact("change").at_most(1e-12),
        Exact("floor").at_least(0.1),
        Exact("above", s=NEAR).equals(0, tolerance=1e-12),
    ),
    controls=(
        FalseTheory("half of the loss is a floor for $r = 2$", Exact("of_half").at_least(1)),
        BrokenWorld("a sigmoid inside the gate", change={"activation": "sigmoid"}),
        BrokenWorld("the temperature moves a thousandth further", change={"off": 1.001}),
    ),
)

ONE_OVER_LOG = Claim(
    id="temperature_moe.one-over-log-n-attained",
    title="Some estimator of slope and temperature has a logarithmic rate",
    source='Abstract: rates of the original gate "could be as slow as $O(1/log(n))$"',
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="Some estimator of (b1, tau) has a risk that vanishes, at the rate 1/log n.",
    formula="inf sup EE D_(1,r) = O(1 / log(n)) -> 0",
    scope=Scope.SCALED_DOWN,
    does_not_show=(
        "The lower bound itself, which holds. No slope could tell 1/log n from a constant: what is "
        "checked is the floor that a vanishing risk would have to be below."
    ),
    cells=Cells(s=(0.5, 2.0, 10.0)),
    compute=ray,
    expect=(Exact("floor").equals(0),),
    controls=(FalseTheory("the floor is at most 0.2", Exact("floor").at_most(0.2)),),
    positive=(MendedWorld("a sigmoid gate", change={"activation": "sigmoid"}),),
    expected=Verdict.REFUTED,
    why=(
        "(b1, tau) is not identified: two points with equal densities and positive distance bound "
        "the risk from below by a constant at every n. Nothing converges, at no rate."
    ),
)
