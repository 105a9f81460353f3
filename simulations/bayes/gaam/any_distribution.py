"""One head of the released block, fitted to a law with two modes."""

from __future__ import annotations

import numpy as np
from refutable.simulations.bayes.gaam._block import head
from refutable.simulations.bayes.gaam._fits import (
    GAUSSIANS,
    GRID,
    WIDTH,
    best_value,
    fit_head,
    total_variation,
    two_modes,
)
from refutable.solvers.density_attention import gaussian_factors, normalised
from refutable.theory.bayes import gaam as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    FloatArray,
    MendedWorld,
    Origin,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

STARTS = 3


def _product(target: FloatArray, starts: int) -> FloatArray:
    return head(GRID, *fit_head(GRID, target, starts))


def _added(apart: float) -> FloatArray:
    """Return what five Gaussians weigh when they are added: two at each mode, one out of the way.

    Two modes of equal mass are such a sum exactly, so that no fit is needed.
    """
    spread = float(np.sqrt(GRID.var(ddof=1) + 1e-8))
    offsets = np.array([-apart, -apart, apart, apart, 100.0])
    scales = np.full(GAUSSIANS, WIDTH / spread)
    return normalised(gaussian_factors(GRID, offsets, scales).sum(axis=0), theory.FLOOR)


def fitted(cell: Cell, added: bool = False) -> Values:
    """Distance of the best head from a law with two modes.

    Parameters
    ----------
    cell : Cell
        With ``apart``, the distance of the modes from 0, and ``left``, the mass of the left one.
    added : bool
        The Gaussians are added, not multiplied.

    Returns
    -------
    dict of float
        ``kl`` in nats and ``variation``, the distance in total variation.
    """
    target = two_modes(cell.apart, cell.left)
    law = _added(cell.apart) if added else _product(target, starts=STARTS)
    return {"kl": theory.divergence(target, law), "variation": total_variation(target, law)}


def _best(cell: Cell) -> float:
    return best_value(cell.apart, cell.left)


ANY = Claim(
    id="gaam.any-distribution-claim",
    title="One attention head with five Gaussians can weigh by any distribution",
    source="abstract (of all heads together) and README (of the modules), read for one head",
    origin=Origin.GUARD,
    basis=Basis.FULL_TEXT,
    statement="Read for one head: five Gaussians weigh 200 places by a law with modes at -1.5 and "
    "1.5, each of deviation 0.3, up to a divergence of 1e-6 nats.",
    formula='min_(d, c) "KL"(p || w) <= 10^(-6)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What is printed: the abstract says that the heads model any distribution "
    "collectively, which is not tried here, and Algorithm 1 of the main text has a scale for every "
    "place. The refutation is of the released block (Appendix B), one head by itself.",
    assumptions=(
        "inputs are 200 equidistant points of [-3, 3], so that a weight is a function of the input",
        "the best of three starts of L-BFGS over five offsets and five log scales",
    ),
    notes=(
        "The nearest head is a single Gaussian of the target's mean and variance: 0.854 nats and a "
        "total variation of 0.561 from modes at -1.5 and 1.5, 0.093 nats from modes at -0.5 and "
        "0.5.",
    ),
    cells=Cells(apart=(0.5, 1.0, 1.5), left=(0.5,)),
    compute=fitted,
    expect=(Exact("kl").at_most(1e-6), Exact("kl").shown(_best)),
    controls=(
        BrokenWorld(
            "modes so near that they look like one", cells=Cells(apart=(0.1,), left=(0.5,))
        ),
        BrokenWorld(
            "a second mode with a millionth of the mass", cells=Cells(apart=(1.5,), left=(1e-6,))
        ),
        FalseTheory("less than 0.85 nats away", Exact("kl", apart=1.5).at_most(0.85)),
    ),
    positive=(
        MendedWorld("the same Gaussians added, not multiplied", change={"added": True}),
        MendedWorld("a law with one mode", cells=Cells(apart=(0.0,), left=(0.5,))),
        RightTheory("as far as the nearest Gaussian", Exact("kl").near(_best, 1e-9)),
    ),
    expected=Verdict.REFUTED,
    why="The log weights of one head are quadratic in the input, as the later version of the paper "
    "itself says of a head's Gaussians, so that one head has one mode.",
    figure=Axis(x="apart", label="distance of the modes from 0", curve=True),
)
