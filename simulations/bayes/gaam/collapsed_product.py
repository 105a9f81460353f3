"""A product of Gaussians beside the one Gaussian that it is."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.gaam._block import LENGTH, fresh_scales, head
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


def gaps(
    cell: Cell, rng: Generator, size: int, added: float = 0.0, addition: float = 1e-8
) -> Columns:
    """Distance of the weights of random heads, on random inputs, from those of one Gaussian.

    Parameters
    ----------
    cell : Cell
        With ``gaussians``.
    added : float
        Share of the Gaussians' sum that is mixed into their product.
    addition : float
        To the variance.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``apart``: the largest difference over the places.
    """
    x = rng.standard_normal((size, LENGTH))
    offsets = rng.standard_normal((size, cell.gaussians))
    scales = fresh_scales(rng, size, cell.gaussians)
    found = head(x, offsets, scales, added=added, addition=addition)
    return {"apart": np.abs(found - theory.head_weights(x, offsets, scales)).max(axis=-1)}


COLLAPSE = Claim(
    id="gaam.gaussian-product-collapses",
    title="The Gaussians of one attention head act as a single Gaussian",
    source="Appendix B of the later version, and the released block",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="The weights of a head with K Gaussians are those of one, whose precision is the sum "
    "of theirs and whose offset is the mean of theirs weighted by precision: two numbers count, "
    "whatever K is, beside a constant that matters only where the divisor is at its least value.",
    formula="w prop exp(-P (x - m - overline(d))^2 / (2 v)), quad P = sum_k c_k^(-2), quad "
    "overline(d) = P^(-1) sum_k d_k c_k^(-2)",
    scope=Scope.AS_STATED,
    does_not_show="Algorithm 1 of the main text, where every place has a scale of its own; several "
    "heads; whether 2 K numbers train otherwise than two.",
    assumptions=(
        "64 standard normal inputs, standard normal offsets, scales $exp(N(0, 1))$ as released",
        "double precision; the released block computes in single",
    ),
    cells=ByEffort(
        smoke=Cells(gaussians=(1, 2, 5, 10)),
        standard=Cells(gaussians=(1, 2, 5, 10, 20)),
        full=Cells(gaussians=(1, 2, 5, 10, 20, 40)),
    ),
    simulate=gaps,
    expect=(Exact("apart").at_most(1e-12),),
    controls=(
        BrokenWorld(
            "a billionth of the sum of the Gaussians mixed into their product",
            change={"added": 1e-9},
            at={"gaussians": 5},
        ),
        BrokenWorld(
            "a variance without the 1e-8 that is added",
            change={"addition": 0.0},
            at={"gaussians": (2, 5)},
        ),
    ),
    block=512,
    cap=ByEffort(smoke=1024, standard=16_384, full=65_536),
    figure=Axis(x="gaussians", label="Gaussians of the head"),
)
