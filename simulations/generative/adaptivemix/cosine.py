"""Whether the cosine similarity of the GAN code sees the scale of features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from refutable.theory.generative import adaptivemix as theory

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
    Origin,
    Scope,
)

MIXES, INPUTS = 400, 3
ROUNDING = 1e-12
FALL = -1e-4
"""Of the mean loss where all features are doubled; the least that was seen is seven times that."""

Loss = Callable[[FloatArray, FloatArray], FloatArray]


def cosine(out: FloatArray, target: FloatArray) -> FloatArray:
    """Return minus the cosine similarity over the last axis."""
    norms = np.linalg.norm(out, axis=-1) * np.linalg.norm(target, axis=-1)
    return np.asarray(-(out * target).sum(axis=-1) / norms)


def damped_cosine(out: FloatArray, target: FloatArray) -> FloatArray:
    """Return minus a cosine similarity whose denominator has a millionth more."""
    norms = np.linalg.norm(out, axis=-1) * np.linalg.norm(target, axis=-1)
    return np.asarray(-(out * target).sum(axis=-1) / (norms + 1e-6))


def squares(out: FloatArray, target: FloatArray) -> FloatArray:
    """Return the mean squared difference, the loss of the classification code."""
    return np.asarray(((out - target) ** 2).mean(axis=-1))


def scaled_losses(
    cell: Cell, rng: Generator, size: int, loss: Loss = cosine, noise_too: float = 0.0
) -> Columns:
    """Change the scale of F of the mix alone, as its gradient would, and of all features.

    Parameters
    ----------
    cell : Cell
        With ``coordinates``.
    loss : callable
    noise_too : float
        How far the noise of the target grows with the features: 1 is as they do.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``moved``: largest change of a loss where F of the mix is tripled and the target is not;
        ``change``: of the mean loss of linear features where all are doubled.
    """
    slope = rng.standard_normal((size, INPUTS, cell.coordinates))
    x, other = rng.standard_normal((2, size, MIXES, INPUTS))
    lam = rng.random((size, MIXES, 1))
    clean = lam * (x @ slope) + (1 - lam) * (other @ slope)
    noise = theory.NOISE * rng.standard_normal(clean.shape)
    out = (lam * x + (1 - lam) * other) @ slope
    before, target = loss(out, clean + noise), clean + noise
    after = loss(2 * out, 2 * clean + (1 + noise_too) * noise)
    bent = np.tanh(out)  # of features that are not linear, in the first part
    return {
        "moved": np.abs(loss(3 * bent, target) - loss(bent, target)).max(axis=1),
        "change": (after - before).mean(axis=1),
    }


COSINE = Claim(
    id="adaptivemix.cosine-scale",
    title="The penalty of the GAN code does not shrink the features that it changes",
    source="cosine_similarity of loss.py and the noise of networks.py, generation code",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The GAN code's penalty, minus a cosine similarity with a detached target, is the "
    "same when the features of the mixed image are tripled, whatever they are: its gradient has no "
    "part along them. Where all features are doubled and linear it falls, as the noise of the "
    "target stays.",
    formula="cos(c F, t) = cos(F, t), quad "
    "EE [-cos(c F, c F + epsilon)] < EE [-cos(F, F + epsilon)], quad c > 1",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What the rest of the discriminator makes of the features, whose scale it sees.",
    assumptions=(
        "400 mixes of standard normal points of $R^3$ in each instance",
        "for the second part features are linear, so that F of the mix is the mix of features",
    ),
    notes=("The angle to a target F + noise falls with the part of the target along F.",),
    cells=ByEffort(
        smoke=Cells(coordinates=(8,)),
        standard=Cells(coordinates=(4, 8, 64)),
        full=Cells(coordinates=(4, 8, 64, 512)),
    ),
    simulate=scaled_losses,
    expect=(Exact("moved").at_most(ROUNDING), Exact("change").at_most(FALL)),
    controls=(
        BrokenWorld(
            "a millionth added to the denominator",
            change={"loss": damped_cosine},
            at={"coordinates": 8},
            judged_by="moved",
        ),
        BrokenWorld(
            "the mean squared difference of the classification code",
            change={"loss": squares},
            at={"coordinates": 8},
            judged_by="moved",
        ),
        BrokenWorld(
            "noise that is doubled with the features",
            change={"noise_too": 1.0},
            at={"coordinates": 8},
            judged_by="change",
        ),
    ),
    block=20,
    cap=ByEffort(smoke=100, standard=400, full=1000),
)
