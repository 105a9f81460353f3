"""How the gain in W2 falls with the samples and grows with the dimension."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.slight_corruption._data import CLASS
from refutable.simulations.generative.slight_corruption._transport import gains
from refutable.theory.generative.slight_corruption.denoiser import Extra, isotropic, rank_one
from refutable.theory.generative.slight_corruption.transport import Setting

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Slope,
)

NORM, SCALE = 1.0, 0.3
DIM, SIZES = 8, (50, 100, 200, 400)
SAMPLES, DIMS = 400, (2, 4, 8, 16, 32)
AVERAGED = 800
"""Data sets in an average, over d: the ratio of one has a deviation of some sqrt(n/2)/d."""


def _averages(rng: Generator, size: int, setting: Setting, extra: Extra = rank_one) -> FloatArray:
    """Draw `size` averages of the gain, each over ``AVERAGED/d`` data sets."""
    count = AVERAGED // setting.d
    return np.asarray(gains(rng, size * count, setting, extra).reshape(size, count).mean(axis=1))


def over_samples(cell: Cell, rng: Generator, size: int, exponent: float = 0.5) -> Columns:
    """Raise n with gamma = 0.3/sqrt(n), or with another exponent from the same start.

    Returns
    -------
    dict of ndarray, shape (size, 4)
    """
    del cell
    start = SCALE / sqrt(SIZES[0])
    rungs = [Setting(n, DIM, NORM, start * (SIZES[0] / n) ** exponent) for n in SIZES]
    return {"gain": np.stack([_averages(rng, size, rung) for rung in rungs], axis=1)}


def over_dimensions(cell: Cell, rng: Generator, size: int, extra: Extra = rank_one) -> Columns:
    """Raise d, for the law that is generated or, with `isotropic`, the printed one.

    Returns
    -------
    dict of ndarray, shape (size, 5)
    """
    del cell
    rungs = [Setting(SAMPLES, d, NORM, SCALE / sqrt(SAMPLES)) for d in DIMS]
    return {"gain": np.stack([_averages(rng, size, rung, extra) for rung in rungs], axis=1)}


def _by_samples(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    rungs = [Setting(int(n), DIM, NORM, SCALE / sqrt(n)) for n in sizes]
    return np.array([rung.predicted_ratio * rung.unit for rung in rungs])


def _by_dimension(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    rungs = [Setting(SAMPLES, int(d), NORM, SCALE / sqrt(SAMPLES)) for d in sizes]
    return np.array([rung.predicted_ratio * rung.unit for rung in rungs])


REPLICATES = ByEffort(smoke=160, standard=480, full=960)

IN_SAMPLES = Claim(
    id="slight_corruption.w2-gain-samples",
    title="What slight label noise gains falls with the square of the number of samples",
    source="Theorem 2, a lower bound; that the rate is exact is derived here",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="With label noise $0.3/sqrt(n)$ the gain falls like gamma squared over n, so like n "
    "to the power of -2. Tried is the median slope of averages over 100 data sets.",
    formula='"med" [W_2^2 (P, Q) - W_2^2 (P, Q^c)] = Theta(gamma^2 d/n) = Theta(n^(-2))',
    scope=Scope.AS_STATED,
    does_not_show="The expectation itself, for which see w2-gain-slight.",
    assumptions=(*CLASS, "d = 8 and a class mean of length 1"),
    simulate=over_samples,
    expect=(
        Slope("gain", SIZES).near(-2, 0.1),
        Slope("gain", SIZES, _by_samples).near(0, 0.1),
    ),
    controls=(
        FalseTheory("an exponent of -1.85", Slope("gain", SIZES).near(-1.85, 0.1)),
        BrokenWorld("label noise that falls like n to the -0.4", change={"exponent": 0.4}),
    ),
    figure=Axis(x="n", label="samples n", log=True),
    block=8,
    cap=REPLICATES,
)

IN_DIMENSION = Claim(
    id="slight_corruption.w2-gain-dimension",
    title="What slight label noise gains grows in proportion to the dimension",
    source="Theorem 2, a lower bound; that the rate is exact is derived here",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="With label noise $0.3/sqrt(n)$ and a class mean of constant length the gain grows "
    "in proportion to the dimension. Tried is the median slope of averages over data "
    "sets.",
    formula='"med" [W_2^2 (P, Q) - W_2^2 (P, Q^c)] = Theta(gamma^2 d/n)',
    scope=Scope.AS_STATED,
    does_not_show="Dimensions near the number of samples, where the gain grows faster.",
    assumptions=(*CLASS, "n = 400 and a class mean of length 1"),
    simulate=over_dimensions,
    expect=(
        Slope("gain", DIMS).near(1, 0.1),
        Slope("gain", DIMS, _by_dimension).near(0, 0.05),
    ),
    controls=(
        FalseTheory("an exponent of 1.15", Slope("gain", DIMS).near(1.15, 0.1)),
        BrokenWorld("the covariance of Lemma 4 as printed", change={"extra": isotropic}),
    ),
    figure=Axis(x="d", label="dimension d", log=True),
    block=8,
    cap=REPLICATES,
)
