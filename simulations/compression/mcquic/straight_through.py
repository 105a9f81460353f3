"""Whether drawn straight-through gradients have the bias and the spread that theory gives."""

from __future__ import annotations

import numpy as np
from refutable.simulations.compression.mcquic._losses import LAST, SETTING, exact, moments, slopes
from refutable.simulations.compression.mcquic.gumbel_argmax import LOGITS, Noise, gumbel, normal
from refutable.solvers.gumbel_softmax import straight_through

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Mean,
    Origin,
    Probability,
    Scope,
)
from refutable.claims.expectations import Expectation

SOURCE = "The released quantiser: hard Gumbel-softmax, straight through"
DRAWS = 1000
"""Gradients of one replicate."""
MARGIN = 0.03


def gradients(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    noise: Noise = gumbel,
    warmer: float = 1.0,
    scaled: bool = False,
) -> Columns:
    """Mean of 1000 gradients in the last logit over the exact one, and whether they spread more.

    Parameters
    ----------
    noise : callable
        Law of what is added to the logits.
    warmer : float
        Factor on the temperature of the cell.
    scaled : bool
        Gradients in the logits over the temperature.
    """
    perturbed = LOGITS + noise(rng, (size, DRAWS, len(LOGITS)))
    tau, slope = warmer * cell.tau, slopes(cell.loss)
    cold, warm = (
        straight_through(perturbed, slope, t)[..., LAST] * (t if scaled else 1.0)
        for t in (tau, 2 * tau)
    )
    share = cold.mean(axis=1) / exact(cell.loss)
    return {
        "share": share,
        "not_below": share >= 1,
        "spreads_more": cold.std(axis=1) > warm.std(axis=1),
    }


def _share(cell: Cell) -> float:
    return moments(cell.loss, cell.tau).mean / exact(cell.loss)


def _variance(cell: Cell) -> float:
    return moments(cell.loss, cell.tau).variance / exact(cell.loss) ** 2 / DRAWS


def _near(spread: float) -> Expectation:
    """Expect the predicted share, at `spread` times the variance that Gumbel noise gives."""
    return Mean("share", variance_at_most=lambda cell: spread * _variance(cell)).near(
        _share, MARGIN
    )


BIAS = Claim(
    id="mcquic.straight-through-bias",
    title="Straight-through gradients are too small, less so and noisier as the temperature falls",
    source=SOURCE,
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The straight-through gradient is biased for a linear and for a quadratic loss: of "
    "the exact gradient it has 68%, 88% and 99% (linear) and 56%, 78% and 97% (quadratic) at "
    "temperatures 1, 0.5 and 0.1, while its spread grows.",
    formula='hat(g)_c = (y_c (g_c - y dot g)) / tau, quad y = "softmax"((l + G) / tau), quad '
    "g = nabla f(e_i), thin i = arg max (l + G)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Whether a biased gradient hurts training.",
    assumptions=(
        *SETTING,
        "gradient in the last logit",
        "predicted mean and variance by quadrature",
    ),
    cells=Cells(loss=("linear", "square"), tau=(1.0, 0.5, 0.1)),
    simulate=gradients,
    expect=(
        _near(1.0),
        Probability("spreads_more").at_least(0.9),
    ),
    controls=(
        FalseTheory(
            "unbiased at temperature 1: as often above as below",
            Probability("not_below", tau=1.0).at_least(0.25),
        ),
        # a warmer gradient varies less than is declared
        BrokenWorld(
            "a temperature higher by a fifth",
            change={"warmer": 1.2},
            at={"tau": (1.0, 0.5)},
            judged_by="share",
        ),
        BrokenWorld(
            "Gaussian noise of the same variance",
            change={"noise": normal},
            at={"tau": 0.5},
            # it varies as much as with Gumbel noise, to a few percent
            expect=(_near(1.2),),
        ),
        BrokenWorld(
            "gradients in the logits over the temperature",
            change={"scaled": True},
            at={"tau": 0.1},
            judged_by="spreads_more",
        ),
    ),
    block=64,
    cap=ByEffort(smoke=1536, standard=4096, full=16_384),
    figure=Axis(x="tau", label="temperature", log=True),
)
