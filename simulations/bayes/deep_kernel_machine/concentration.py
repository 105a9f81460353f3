"""The posterior of a wide layer's Gram beside the optimum, and the kurtosis of its features."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.deep_kernel_machine._objective import KERNELS
from refutable.simulations.bayes.deep_kernel_machine._posterior import (
    POSTERIOR,
    best_gram,
    draw_machine,
    posteriors,
)
from refutable.solvers.log_cholesky import positive_definite
from refutable.theory.bayes import deep_kernel_machine as theory

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
    MendedWorld,
    Origin,
    Quantile,
    Scope,
    Slope,
)

WIDTHS = (8, 32, 128, 512)

KERNEL_CELLS = ByEffort(
    smoke=Cells(kernel=("linear", "arc-cosine")),
    standard=Cells(kernel=tuple(KERNELS)),
    full=Cells(kernel=tuple(KERNELS)),
)


def _norm(matrices: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(matrices, axis=(-2, -1)))


def concentration(
    cell: Cell,
    rng: Generator,
    size: int,
    share: float = 1.0,
    outputs: int | None = None,
    widths: tuple[int, ...] = WIDTHS,
) -> Columns:
    """Distance of the posterior mean of the Gram from the optimum, and its spread, by width.

    Parameters
    ----------
    cell : Cell
        With ``kernel``.
    share : float
        Outputs to a feature; the optimum is that for one.
    outputs : int, optional
        How many there are, whatever the width.
    widths : tuple of int
        N.

    Returns
    -------
    dict of ndarray
        ``bias`` and ``deviation``, shape (size, len(widths)): distance of the mean from the optimum
        and root of the mean squared distance from the mean, relative to the optimum. ``last``,
        shape (size,): the bias at the greatest width, and ``from_prior``: distance of that mean
        from the Gram of the inputs, relative to that.
    """
    bias, deviation = np.empty((2, size, len(widths)))
    from_prior = np.empty(size)
    for r in range(size):
        machine = draw_machine(rng, str(cell.kernel))
        mode = best_gram(machine)
        best = positive_definite(mode)
        for k, draws in enumerate(posteriors(rng, machine, mode, widths, share, outputs)):
            grams = positive_definite(draws.states)
            mean = np.tensordot(draws.weights, grams, axes=1)
            bias[r, k] = _norm(mean - best) / _norm(best)
            spread = draws.weights @ _norm(grams - mean) ** 2
            deviation[r, k] = np.sqrt(spread) / _norm(best)
        from_prior[r] = _norm(mean - machine.first) / _norm(machine.first)
    return {
        "bias": bias,
        "deviation": deviation,
        "last": bias[:, -1],
        "from_prior": from_prior,
    }


CONCENTRATES = Claim(
    id="deep_kernel_machine.gram-posterior-concentrates",
    title="In a wide layer with as many outputs as features the Gram is what the objective says",
    source="the limit of many features and outputs, recalled",
    origin=Origin.PRINTED,
    basis=Basis.RECALLED,
    statement="With N features and N outputs the posterior mean of the Gram is typically of order "
    "$1/N$ from the optimum of the objective, within 1 % at $N = 512$, and its standard "
    "deviation is of order $N^(-1/2)$.",
    formula='"median of" norm(EE[G | Y] - G^*) prop N^(-1), quad '
    '"median of" (EE[norm(G - EE G)^2 | Y])^(1/2) prop N^(-1 slash 2)',
    scope=Scope.SCALED_DOWN,
    does_not_show="More hidden layers, more inputs, and how Langevin or other samplers fare.",
    assumptions=POSTERIOR,
    notes=(
        "Medians at $N = 8$, 32, 128, 512: biases 0.13, 0.033, 0.0084, 0.0021 with the linear "
        "kernel, deviations 0.62, 0.29, 0.14, 0.071; the other kernels are within a third.",
        "With seven outputs whatever the width, the limit of wide networks, the mean goes to the "
        "Gram of the inputs: it is 0.40, 0.15, 0.043, 0.011 from there, and ever farther from the "
        "optimum.",
    ),
    cells=KERNEL_CELLS,
    simulate=concentration,
    expect=(
        Slope("bias", WIDTHS).near(-1.0, 0.2),
        Slope("deviation", WIDTHS).near(-0.5, 0.1),
        Quantile("last", 0.5).at_most(0.01),
    ),
    controls=(
        FalseTheory("a bias of order $N^(-0.7)$", Slope("bias", WIDTHS).near(-0.7, 0.2)),
        FalseTheory(
            "a deviation of order $N^(-0.65)$", Slope("deviation", WIDTHS).near(-0.65, 0.1)
        ),
        FalseTheory("within 0.1 % at $N = 512$", Quantile("last", 0.5).at_most(0.001)),
        BrokenWorld(
            "outputs that are a twentieth fewer than the optimum is told",
            change={"share": 0.95},
            at={"kernel": "linear"},
            judged_by=("bias", "last"),
        ),
        BrokenWorld(
            "seven outputs to 512 features",
            change={"outputs": 7, "widths": (512,)},
            at={"kernel": "linear"},
            judged_by="last",
        ),
    ),
    positive=(
        MendedWorld(
            "seven outputs to 512 features: the mean is within 2 % of the Gram of the inputs",
            change={"outputs": 7, "widths": (512,)},
            at={"kernel": "linear"},
            expect=(Quantile("from_prior", 0.5).at_most(0.02),),
        ),
    ),
    block=6,
    cap=ByEffort(smoke=96, standard=192, full=384),
    figure=Axis(x="width", label="features", log=True),
)


def gaussianity(cell: Cell, rng: Generator, size: int, widths: tuple[int, ...] = WIDTHS) -> Columns:
    """Excess kurtosis of the entries of the four rows of features, by width.

    Parameters
    ----------
    cell : Cell
        With ``kernel``.
    widths : tuple of int
        N.

    Returns
    -------
    dict of ndarray
        ``kurtosis``, shape (size, len(widths)): norm of the excess over rows. ``largest``,
        shape (size,): the largest of their sizes at the greatest width.
    """
    kurtosis, largest = np.empty((size, len(widths))), np.empty(size)
    for r in range(size):
        machine = draw_machine(rng, str(cell.kernel))
        for k, draws in enumerate(posteriors(rng, machine, best_gram(machine), widths)):
            squares = np.diagonal(positive_definite(draws.states), axis1=1, axis2=2)
            mean, square = draws.weights @ squares, draws.weights @ squares**2
            excess = theory.excess_kurtosis(widths[k], mean, square)
            kurtosis[r, k] = np.linalg.norm(excess)
        largest[r] = np.abs(excess).max()
    return {"kurtosis": kurtosis, "largest": largest}


GAUSSIAN = Claim(
    id="deep_kernel_machine.feature-gaussianity",
    title="Given the outputs the features of a wide layer have the kurtosis of Gaussians",
    source="features that are Gaussian in the limit, recalled",
    origin=Origin.PRINTED,
    basis=Basis.RECALLED,
    statement="With N features and N outputs the excess kurtosis of the features is typically of "
    "order $1/N$, and at most 0.05 for each of four inputs at $N = 512$.",
    formula='"median of" norm(kappa - 3) prop N^(-1), quad '
    "kappa_i = (EE[F_(i 1)^4 | Y]) slash (EE[F_(i 1)^2 | Y])^2",
    scope=Scope.SCALED_DOWN,
    does_not_show="Other features of the law than the fourth moment of single entries, and more "
    "hidden layers.",
    assumptions=POSTERIOR,
    notes=(
        "Given the Gram the rows turn freely, so that the fourth moment of an entry is a moment of "
        "the Gram. With the linear kernel the excesses of the four inputs are -0.31, -0.26, -0.28 "
        "and -0.21 at $N = 8$, medians over 16 data sets, and -0.006, -0.005, -0.005 and -0.003 at "
        "$N = 512$; single ones may be positive.",
    ),
    cells=KERNEL_CELLS,
    simulate=gaussianity,
    expect=(
        Slope("kurtosis", WIDTHS).near(-1.0, 0.2),
        Quantile("largest", 0.5).at_most(0.05),
    ),
    controls=(
        FalseTheory("an excess of order $N^(-0.7)$", Slope("kurtosis", WIDTHS).near(-0.7, 0.2)),
        BrokenWorld(
            "32 features in place of 512",
            change={"widths": (32,)},
            at={"kernel": "linear"},
            judged_by="largest",
        ),
        BrokenWorld(
            "Gaussian already with four features",
            change={"widths": (4,)},
            at={"kernel": "linear"},
            judged_by="largest",
        ),
    ),
    block=6,
    cap=ByEffort(smoke=96, standard=192, full=384),
    figure=Axis(x="width", label="features", log=True),
)
