"""Algorithm 1 of the main text: a scale for every place gives any profile to one input."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.solvers.density_attention import place_weights, standardised
from refutable.theory.bayes import gaam as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Origin,
    Scope,
)


def profiles(
    cell: Cell, rng: Generator, size: int, moved: float = 0.0, likeness: float = 0.0
) -> Columns:
    """Reach a random profile of weights on a random input, and look at another input.

    Parameters
    ----------
    cell : Cell
        With ``width``, the places of the axis.
    moved : float
        Deviation by which the input differs from that which the scales were made for.
    likeness : float
        Share of the first input in the other one.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``apart``: largest difference from the profile. ``elsewhere``: largest difference of the
        weights of the other input from it.
    """
    first, second, noise = rng.standard_normal((3, size, cell.width))
    profile = rng.uniform(0.01, 0.99, (size, cell.width))
    offsets = np.zeros(cell.width)
    scales = theory.scales_for(profile, standardised(first, offsets))
    other = likeness * first + (1 - likeness) * second
    reached, there = (
        place_weights(standardised(x, offsets), scales) for x in (first + moved * noise, other)
    )
    return {
        "apart": np.abs(reached - profile).max(axis=-1),
        "elsewhere": np.abs(there - profile).max(axis=-1),
    }


PROFILE = Claim(
    id="gaam.scales-for-one-input",
    title="With a scale for every place any weights can be given to one input",
    source="Algorithm 1 of the later version",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="As Algorithm 1 is printed, every place has a scale of its own and there is no "
    "division: for a given input every profile of weights between 0 and 1 is reached. The same "
    "scales give another input other weights. What is refuted of the released block is not of it.",
    formula="c_j = -y_j^2 / (2 log w_j) quad arrow.r.double quad exp(-y_j^2 / (2 c_j)) = w_j",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That one set of scales gives many inputs the weights that are wanted: it gives "
    "each place a fixed function of its own standardised input, with one mode.",
    assumptions=(
        "offsets 0, as at the start; biased variance, 1e-8 and then 1e-5 added; standard normal "
        "inputs",
        "weights drawn from 0.01 to 0.99",
    ),
    cells=Cells(width=(16, 64, 256)),
    simulate=profiles,
    expect=(Exact("apart").at_most(1e-12), Exact("elsewhere").at_least(0.01)),
    controls=(
        BrokenWorld(
            "an input that differs by a billionth", change={"moved": 1e-9}, judged_by="apart"
        ),
        BrokenWorld(
            "another input that is the first but for a thousandth",
            change={"likeness": 0.999},
            at={"width": 16},
            judged_by="elsewhere",
        ),
    ),
    block=256,
    cap=ByEffort(smoke=512, standard=8192, full=32_768),
    figure=Axis(x="width", label="places of the axis", log=True),
)
