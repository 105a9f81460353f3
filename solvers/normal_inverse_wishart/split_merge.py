"""Posterior odds of two groups apart against together, under a Dirichlet process mixture."""

import numpy as np
import scipy
from refutable.solvers.argument_checks import positive
from refutable.solvers.normal_inverse_wishart.groups import Array, GroupStatistics
from refutable.solvers.normal_inverse_wishart.law import NormalInverseWishart, log_marginal

__all__ = ["log_merge_ratio", "log_split_ratio"]


def log_split_ratio(
    prior: NormalInverseWishart,
    first: GroupStatistics,
    second: GroupStatistics,
    concentration: float = 1.0,
) -> Array:
    """Return the log posterior odds of two groups apart against the two in one.

    ``log alpha + log Gamma(N1) + log h(Z1) + log Gamma(N2) + log h(Z2) - log Gamma(N) - log h(Z)``,
    under a Dirichlet process of concentration alpha (Antoniak 1974; Chang and Fisher 2013).

    Parameters
    ----------
    prior : NormalInverseWishart
    first, second : GroupStatistics
        Neither may be empty.
    concentration : float
        alpha, above 0.
    """
    for name, group in (("first", first), ("second", second)):
        if (np.asarray(group.count) < 1).any():
            raise ValueError(f"{name} holds an empty group: give at least one point")
    parent, log = first.merged(second), np.log(positive("concentration", concentration))
    apart = [scipy.special.gammaln(g.count) + log_marginal(prior, g) for g in (first, second)]
    whole = scipy.special.gammaln(parent.count) + log_marginal(prior, parent)
    return np.asarray(log + apart[0] + apart[1] - whole)


def log_merge_ratio(
    prior: NormalInverseWishart,
    first: GroupStatistics,
    second: GroupStatistics,
    concentration: float = 1.0,
) -> Array:
    """Return the log posterior odds of the two groups in one: minus `log_split_ratio`."""
    return np.asarray(-log_split_ratio(prior, first, second, concentration))
