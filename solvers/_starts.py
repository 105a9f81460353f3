"""Which of several starts is kept."""

import numpy as np
from numpy.typing import NDArray


def best_start(objective: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the index of the start with the highest finite objective of each replicate.

    Parameters
    ----------
    objective : ndarray, shape (R, starts)
        NaN and infinite ones are chosen only where there is no other.

    Raises
    ------
    ValueError
        If there is no axis of starts.
    """
    if objective.ndim != 2:
        raise ValueError("start has one start a replicate: give (R, starts) for best()")
    pick = np.argmax(np.where(np.isfinite(objective), objective, -np.inf), axis=1)
    return np.arange(len(pick)), pick
