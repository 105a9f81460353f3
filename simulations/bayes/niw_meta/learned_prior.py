"""New tasks under a prior that was learned from earlier ones, and what learning it costs."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.niw_meta._tasks import (
    COVARIANCE,
    MEAN,
    NEW,
    TASKS,
    Tasks,
    draw_tasks,
    excess_constant,
    oracle_risk,
)
from refutable.solvers.gaussian_hierarchy import learn_prior

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
    Origin,
    Scope,
    Slope,
)

STILL = 1e-6
"""An iteration stands when no entry of mean and covariance moves by more."""


def excess(new: Tasks, learned: FloatArray, spread: float = 1.0) -> FloatArray:
    """Mean squared distance of posterior means from those under the right prior, over its risk.

    The mean of this is by how much the risk exceeds the oracle's: the oracle's own error is
    orthogonal to every function of the data.
    """
    best = new.under(MEAN, spread * COVARIANCE)
    return np.asarray(((learned - best) ** 2).sum(axis=-1).mean(axis=1) / oracle_risk())


def new_tasks(
    cell: Cell, rng: Generator, size: int, spread: float = 1.0, scale: float = 1.0
) -> Columns:
    """Errors on new tasks under a prior learned from ``tasks`` earlier ones.

    Parameters
    ----------
    cell : Cell
        With ``tasks``.
    spread : float
        Factor of the covariance of all tasks.
    scale : float
        Factor of the covariance that was learned.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``excess`` over the risk of the oracle, cut off at 1; ``over_own`` and ``over_pooled``:
        by how much squared errors are below those of the task's own least squares and of the mean
        of all earlier least squares, each difference clipped to [-1, 1], mean over the new tasks.
    """
    seen = draw_tasks(rng, (size, int(cell.tasks)), spread)
    new = draw_tasks(rng, (size, NEW), spread)
    prior = learn_prior(seen.precision, seen.linear, tolerance=STILL)
    learned = new.under(prior.mean[:, None], scale * prior.covariance[:, None])
    pooled = seen.least_squares.mean(axis=1, keepdims=True)

    def error(estimate: FloatArray) -> FloatArray:
        return np.asarray(((estimate - new.truth) ** 2).sum(axis=-1))

    def below(other: FloatArray) -> FloatArray:
        return np.asarray(np.clip(error(other) - error(learned), -1.0, 1.0).mean(axis=1))

    return {
        "excess": np.minimum(excess(new, learned, spread), 1.0),
        "over_own": below(new.least_squares),
        "over_pooled": below(pooled),
    }


RECOVERS = Claim(
    id="niw_meta.hierarchy-recovers-task-prior",
    title="A prior learned from hundreds of small tasks serves a new one nearly as the true prior",
    source="abstract: a global variable captures what episodes share and controls adaptation",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="After 300 tasks of five shots the squared error on a new task is within 5 % of that "
    "under the true prior; it is below that of the task's own least squares by 0.04 or more and "
    "below that of the pooled mean by 0.3 or more, differences clipped to [-1, 1].",
    formula='EE norm(m_"learned" - m_"oracle")^2 <= 0.05 thin R_"oracle", quad '
    'EE thin "clip"(norm(theta_"own" - theta)^2 - norm(m_"learned" - theta)^2) >= 0.04',
    scope=Scope.SCALED_DOWN,
    does_not_show="Networks, likelihoods that are not Gaussian, stochastic steps over episodes.",
    assumptions=TASKS,
    notes=(
        "Without clipping the expected squared errors are 0.1337 under the true prior, 0.25 by "
        "least squares and 0.904 by the pooled mean, in closed form or by quadrature; with the "
        "covariance of the true prior 25 times too large or too small, 0.217 and 0.472.",
        "The square of the error of least squares on five shots has no mean, hence the clipping.",
    ),
    cells=ByEffort(
        smoke=Cells(tasks=(300,)),
        standard=Cells(tasks=(300, 1000)),
        full=Cells(tasks=(300, 1000, 3000)),
    ),
    simulate=new_tasks,
    expect=(
        Mean("excess", bounds=(0, 1)).at_most(0.05),
        Mean("over_own", bounds=(-1, 1)).at_least(0.04),
        Mean("over_pooled", bounds=(-1, 1)).at_least(0.3),
    ),
    controls=(
        BrokenWorld(
            "the learned covariance, twice too large",
            change={"scale": 2.0},
            at={"tasks": 300},
            judged_by="excess",
        ),
        BrokenWorld(
            "tasks that vary twenty times more: their own data nearly suffice",
            change={"spread": 20.0},
            at={"tasks": 300},
            judged_by="over_own",
        ),
        BrokenWorld(
            "tasks that do not vary: pooling is as good",
            change={"spread": 0.0},
            at={"tasks": 300},
            judged_by="over_pooled",
        ),
        FalseTheory("within 0.3 %", Mean("excess", bounds=(0, 1)).at_most(0.003)),
    ),
    block=16,
    cap=ByEffort(smoke=1024, standard=2048, full=4096),
    figure=Axis(x="tasks", label="tasks that the prior is learned from", log=True),
)

LADDER = (40, 160, 640)
MOST = 5.0
"""Where T times the excess, over its limit, is cut off; few values lie beyond."""


def ladder(cell: Cell, rng: Generator, size: int, scale: float = 1.0, twins: int = 1) -> Columns:
    """Excess on new tasks after more and more tasks of one stream.

    Parameters
    ----------
    cell : Cell
        Without parameters.
    scale : float
        Factor of the covariance that was learned.
    twins : int
        Earlier tasks in a row that share their parameters.

    Returns
    -------
    dict of ndarray
        ``losses``, shape (size, 3), and ``constant``, shape (size,): T times the last loss, over
        the constant of theory, cut off at `MOST`.
    """
    del cell
    seen = draw_tasks(rng, (size, LADDER[-1]), 1.0, twins)
    new = draw_tasks(rng, (size, NEW), 1.0)
    losses = np.empty((size, len(LADDER)))
    for place, tasks in enumerate(LADDER):
        prior = learn_prior(seen.precision[:, :tasks], seen.linear[:, :tasks], tolerance=STILL)
        learned = new.under(prior.mean[:, None], scale * prior.covariance[:, None])
        losses[:, place] = excess(new, learned)
    constant = LADDER[-1] * losses[:, -1] / excess_constant()
    return {"losses": losses, "constant": np.minimum(constant, MOST)}


RATE = Claim(
    id="niw_meta.excess-falls-as-one-over-tasks",
    title="What a learned prior costs falls as one over the number of tasks it was learned from",
    source="maximum likelihood for the prior of the tasks, derived",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="From 40 to 640 tasks the excess over the risk under the true prior falls as $1/T$, "
    "typically; after 640 it is 1.54/T of that risk on average, within a quarter, the "
    "constant being that of maximum likelihood.",
    formula='"median of" norm(m_"learned" - m_"oracle")^2 prop 1 slash T, quad '
    'T thin EE norm(m_"learned" - m_"oracle")^2 -> 1.54 thin R_"oracle"',
    scope=Scope.SCALED_DOWN,
    does_not_show="Larger dimensions, where more tasks are needed until the rate is seen.",
    assumptions=TASKS,
    notes=(
        "The average is cut off at 5 times the constant. After 10 tasks it is some three times as "
        "large as the limit says, after 40 a third larger.",
    ),
    cells=Cells(),
    simulate=ladder,
    expect=(
        Slope("losses", LADDER).near(-1.0, 0.2),
        Mean("constant", bounds=(0, MOST)).near(1.0, 0.25),
    ),
    controls=(
        FalseTheory("an exponent of -0.6", Slope("losses", LADDER).near(-0.6, 0.25)),
        BrokenWorld(
            "the learned covariance, a quarter too large",
            change={"scale": 1.25},
            judged_by="losses",
        ),
        BrokenWorld(
            "tasks that come in fours with the same parameters",
            change={"twins": 4},
            judged_by="constant",
        ),
    ),
    block=32,
    cap=ByEffort(smoke=2048, standard=4096, full=8192),
    figure=Axis(x="tasks", label="tasks that the prior is learned from", log=True),
)
