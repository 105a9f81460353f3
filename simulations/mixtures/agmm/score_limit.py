"""Where the score of a pixel by its own class saturates, and at which noise it is still high."""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.mixtures.agmm._scores import (
    CHANNELS,
    SCORE,
    Noise,
    about_the_mean_of_eight,
    gaussian,
    laplace,
    own_scores,
)
from refutable.solvers.prototype_scores import Distance
from refutable.theory.mixtures import agmm as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Mean,
    Origin,
    Probability,
    Scope,
)

MANY = CHANNELS[-1]


def one_score(
    cell: Cell,
    rng: Generator,
    size: int,
    law: Noise = gaussian,
    distance: Distance = "mean absolute",
    own_variance: bool = False,
) -> Columns:
    """Score of one pixel by its own class, known to its centre.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    shape = (size, cell.channels)
    return {"score": own_scores(rng, shape, cell.noise, law, distance, own_variance)}


def _mean(cell: Cell) -> float:
    return theory.score_power(cell.channels, cell.noise)


def _limit(cell: Cell) -> float:
    return theory.score_limit(cell.noise)


CONCENTRATION = Claim(
    id="agmm.score-concentration",
    title="In many channels an own-class score settles below 1, at a level set by the noise",
    source="GMM in model/tools.py of the public code; the law is derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For features $N(v, s^2 I)$ about the prototype v the mean score of the own class "
    "has a closed form in any number C of channels; with 2048 channels it is the limit "
    "$exp(-2 s^2/pi)$.",
    formula="EE e^(-D^2) = EE_t w((s t)/C)^C arrow.r e^(-2 s^2 \\/ pi), quad "
    "D = 1/C sum_c abs(x_c - v_c)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="How large s is in a trained network; training may shrink it.",
    assumptions=SCORE,
    notes=(
        "w is the Faddeeva function and t standard normal. At $s = 1$ the mean is 0.554, 0.532, "
        "0.529 and 0.529 for $C = 2$, 16, 256 and 2048.",
        "With the variance of the commented line the own-class score would settle at $exp(-1/2) = "
        "0.607$ whatever s is.",
    ),
    cells=ByEffort(
        smoke=Cells(channels=CHANNELS, noise=(1.0,)),
        standard=Cells(channels=CHANNELS, noise=(0.25, 1.0)),
        full=Cells(channels=CHANNELS, noise=(0.25, 0.5, 1.0, 2.0)),
    ),
    simulate=one_score,
    expect=(
        Mean("score", bounds=(0, 1)).near(_mean, 0.01),
        Mean("score", bounds=(0, 1), channels=MANY).near(_limit, 0.003),
    ),
    controls=(
        BrokenWorld(
            "root mean square distance, whose limit is $exp(-s^2)$",
            change={"distance": "root mean square"},
            at={"channels": MANY, "noise": 1.0},
        ),
        BrokenWorld(
            "Euclidean distance over C, whose limit is 1",
            change={"distance": "norm over channels"},
            at={"channels": MANY, "noise": 1.0},
        ),
        BrokenWorld(
            "the variance of the commented line",
            change={"own_variance": True},
            at={"channels": MANY, "noise": 1.0},
        ),
        BrokenWorld(
            "Laplace features of the same variance",
            change={"law": laplace},
            at={"channels": 16, "noise": 1.0},
        ),
        BrokenWorld(
            "a prototype from eight labelled pixels",
            change={"law": about_the_mean_of_eight},
            at={"channels": 256, "noise": 1.0},
        ),
    ),
    block=512,
    cap=ByEffort(smoke=65_536, standard=65_536, full=131_072),
    figure=Axis(x="channels", label="channels C", log=True),
)


LEVEL = 0.9


def confidence(
    cell: Cell,
    rng: Generator,
    size: int,
    law: Noise = gaussian,
    distance: Distance = "mean absolute",
) -> Columns:
    """Whether the own-class score reaches 0.9, at a ratio of the noise at which its limit does."""
    noise = cell.ratio * theory.noise_at_limit(LEVEL)
    scores = own_scores(rng, (size, cell.channels), noise, law, distance)
    return {"confident": scores >= LEVEL}


SATURATION = Claim(
    id="agmm.score-saturation",
    title="No own-class score reaches 0.9 unless the noise is below 0.41",
    source="GMM in model/tools.py of the public code; the threshold is derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With 256 channels nineteen of twenty own-class scores reach 0.9 where the noise is "
    "a tenth below $sqrt((pi/2) log(1/0.9)) = 0.407$, and one of twenty where it is a "
    "tenth above.",
    formula="e^(-2 s^2 \\/ pi) >= 0.9 <=> s <= sqrt(pi/2 log 1/0.9)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="How large the noise is in a trained network.",
    assumptions=SCORE,
    cells=ByEffort(
        smoke=Cells(channels=(256,), ratio=(0.9, 1.0, 1.1)),
        standard=Cells(channels=(256,), ratio=(0.8, 0.9, 1.0, 1.1, 1.2)),
        full=Cells(channels=(256, 1024), ratio=(0.8, 0.9, 1.0, 1.1, 1.2)),
    ),
    simulate=confidence,
    expect=(
        Probability("confident", ratio=(0.8, 0.9)).at_least(0.95),
        Probability("confident", ratio=(1.1, 1.2)).at_most(0.05),
        Probability("confident", ratio=1.0).shown(),
    ),
    controls=(
        BrokenWorld(
            "root mean square distance", change={"distance": "root mean square"}, at={"ratio": 0.9}
        ),
        BrokenWorld(
            "a prototype from eight labelled pixels",
            change={"law": about_the_mean_of_eight},
            at={"channels": 256, "ratio": 0.9},
        ),
        BrokenWorld(
            "Laplace features of the same variance", change={"law": laplace}, at={"ratio": 1.1}
        ),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16_384, full=32_768),
    draw=Cells(channels=(256,), ratio=(0.8, 0.85, 0.95, 1.05, 1.15, 1.2)),
    figure=Axis(
        x="ratio",
        label="noise / noise at which the limit is 0.9",
        marks=(("the limit is 0.9", 1.0),),
    ),
)
