"""Whether the penalty sees the spread of features of norm 1, as classification has them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.theory.generative import adaptivemix as theory

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
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    Scope,
)

MIXES, INPUTS, COORDINATES, HIDDEN = 400, 3, 8, 16
ROUNDING = 1e-12


def embedding(rng: Generator, size: int, gain: float) -> tuple[FloatArray, FloatArray]:
    """Draw two layers, shapes (size, 3, 16) and (size, 16, 8)."""
    first = gain * rng.standard_normal((size, INPUTS, HIDDEN)) / INPUTS**0.5
    return first, rng.standard_normal((size, HIDDEN, COORDINATES))


def sphere_losses(
    cell: Cell, rng: Generator, size: int, radius: float = 1.0, normalised: bool = True
) -> Columns:
    """Losses without noise of random two-layer features, against the bounds.

    Parameters
    ----------
    cell : Cell
        With ``gain``, how strongly the first layer is bent.
    radius : float
        To which features are normalised.
    normalised : bool
        Whether they are.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``below``: how far the loss of a mix lies below its bound, at most; ``least_off``: the loss
        of the best vector of the sphere against the bound, at most; ``short``: mean of d^4 / 120
        less the mean loss; ``thrice_short``: thrice that mean less the mean loss; ``tightness``:
        mean of d^4 / 120 over the mean loss.
    """
    first, second = embedding(rng, size, cell.gain)
    x, other = rng.standard_normal((2, size, MIXES, INPUTS))
    lam = rng.random((size, MIXES, 1))

    def features(at: FloatArray) -> FloatArray:
        out = np.tanh(at @ first) @ second
        if normalised:
            out *= radius / np.linalg.norm(out, axis=-1, keepdims=True)
        return np.asarray(out)

    u, v = features(x), features(other)
    target = lam * u + (1 - lam) * v
    loss = ((features(lam * x + (1 - lam) * other) - target) ** 2).sum(axis=-1)
    best = radius * target / np.linalg.norm(target, axis=-1, keepdims=True)
    distance = np.linalg.norm(u - v, axis=-1)
    bound = theory.unit_loss_at_least(lam[..., 0], np.minimum(distance, 2))
    spread = theory.unit_loss_of_spread((distance**4).mean(axis=1))
    return {
        "below": (bound - loss).max(axis=1),
        "least_off": np.abs(((best - target) ** 2).sum(axis=-1) - bound).max(axis=1),
        "short": spread - loss.mean(axis=1),
        "thrice_short": 3 * spread - loss.mean(axis=1),
        "tightness": spread / loss.mean(axis=1),
    }


SPREAD = Claim(
    id="adaptivemix.unit-features",
    title="On features of norm one the penalty is at least a fourth power of their spread",
    source="F.normalize in _embedding of models.py, classification code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Where features have norm 1, as in the classification code, the loss of a mix is at "
    "least what the distance d of its two features leaves, with equality for the vector "
    "in the direction of the mix; on average it is at least the mean of $d^4 / 120$. So "
    "there the loss does pull features together, unlike for affine ones.",
    formula="|F - lambda u - (1 - lambda) v|^2 >= (1 - sqrt(1 - lambda (1 - lambda) d^2))^2, quad "
    "EE L >= 1/120 EE d^4, quad d = |u - v|",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="That training reaches the bound, or what the target's detachment does to it.",
    assumptions=(
        "random two-layer features in $R^8$ of standard normal points of $R^3$, 400 mixes each",
        "squares are summed over the coordinates, the noise of the target is left out",
    ),
    cells=ByEffort(
        smoke=Cells(gain=(0.3, 1.0)),
        standard=Cells(gain=(0.1, 0.3, 1.0, 3.0)),
        full=Cells(gain=(0.03, 0.1, 0.3, 1.0, 3.0, 10.0)),
    ),
    simulate=sphere_losses,
    expect=(
        Exact("below").at_most(ROUNDING),
        Exact("least_off").at_most(ROUNDING),
        Exact("short").at_most(0),
        Quantile("tightness").shown(),
    ),
    controls=(
        FalseTheory("the mean of $d^4 / 40$", Exact("thrice_short", gain=0.3).at_most(0)),
        FalseTheory("it is exceeded by a tenth", Exact("short", gain=0.3).at_most(-0.1)),
        BrokenWorld(
            "features of norm 1.001",
            change={"radius": 1.001},
            at={"gain": 0.3},
            judged_by=("below", "least_off"),
        ),
        BrokenWorld(
            "features that are not normalised",
            change={"normalised": False},
            at={"gain": 0.3},
            judged_by=("below", "short"),
        ),
    ),
    block=20,
    cap=ByEffort(smoke=100, standard=400, full=2000),
    figure=Axis(x="gain", label="gain of the features", log=True),
)
