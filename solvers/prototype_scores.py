"""Scores of points by class prototypes, ``exp(-D^2 / (2 variance))``, for several distances D."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, finite_array, one_of, positive, refuse

__all__ = ["Distance", "prototype_scores"]

Distance = Literal["mean absolute", "root mean square", "norm over channels"]


def prototype_scores(
    x: ArrayLike,
    prototype: ArrayLike,
    *,
    distance: Distance = "mean absolute",
    variance: float = 0.5,
) -> Floats:
    """Return the score of each point by one prototype, in (0, 1].

    Parameters
    ----------
    x : array_like, shape (..., C)
        Features.
    prototype : array_like, shape (C,)
    distance : {"mean absolute", "root mean square", "norm over channels"}
        The mean over channels of absolute deviations; the Euclidean distance over sqrt(C); the
        Euclidean distance over C.
    variance : float
        Positive; 1/2 gives ``exp(-D^2)``.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    ValueError
        If shapes do not go together, or an option is out of its range.
    """
    one_of("distance", distance, get_args(Distance))
    points, centre = finite_array("x", x, least=1), finite_array("prototype", prototype, ndim=1)
    if points.shape[-1] != len(centre):
        refuse("x", points, f"last axis of the prototype's length, {len(centre)}")
    apart = points - centre
    if distance == "mean absolute":
        square = np.abs(apart, out=apart).mean(axis=-1) ** 2
    else:
        square = np.einsum("...c,...c->...", apart, apart) / len(centre)
    if distance == "norm over channels":
        square = square / len(centre)
    return np.asarray(np.exp(-square / (2.0 * positive("variance", variance))))
