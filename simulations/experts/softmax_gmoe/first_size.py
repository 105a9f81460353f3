"""Whether a fitted slope depends on the first sample size that is kept.

The repository shows its plots in 50 versions, one per first sample size (read). Whether the slope
of its over-specified runs depends on that size is not claimed here: single runs scatter too much.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.experts._gaussian_moe.efficiency import errors, information
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS
from refutable.solvers.gaussian_moe import cramer_rao, fit

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    Scope,
)


def _slope(log_loss: FloatArray, sizes: FloatArray) -> FloatArray:
    u = np.log(sizes) - np.log(sizes).mean()
    return np.asarray(log_loss @ u / (u @ u))


def slopes(losses: FloatArray, sizes: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Return each replicate's slope over the whole ladder, and that without its first size."""
    log_loss, n = np.log(losses), np.asarray(sizes, dtype=np.float64)
    return _slope(log_loss, n), _slope(log_loss[:, 1:], n[1:])


def exact_errors(rng: Generator, size: int, sizes: tuple[int, ...]) -> FloatArray:
    """Return the root mean squared error in units of the bounds, exactly specified, (size, L)."""
    w, bound = WORLDS["paper"], cramer_rao(information("paper"))
    fits = [fit(*w.draw(rng, size, n), w.parameters, w.gate) for n in sizes]
    scaled = [errors("paper", f.parameters) / bound for f in fits]
    return np.stack([np.sqrt(np.mean(e**2, axis=1)) for e in scaled], axis=1)


CONVERGED_LADDER = (1000, 4000, 16_000)
MISLABELLED = (3000, 6000, 24_000)


def converged_shift(
    cell: Cell,
    rng: Generator,
    size: int,
    drawn: tuple[int, ...] = CONVERGED_LADDER,
    labelled: tuple[int, ...] = CONVERGED_LADDER,
) -> Columns:
    """Do the same for converged fits with the true number of experts, errors in their bounds.

    The slope takes the sizes that are `labelled` for those that were `drawn`.
    """
    del cell
    whole, rest = slopes(exact_errors(rng, size, drawn), labelled)
    return {"shift": whole - rest}


CONVERGED_SLOPE = Claim(
    id="softmax_gmoe.converged-slope-keeps-without-first-size",
    title="The slope of converged fits does not depend on the first sample size",
    source="Exact-specified setting; the counterpart of the plots in 50 versions",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "The slope fitted to converged fits with the true number of experts is, in the median run, "
        "the same with and without the first sample size."
    ),
    formula='"median of" quad "slope"(n_0, ..., n_L) - "slope"(n_1, ..., n_L) quad "is" quad 0',
    scope=Scope.SCALED_DOWN,
    does_not_show="Three sizes from 1000 to 16,000; the exactly specified case only.",
    simulate=converged_shift,
    expect=(Quantile("shift").near(0, 0.2),),
    controls=(
        FalseTheory("the slope shifts by a quarter", Quantile("shift").near(-0.25, 0.1)),
        BrokenWorld(
            "the first size is mislabelled by a factor of six",
            change={"drawn": (MISLABELLED[0] // 6, *MISLABELLED[1:]), "labelled": MISLABELLED},
        ),
    ),
    block=50,
    cap=ByEffort(smoke=800, standard=800, full=2000),
)
