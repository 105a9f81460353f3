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
        A variance sits on its floor: the likelihood is unbounded or nearly so, because the data
        lie on a line, or part of them that is too large for chance.
    SEPARATED
        The gate decides every observation with certainty: its slopes run to infinity.
    UNFINISHED
        The iterations ran out before the stopping rule was met.
    SINGULAR
        A variance sits on its floor for so few observations that chance explains it: a spike,
        which can be had on almost any d + 1 observations. Its likelihood is the floor's doing.
    DIVERGED
        The log-likelihood stopped being a finite number.
    """

    CONVERGED = 0
    UNIDENTIFIED = 1
    BOUNDARY = 2
    SEPARATED = 3
    UNFINISHED = 4
    SINGULAR = 5
    DIVERGED = 6
