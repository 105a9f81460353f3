"""Least squares on a support that is known: what no estimator of the support can beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, flags, refuse
from refutable.solvers.sparse_bayes.models import DenseModel


def support_least_squares(model: DenseModel, support: ArrayLike) -> Floats:
    """Return the least-squares coefficients on a support of each data set, 0 elsewhere.

    Parameters
    ----------
    model : DenseModel
        R data sets; their noise does not matter.
    support : array_like of bool, shape (R, n)
        As many places in every data set, and linearly independent columns there.

    Returns
    -------
    ndarray, shape (R, n)

    Raises
    ------
    ValueError
        If the shape is wrong, or the columns are dependent, or more in one data set than another.
    """
    chosen = flags("support", support, shape=(model.replicates, *model.sizes))
    counts = np.count_nonzero(chosen, axis=1)
    if counts.min() != counts.max() or counts[0] == 0:
        refuse("support", chosen, "as many places in every data set, at least one")
    places = np.nonzero(chosen)[1].reshape(len(chosen), -1)
    columns = np.take_along_axis(model.matrix, places[:, None, :], axis=2)
    transposed = np.swapaxes(columns, -1, -2)
    found = np.zeros(chosen.shape)
    try:
        solved = np.linalg.solve(transposed @ columns, transposed @ model.data[..., None])
    except np.linalg.LinAlgError:
        refuse("support", chosen, "places whose columns are linearly independent")
    np.put_along_axis(found, places, solved[..., 0], axis=1)
    return found
