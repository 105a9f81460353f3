"""Whether the exactly specified fit attains the Cramer-Rao bound, and D_1 its constant.

Exact-specified theorem of section 2 (recalled). Fits run to the true maximum: no stopping on
relative gains.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.random import Generator
from refutable.simulations.experts._gaussian_moe.efficiency import (
    attained,
    efficiency,
    information,
    near_its_bound,
)
from refutable.simulations.experts._gaussian_moe.worlds import WORLDS, as_atoms
from refutable.solvers.gaussian_moe import Fit, Layout, cramer_rao
from refutable.theory.experts.softmax_gmoe.losses import exact_loss, exact_loss_constant

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
    FloatArray,
    Mean,
    Onset,
    Origin,
    Probability,
    Scope,
)

PARAMETERS = 8
LOSS_CUT = 1.0
"""Where the difference of D_1 from that of the step is cut off, in units of its limit's mean."""
LOSS = Mean("loss", bounds=(-LOSS_CUT, LOSS_CUT))


@lru_cache(maxsize=4)
def loss_constant(world: str) -> float:
    """Return the limit of sqrt(n) E[D_1] for two experts under a dense linear gate."""
    truth, bound = WORLDS[world].truth, cramer_rao(information(world))
    gate, expert, log_v = bound[:2], bound[2:6].reshape(2, 2), bound[6:]
    table = [[gate[0], 0.0], [gate[1], 0.0], expert[:, 1], expert[:, 0], truth.v * log_v]
    return exact_loss_constant(np.asarray(table), truth)


def scaled_loss(world: str, found: Fit, step: FloatArray, n: int) -> FloatArray:
    """Return sqrt(n) D_1 of fits less that of the steps, in units of its limit, cut off at +-1."""
    w = WORLDS[world]
    layout = Layout.of(w.parameters, w.gate)
    stepped = layout.unpack(layout.pack(w.parameters) + step, np.full(len(step), w.tau))
    losses = (exact_loss(as_atoms(p), w.truth) for p in (found.parameters, stepped))
    of_fit, of_step = (np.sqrt(n) * loss / loss_constant(world) for loss in losses)
    return np.asarray(np.clip(of_fit - of_step, -LOSS_CUT, LOSS_CUT))


def exact_fit(cell: Cell, rng: Generator, size: int, share: float = 1.0) -> Columns:
    """Outcome of `size` converged fits beside one Newton step from the truth on the same data.

    The fits see a `share` of the n observations that are reported.
    """
    world = WORLDS[cell.world]
    inflated = information(cell.world, world.gate, mistaken_variance=True)
    columns, found, step = efficiency(cell.world, rng, size, cell.n, share=share, mistaken=inflated)
    return columns | {"loss": scaled_loss(cell.world, found, step, cell.n)}


EXACT_MLE_CRLB = Claim(
    id="softmax_gmoe.exact-mle-crlb",
    title="The exactly specified fit attains the Cramer-Rao bound",
    source="Classical, for the model of the theorem on the exact-specified setting, section 2",
    origin=Origin.DERIVED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "With the true number of experts the maximum-likelihood estimate is root-n and attains the "
        "Cramer-Rao bound in every parameter, so that $sqrt(n) D_1$ has a limit law, whose mean "
        "the bounds give (6.82 at the published truth)."
    ),
    formula="sqrt(n) (hat(theta) - theta^*) -> N(0, I(theta^*)^(-1))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "The paper bounds $D_1$ by a multiple of $sqrt(log n / n)$; that the bound is attained is "
        "classical theory. Two experts, a scalar x drawn uniformly (the paper uses a fixed grid) "
        "and starts at the truth: says nothing about finding the maximum. Below $n = 300$ gates "
        "separate and the errors of b0, b1 explode. Variances are compared in log v. Tried is the "
        "limit in law, by means of differences cut off: of rare runs that fail it says nothing."
    ),
    assumptions=("compact parameters", "bounded x", "one gate pinned", "some b1 not zero"),
    cells=ByEffort(
        smoke=Cells(world=("paper",), n=(3162,)),
        standard=Cells(world=("paper", "easy"), n=(3162, 10000, 31623)),
        full=Cells(world=("paper", "easy"), n=(3162, 10000, 31623, 100_000)),
    ),
    simulate=exact_fit,
    expect=(
        *attained(PARAMETERS),
        LOSS.near(0.0, 0.05),
        Probability("converged").at_least(0.9),
    ),
    controls=(
        FalseTheory("standard deviations taken for variances", near_its_bound("mistaken")),
        BrokenWorld(
            "nine tenths of the sample reported as the whole",
            change={"share": 0.9},
            at={"world": "paper", "n": 3162},
        ),
        BrokenWorld(
            "three quarters of the sample reported as the whole",
            change={"share": 0.75},
            at={"world": "paper", "n": 3162},
            judged_by="loss",
        ),
    ),
    block=50,
    cap=ByEffort(smoke=2400, standard=2400, full=4800),
    onset=Onset(
        along="n",
        between=(50, 10_000),
        holds=near_its_bound(margin=0.1),
        at={"world": "paper"},
        tolerance=1.0,
        budget=40_000,
        block=100,
    ),
    figure=Axis(x="n", label="samples n", log=True),
    notes=(
        "Every fit is compared with one Newton step from the truth on the same data, whose errors "
        "have the bound's covariance exactly, at every n.",
        "EM stopped at a relative gain of 1e-6 is no control here: from the published starts it "
        "attains the bound as well (mean distance 1.03 +- 0.02 at $n = 1000$ and 1.01 +- 0.03 at "
        "10,000, as the converged fits).",
    ),
)
