"""The k largest entries of a row, with the ties that every router here breaks alike."""

import numpy as np
from refutable.solvers.argument_checks import Floats, Ints


def k_largest(values: Floats, k: int) -> Ints:
    """Return the places of the k largest of the last axis, best first, shape (..., k).

    Ties go to the smaller place: the sort is stable.
    """
    return np.asarray(np.argsort(-values, axis=-1, kind="stable")[..., :k])
