"""Law of total variance for a mixture's conversion, by integration on random laws."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.mixtures.voice_morphing._frames import (
    ONE_FEATURE,
    Posterior,
    exact,
    forgetful,
    joint,
    likeliest,
    random_laws,
    target_given,
)
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture
from refutable.theory.mixtures import voice_morphing as theory
from refutable.theory.mixtures.voice_morphing import Law

from refutable import (
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
    Scope,
)

IDENTITY = 1e-8
GRID = (401, 101)
"""Points in x and in y. The sums converge exponentially; see the tests for how fast."""


def _grids(law: Law) -> tuple[FloatArray, FloatArray]:
    """Return even grids (size, n) in x and y that reach 8 standard deviations beyond the centres.

    A standard deviation is 1 at most.
    """
    pairs = zip((law.mean_x, law.mean_y), GRID, strict=True)
    x, y = (np.linspace(m.min(axis=-1) - 8, m.max(axis=-1) + 8, n, axis=-1) for m, n in pairs)
    return x, y


def _masses(mixture: Mixture, x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the probabilities (size, nx, ny) of the cells of the grid."""
    shape = (len(x), x.shape[1], y.shape[1])
    pairs = np.stack(
        [np.broadcast_to(x[:, :, None], shape), np.broadcast_to(y[:, None], shape)], axis=-1
    )
    density = np.exp(em.log_density(mixture, pairs.reshape(len(x), -1, 2))).reshape(shape)
    area = (x[:, 1] - x[:, 0]) * (y[:, 1] - y[:, 0])
    return np.asarray(density * area[:, None, None])


def integrals(cell: Cell, rng: Generator, size: int, posterior: Posterior = exact) -> Columns:
    """Integrate the conversion of random laws over x, and its squared error over the plane.

    Returns
    -------
    dict of ndarray, shape (size,)
        In units of Var Y: ``total_gap``, |Var F + E Var(Y|X) - Var Y|; ``error_gap``, between
        the squared error and E Var(Y|X); ``predicted_gap``, between Var F and theory;
        ``above_line``, Var F less its lower bound; ``below_cap``, its upper bound less Var F.
    """
    law = random_laws(rng, (size, cell.k))
    mixture, (x, y) = joint(law), _grids(law)
    moments = em.mean_and_covariance(target_given(mixture, x, posterior))
    f, left = moments[0][..., 0], moments[1][..., 0, 0]
    mass = _masses(mixture, x, y)
    p, variance = mass.sum(axis=2), theory.target_variance(law)
    ratio = (p * (f - law.mean[:, None]) ** 2).sum(axis=1) / variance
    within = (p * left).sum(axis=1) / variance
    error = (mass * (y[:, None, :] - f[:, :, None]) ** 2).sum(axis=(1, 2)) / variance
    return {
        "total_gap": np.abs(ratio + within - 1),
        "error_gap": np.abs(error - within),
        "predicted_gap": np.abs(ratio - theory.global_variance(law).mean),
        "above_line": ratio - theory.squared_correlation(law),
        "below_cap": theory.most_global_variance(law) - ratio,
    }


OVER_SMOOTHING = Claim(
    id="voice_morphing.over-smoothing-identity",
    title="The converted feature lacks exactly the variance that the source does not explain",
    source="Abstract: mapping by a Gaussian mixture over-smooths; derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="The variance of the converted feature is that of the target less its average "
    "conditional variance, which is the squared error. Its share of the target's "
    "variance lies between the squared correlation and the share that the components "
    "leave; for $K = 1$ all three are equal.",
    formula='op("Var") F(X) = op("Var") Y - EE op("Var")(Y|X), quad '
    'rho^2 <= (op("Var") F(X))/(op("Var") Y) <= 1 - (sum_k w_k (s_k^y)^2 (1 - r_k^2))/'
    '(op("Var") Y)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about voices: one feature of each speaker, a law that is known.",
    assumptions=ONE_FEATURE[:1],
    cells=ByEffort(smoke=Cells(k=(1, 4)), standard=Cells(k=(1, 2, 4)), full=Cells(k=(1, 2, 4, 8))),
    simulate=integrals,
    expect=(
        Exact("total_gap").at_most(IDENTITY),
        Exact("error_gap").at_most(IDENTITY),
        Exact("predicted_gap").at_most(IDENTITY),
        Exact("above_line").at_least(-IDENTITY),
        Exact("below_cap").at_least(-IDENTITY),
        Exact("above_line", k=1).at_most(IDENTITY),
    ),
    controls=(
        BrokenWorld(
            "posteriors that forget the weights", change={"posterior": forgetful}, at={"k": 4}
        ),
        BrokenWorld(
            "the line of the likeliest component", change={"posterior": likeliest}, at={"k": 4}
        ),
        FalseTheory("it is the squared correlation", Exact("above_line", k=4).at_most(IDENTITY)),
        FalseTheory("it is what the components leave", Exact("below_cap", k=4).at_most(IDENTITY)),
    ),
    block=10,
    cap=ByEffort(smoke=20, standard=40, full=200),
)
