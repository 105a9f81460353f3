"""The mode of a product of Gaussian posteriors, climbed to by gradients, and the closed forms."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.fisher_merging._precisions import diagonals, draw_precisions
from refutable.solvers.gaussian_merging import average, diagonal_mode, full_mode

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
    FloatArray,
    Origin,
    Scope,
)

DIMENSION = 4


def slope_at(
    theta: FloatArray, means: FloatArray, precisions: FloatArray, weights: FloatArray
) -> FloatArray:
    """Return the gradient of ``sum lambda_i log N(theta | theta_i, F_i^(-1))``, shape (size, p)."""
    apart = means - theta[:, None]
    return np.asarray((weights[:, None] * (precisions @ apart[..., None])[..., 0]).sum(axis=1))


def climb(means: FloatArray, precisions: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the highest point, from 0, by conjugate gradients that know the gradient alone.

    Parameters
    ----------
    means : ndarray, shape (size, m, p)
    precisions : ndarray, shape (size, m, p, p)
    weights : ndarray, shape (m,)

    Returns
    -------
    ndarray, shape (size, p)
    """
    theta, still = np.zeros_like(means[:, 0]), np.zeros_like(means)
    for _ in range(3):  # starts anew, for the digits that rounding costs
        slope = slope_at(theta, means, precisions, weights)
        way = slope
        for _ in range(DIMENSION):
            square = (slope**2).sum(axis=1)
            bent = -slope_at(way, still, precisions, weights)  # the gradient without the means
            length = _ratio((slope * way).sum(axis=1), (way * bent).sum(axis=1))
            theta = theta + length * way
            slope = slope_at(theta, means, precisions, weights)
            way = slope + _ratio((slope**2).sum(axis=1), square) * way
    return theta


def _ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return a / b, shape (size, 1), and 0 where the way has ended."""
    return np.asarray(np.divide(a, b, out=np.zeros_like(a), where=b > 1e-200)[:, None])


def modes(
    cell: Cell, rng: Generator, size: int, inverse: float = 0.0, tilt: float = 0.0
) -> Columns:
    """Distance of the climbed modes from closed forms, for random models.

    Parameters
    ----------
    cell : Cell
        With ``models``.
    inverse : float
        Share of the inverse in the precisions of the closed forms.
    tilt : float
        By how much more, relatively, the closed forms count the first model.

    Returns
    -------
    dict of ndarray, shape (size,)
        For ``full`` precisions, their ``diagonal``, and ``equal`` isotropic ones: the largest
        difference of a coordinate.
    """
    precisions = draw_precisions(rng, size, cell.models, DIMENSION)
    means = rng.standard_normal((size, cell.models, DIMENSION))
    weights = np.linspace(0.3, 1.0, cell.models)
    told = weights * (1 + tilt * (np.arange(cell.models) == 0))
    diagonal = diagonals(precisions)
    identity = np.eye(DIMENSION)

    def gap(laws: FloatArray, said: FloatArray) -> FloatArray:
        return np.asarray(np.abs(climb(means, laws, weights) - said).max(axis=1))

    mixed = (1 - inverse) * precisions + inverse * np.linalg.inv(precisions)
    mixed_diagonal = (1 - inverse) * diagonal + inverse / diagonal
    equal = 3 * np.broadcast_to(identity, precisions.shape)
    return {
        "full": gap(precisions, full_mode(means, mixed, told)),
        "diagonal": gap(diagonal[..., None] * identity, diagonal_mode(means, mixed_diagonal, told)),
        "equal": gap(equal, average(means, told)),
    }


MODE = Claim(
    id="fisher_merging.laplace-product-mode",
    title="Merging by Fisher information maximises the joint likelihood of the posteriors",
    source="abstract, and the weighted mean of the released code",
    origin=Origin.PRINTED,
    basis=Basis.ABSTRACT,
    statement="The product of Gaussian posteriors is highest at the mean of the models weighted by "
    "their precisions, in full or coordinate by coordinate; equal isotropic precisions give the "
    "plain average.",
    formula='"argmax"_theta sum_i lambda_i log N(theta | theta_i, F_i^(-1)) = '
    "(sum_i lambda_i F_i)^(-1) sum_i lambda_i F_i theta_i",
    scope=Scope.AS_STATED,
    does_not_show="That posteriors of networks are near Gaussian, or that the merged network is "
    "any good.",
    assumptions=(
        "4 parameters, random precisions and estimates; coefficients from 0.3 to 1",
        "highest points by conjugate gradients, which know only the gradient",
    ),
    cells=ByEffort(
        smoke=Cells(models=(2, 5)), standard=Cells(models=(2, 3, 5)), full=Cells(models=(2, 3, 5))
    ),
    simulate=modes,
    expect=(
        Exact("full").at_most(1e-8),
        Exact("diagonal").at_most(1e-8),
        Exact("equal").at_most(1e-8),
    ),
    controls=(
        BrokenWorld(
            "a millionth of the inverse in the weights",
            change={"inverse": 1e-6},
            judged_by=("full", "diagonal"),
        ),
        BrokenWorld("a model that counts a millionth more", change={"tilt": 1e-6}),
    ),
    block=128,
    cap=ByEffort(smoke=512, standard=4096, full=16_384),
    figure=Axis(x="models", label="models that are merged"),
)
