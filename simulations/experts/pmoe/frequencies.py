"""What a router that imitates the best primitive converges to, and what that is not."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.theory.experts import pmoe as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Mean,
    Origin,
    Scope,
)

VALUES = {
    "three": (0.0, 0.5, 1.0),
    "four": (0.0, 0.3, 0.6, 1.0),
    "five": (0.0, 0.1, 0.1, 0.8, 0.9),
}
"""Mean values of the primitives."""

STEPS = 3000
DIGITS = 5e-5
"""Two weights that agree to four digits."""


def routed(targets: FloatArray, steps: int) -> FloatArray:
    """Weights after gradient steps of length 1 on ``|softmax(theta) - target|^2`` from theta = 0.

    Parameters
    ----------
    targets : ndarray, shape (size, K)
    steps : int

    Returns
    -------
    ndarray, shape (size, K)
    """
    theta = np.zeros_like(targets)
    for _ in range(steps):
        weights = scipy.special.softmax(theta, axis=1)
        theta -= theory.router_gradient(weights, targets)
    return np.asarray(scipy.special.softmax(theta, axis=1))


def trained_router(
    cell: Cell, rng: np.random.Generator, size: int, steps: int = STEPS, sd: float = 1.0
) -> Columns:
    """Shares of draws in which primitives are the best, and how far the trained router is off."""
    means = np.array(VALUES[cell.primitives])
    best = (rng.normal(means, sd, (size, cell.n, means.size))).argmax(axis=2)
    shares = (best[:, :, None] == np.arange(means.size)).mean(axis=1)
    return {
        "gap": np.abs(routed(shares, steps) - shares).max(axis=1),
        "worst_wins": shares[:, 0],
        "best_wins": shares[:, -1],
    }


def worst(cell: Cell) -> float:
    """P(the primitive of least mean is the best)."""
    return float(theory.win_probabilities(VALUES[cell.primitives])[0])


def greatest(cell: Cell) -> float:
    """P(the primitive of greatest mean is the best)."""
    return float(theory.win_probabilities(VALUES[cell.primitives])[-1])


def most_scatter(cell: Cell) -> float:
    """Variance of a share of n draws, at most."""
    return 0.25 / float(cell.n)


MARGIN = 0.005

FIXED_POINT = Claim(
    id="pmoe.frequency-fixed-point",
    title="The router's weights become the frequencies of being best",
    source="Router loss of pmoe_sac.py; fixed point derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The mean squared distance between the router's weights and the indicator of the "
    "best primitive is least where each weight is the probability that its primitive is the best. "
    "Gradient descent arrives there.",
    formula="arg min_w EE |w - e_j|^2 = PP(Q_i > max_(l != i) Q_l)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="A router that depends on a state, critics that learn at the same time, and the "
    "returns of the paper.",
    notes=("At mean values 0, 0.5 and 1 with unit noise: 0.1503, 0.3009 and 0.5487.",),
    cells=ByEffort(
        smoke=Cells(primitives=("three",), n=(20_000,)),
        standard=Cells(primitives=("three", "four"), n=(50_000,)),
        full=Cells(primitives=tuple(VALUES), n=(200_000,)),
    ),
    simulate=trained_router,
    expect=(
        Exact("gap").at_most(DIGITS),
        Mean("worst_wins", variance_at_most=most_scatter).near(worst, MARGIN),
        Mean("best_wins", variance_at_most=most_scatter).near(greatest, MARGIN),
    ),
    controls=(
        BrokenWorld("values a twentieth noisier", change={"sd": 1.05}),
        BrokenWorld("ninety steps", change={"steps": 90}, judged_by="gap"),
    ),
    block=20,
    cap=ByEffort(smoke=800, standard=800, full=1200),
)


THETA = (0.0629, -0.0661, 0.3202, 0.0525)
SKEWED = (1.0, -2.0)
"""Values of a primitive that is better in most draws, and worse on average."""
OFTEN = 0.6


def directions(
    cell: Cell, means: tuple[float, ...] = VALUES["four"], gain: float = OFTEN
) -> dict[str, float]:
    """Angle between the two gradients; the router's weight on a worse primitive that often wins."""
    weights = scipy.special.softmax(np.array(THETA[: len(means)]))
    values = np.array(means)
    wins = theory.win_probabilities(means)
    one = theory.frequency_ascent(weights, wins)
    shares = np.array([[gain, 1 - gain]])
    del cell
    return {
        "cosine": theory.cosine(one, theory.policy_gradient(weights, values)),
        "weight_on_skewed": float(routed(shares, STEPS)[0, 0]),
        "mean_of_skewed": gain * SKEWED[0] + (1 - gain) * SKEWED[1],
    }


NOT_THE_GRADIENT = Claim(
    id="pmoe.frequency-not-policy-gradient",
    title="Imitating the best primitive is not the policy gradient",
    source="Router loss of pmoe_sac.py; comparison derived here",
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="The router's mean gradient does not point where the expected return rises fastest, "
    "and with skewed values it prefers a primitive whose mean is lower.",
    formula='cos angle(-2 J (w - PP("best")), J mu) = 0.890, quad w_1 = 0.6 > 1/2 '
    '"while" EE Q_1 < EE Q_2',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That the paper calls it the policy gradient: no such sentence was found. How "
    "much the difference costs in a task.",
    cells=Cells(),
    compute=directions,
    expect=(
        Exact("cosine").near(0.8903, 5e-5),
        Exact("weight_on_skewed").near(OFTEN, 1e-6),
        Exact("mean_of_skewed").at_most(0.0),
    ),
    controls=(
        BrokenWorld("two primitives", change={"means": (0.0, 0.3)}, judged_by="cosine"),
        BrokenWorld("means a hundredth apart", change={"means": (0.0, 0.3, 0.6, 1.01)}),
        BrokenWorld("better in seven of ten draws", change={"gain": 0.7}),
    ),
)
