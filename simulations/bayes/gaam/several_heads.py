"""A layer of several heads of the released block, each on its own part of the axis."""

from __future__ import annotations

import numpy as np
from refutable.simulations.bayes.gaam._block import head
from refutable.simulations.bayes.gaam._fits import GRID, fit_head, two_modes
from refutable.theory.bayes import gaam as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FloatArray,
    Origin,
    Scope,
    Values,
)


def parts_of(heads: int, order: str) -> tuple[list[int], ...]:
    """Return which points of the grid each head has.

    Parameters
    ----------
    heads : int
        Number of them, a divisor of 200.
    order : str
        ``sorted``: the inputs rise along the axis. ``dealt``: they are dealt out to the heads in
        turn, so that all heads have inputs of the same range.
    """
    places = np.arange(len(GRID))
    shaped = places.reshape(heads, -1) if order == "sorted" else places.reshape(-1, heads).T
    return tuple(row.tolist() for row in shaped)


def layer_weights(parts: tuple[list[int], ...], target: FloatArray, free: bool) -> FloatArray:
    """Return the weights of the best layer, divided by its heads, at the points of the grid.

    Parameters
    ----------
    parts : tuple of list of int
        Points of each head.
    target : ndarray, shape (200,)
    free : bool
        Each head has the mass that the target has there, not an equal one.
    """
    law = np.empty(len(GRID))
    for part in parts:
        mass = float(target[part].sum())
        fit = fit_head(GRID[part], target[part] / mass, starts=2)
        law[part] = head(GRID[part], *fit) * (mass if free else 1 / len(parts))
    return law


def layered(cell: Cell, free: bool = False, wrong: str = "") -> Values:
    """Distance of the best layer from a law with two modes.

    Parameters
    ----------
    cell : Cell
        With ``heads``, the ``order`` of the inputs, and ``left``, the mass of the left mode.
    free : bool
        Heads have the masses that fit best.
    wrong : str
        An order that the inputs have in place of the one that is said.
    """
    target = two_modes(1.5, cell.left)
    law = layer_weights(parts_of(cell.heads, wrong or cell.order), target, free)
    return {"kl": theory.divergence(target, law)}


def _said(cell: Cell) -> float:
    target = two_modes(1.5, cell.left)
    parts = parts_of(cell.heads, cell.order)
    return theory.layer_divergence(
        tuple(GRID[part] for part in parts), tuple(target[part] for part in parts)
    )


HEADS = Claim(
    id="gaam.several-heads",
    title="Several attention heads have a mode each, and the same weight each",
    source="how the released block gives each head a part of the axis",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="In one layer of H heads every head divides by its own sum, so that its part of the "
    "axis has $1/H$ of the weight. Two heads meet a law with two modes of equal mass, if "
    "one has the small inputs and the other the large ones; they miss it by 0.193 nats "
    "if the masses are 0.2 and 0.8, and by 0.85 if the inputs are dealt out in turn. "
    "Four or eight heads mend neither.",
    formula='min "KL"(p || w slash H) = sum_h p_h (log(H p_h) + min "KL"(p^((h)) || w^((h))))',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Several layers with residuals, which the block has, and weights that are "
    "followed by other layers; the main text's Algorithm 1, which does not divide.",
    assumptions=(
        "inputs are 200 equidistant points of [-3, 3]; modes at -1.5 and 1.5, of deviation 0.3",
        "five Gaussians to a head, fitted by L-BFGS; the divisor is above its least value",
    ),
    notes=(
        "On rising inputs 1, 2, 4 and 8 heads are 0.854, 4e-8, 2e-4 and 0.628 nats from two equal "
        "modes: eight parts have unequal masses.",
    ),
    cells=Cells(heads=(1, 2, 4, 8), order=("sorted", "dealt"), left=(0.5, 0.2)),
    compute=layered,
    expect=(
        Exact("kl").near(_said, 1e-6),
        Exact("kl", heads=2, order="sorted", left=0.5).at_most(1e-6),
        Exact("kl", heads=2, order="sorted", left=0.2).near(0.1927, 1e-4),
        Exact("kl", order="dealt").at_least(0.84),
    ),
    controls=(
        BrokenWorld(
            "heads that have the masses they want",
            change={"free": True},
            at={"heads": (4, 8), "order": "sorted"},
        ),
        BrokenWorld(
            "inputs that rise where it is said that they are dealt out",
            change={"wrong": "sorted"},
            at={"heads": 8, "order": "dealt", "left": 0.5},
        ),
    ),
    figure=Axis(x="heads", label="heads of the layer", log=True),
)
