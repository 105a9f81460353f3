"""The lattice of partial assignments: every marginal of a discrete law, and what ties them.

A partial assignment gives each of D coordinates a value 0..K-1 or leaves it open, written K; its
number has these digits in base K + 1, coordinate 0 the lowest. A *step* fills one coordinate: the
D (K+1)^(D-1) K steps are stored as (coordinate, parent among those that leave it open, value),
and ``log p(child) - log p(parent) = log p(value | parent)`` for the marginals of one law.
"""

from refutable.solvers.marginal_lattice.lattice import (
    Steps,
    digits,
    log_conditionals,
    marginals,
    steps,
    visits,
)
from refutable.solvers.marginal_lattice.least_squares import LatticeFit, fit_log_marginals
from refutable.solvers.marginal_lattice.orders import order_log_likelihoods

__all__ = [
    "LatticeFit",
    "Steps",
    "digits",
    "fit_log_marginals",
    "log_conditionals",
    "marginals",
    "order_log_likelihoods",
    "steps",
    "visits",
]
