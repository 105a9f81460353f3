"""The loss of any predictor: its divergence from the exact predictive, and an entropy."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.pfn._network import NETWORK, predictive, trained
from refutable.simulations.bayes.pfn._prior import CONTEXT, NOISE, PRIOR, DataSets, draw, exact
from refutable.theory.bayes import pfn as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FloatArray,
    Mean,
    Origin,
    Scope,
)

TOGETHER = 16
"""Data sets in a replicate: as much is learned from their means, and sooner."""

HEADS = ("prior", "shorter", "0 steps", "400 steps", "5000 steps")
SHORTER = 0.2
"""Length-scale that one of the predictors believes in, for 0.3."""


def predictions(head: str, sets: DataSets, seen: int) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of a predictor for the last point, shape (size, 1).

    Parameters
    ----------
    head : str
        ``prior``: the context is ignored; ``shorter``: a Gaussian process with another
        length-scale; ``400 steps``: a network trained for so many.
    sets : DataSets
    seen : int
    """
    if head == "prior":
        mean = np.zeros((len(sets.y), 1))
        return mean, mean + 1 + NOISE
    if head == "shorter":
        return exact(sets, seen, 1, SHORTER)
    return predictive(trained(int(head.split()[0]), 0), sets, seen)


def gaps(
    cell: Cell, rng: Generator, size: int, believed: float = 0.3, reverse: bool = False
) -> Columns:
    """Loss of a predictor on one query of each data set, less its divergence and an entropy.

    A replicate is the mean of `TOGETHER` data sets.

    Parameters
    ----------
    cell : Cell
        With ``head`` and ``n``.
    believed : float
        Length-scale of the predictive whose divergence and entropy are taken.
    reverse : bool
        Take the divergence of the exact predictive from the predictor's.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``gap``, in standard deviations of the loss, the data set being given; ``nats``: as it is;
        ``kl``: the divergence.
    """
    sets = draw(rng, TOGETHER * size, CONTEXT + 1)
    mean, variance = exact(sets, cell.n, 1)
    other, other_variance = predictions(str(cell.head), sets, cell.n)
    off = (sets.y[:, CONTEXT:] - other) / np.sqrt(other_variance)
    loss = 0.5 * (off**2 + np.log(2 * np.pi * other_variance))
    told = exact(sets, cell.n, 1, believed)
    pair = (*told, other, other_variance)
    kl = theory.gaussian_kl(*(pair[2:] + pair[:2] if reverse else pair))
    nats = loss - kl - theory.gaussian_entropy(told[1])
    deviation = theory.loss_deviation(variance, mean - other, other_variance)
    found = {"gap": nats / deviation, "nats": nats, "kl": kl}
    return {name: c.reshape(size, TOGETHER).mean(axis=1) for name, c in found.items()}


DECOMPOSITION = Claim(
    id="pfn.prior-nll-decomposition",
    title="The training loss of any predictor is its divergence from Bayes, plus a constant",
    source="Insight 1 and Corollary 1.1; a later footnote gives Foong et al. (2020), section 3.2, "
    "Proposition 1, the priority",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="Over data sets drawn from a prior, the expected negative log likelihood of any "
    "predictor is its expected divergence from the exact predictive, plus the expected entropy of "
    "the latter: here with a Gaussian process for the prior, and also given the context.",
    formula='EE [-log q(y | x, D)] = EE thin "KL"(p(dot | x, D) || q(dot | x, D)) + '
    "EE thin H(p(dot | x, D))",
    scope=Scope.AS_STATED,
    does_not_show="That training finds the minimiser, or that its family holds the predictive.",
    assumptions=(*PRIOR, NETWORK[0]),
    notes=(
        "Divided by the standard deviation of the loss, which is known given the data set, the gap "
        "has mean 0 and variance 1 exactly: on this the error probability rests. A replicate is "
        "the mean of 16 data sets.",
    ),
    cells=ByEffort(
        smoke=Cells(head=HEADS[:2], n=(2, 8)),
        standard=Cells(head=HEADS, n=(2, 8)),
        full=Cells(head=HEADS, n=(1, 2, 4, 8)),
    ),
    simulate=gaps,
    expect=(
        Mean("gap", variance_at_most=1 / TOGETHER).near(0.0, 0.05),
        Mean("nats").shown(0.0),
        Mean("kl").shown(),
    ),
    controls=(
        BrokenWorld(
            "divergence from, and entropy of, a predictive with length-scale 0.4",
            change={"believed": 0.4},
            at={"head": "shorter", "n": 2},
        ),
        BrokenWorld(
            "the divergence the other way round",
            change={"reverse": True},
            at={"head": "shorter"},
        ),
    ),
    block=512,
    cap=ByEffort(smoke=4096, standard=8192, full=8192),
    figure=Axis(x="n", label="context points seen"),
)
