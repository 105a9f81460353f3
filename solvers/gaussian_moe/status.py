"""How a fit ended. No fit is handed back without one of these."""

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """How a fit ended, from good to bad.

    CONVERGED
        A stationary point at which every parameter is determined.
    UNIDENTIFIED
        The log-likelihood is at a stationary value, but the information is singular there: some
        direction of the parameters does not matter (a free temperature under a homogeneous
        activation, two equal experts, a constant x, an expert that the gate never keeps).
    BOUNDARY
        A variance sits on its floor: the likelihood is unbounded or nearly so.
    SEPARATED
        The gate decides every observation with certainty: its slopes run to infinity.
    UNFINISHED
        The iterations ran out before the stopping rule was met.
    DIVERGED
        The log-likelihood stopped being a finite number.
    """

    CONVERGED = 0
    UNIDENTIFIED = 1
    BOUNDARY = 2
    SEPARATED = 3
    UNFINISHED = 4
    DIVERGED = 5
