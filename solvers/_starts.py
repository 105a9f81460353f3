"""Which of several starts is kept."""

import numpy as np
from numpy.typing import NDArray


def best_start(
    objective: NDArray[np.float64], last: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the index of the start with the highest finite objective of each replicate.

    Parameters
    ----------
    objective : ndarray, shape (R, starts)
        NaN and infinite ones are chosen only where there is no other.
    last : ndarray of bool, shape (R, starts), optional
        Starts that are chosen only where no other has a finite objective.

    Raises
    ------
    ValueError
        If there is no axis of starts.
    """
    if objective.ndim != 2:
        raise ValueError("start has one start a replicate: give (R, starts) for best()")
    finite = np.isfinite(objective)
    if last is not None:
        first = finite & ~last
        finite = np.where(np.asarray(first.any(axis=1))[:, None], first, finite)
    pick = np.argmax(np.where(finite, objective, -np.inf), axis=1)
    return np.arange(len(pick)), pick
