"""How a fit of a mixture ended. No fit is handed back without one of these."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.mixture_em._m_step import LEAST_MASS, Data
from refutable.solvers.mixture_em.mixture import DIAGONAL, Array, Mixture

__all__ = ["Status", "judged", "least_variance"]

# Share of the data's variance that rounding leaves to a component of equal points, at most: a
# square of residuals is rounded to 2e-16 of itself, and the mean moves little near the end.
_ROUNDING = 1e-13


class Status(IntEnum):
    """How a fit ended, from good to bad.

    CONVERGED
        The last iteration gained no more than the tolerance.
    PASSED
        The pass over the data was completed: stepwise EM has no stopping rule of its own.
    EMPTY
        A component holds less than one millionth of an observation; the others may be fine.
    COLLAPSED
        Along some direction the observations of a component vary by no more than the floor, or
        than rounding: the likelihood is unbounded or nearly so, and its value says more about the
        floor than about the data.
    UNFINISHED
        The iterations ran out before the stopping rule was met.
    DIVERGED
        The log-likelihood stopped being a finite number: a covariance became singular.
    """

    CONVERGED = 0
    PASSED = 1
    EMPTY = 2
    COLLAPSED = 3
    UNFINISHED = 4
    DIVERGED = 5


def least_variance(data: Data, floor: float) -> Array:
    """Return the variance of each row at or below which a component has collapsed, shape (rows,).

    The floor is in every variance, so that twice as much means that the data add no more than it.
    """
    return np.asarray(np.maximum(2 * floor, _ROUNDING * data.x.var(axis=2).max(axis=1)))


def judged(
    mixture: Mixture, value: Array, mass: Array, ended: NDArray[np.int64], least: Array
) -> NDArray[np.int64]:
    """Return the status of each fit: what is wrong with it, else how it ended."""
    spread = mixture.expanded()
    own = spread if mixture.kind in DIAGONAL else np.linalg.eigvalsh(spread)
    flat = own.min(axis=(-1, -2)) <= least
    findings = [
        (~np.isfinite(value), Status.DIVERGED),
        (ended == Status.UNFINISHED, Status.UNFINISHED),
        (flat, Status.COLLAPSED),
        ((mass <= LEAST_MASS).any(axis=-1), Status.EMPTY),
    ]
    return np.select([f for f, _ in findings], [s for _, s in findings], ended).astype(np.int64)
