"""Conjugate Gaussian inference: evidence, predictive and posterior of the normal-inverse-Wishart.

``Sigma ~ IW(nu, Psi)``, ``mu | Sigma ~ N(m, Sigma / kappa)`` and ``x | mu, Sigma ~ N(mu, Sigma)``
in d dimensions (Gelman et al. 2013, section 3.6; Murphy 2007, section 9). Everything needs only
count, mean and scatter of a group, and broadcasts over leading axes.
"""

from refutable.solvers.normal_inverse_wishart.groups import GroupStatistics
from refutable.solvers.normal_inverse_wishart.law import (
    NormalInverseWishart,
    log_marginal,
    log_predictive,
)
from refutable.solvers.normal_inverse_wishart.split_merge import log_merge_ratio, log_split_ratio

__all__ = [
    "GroupStatistics",
    "NormalInverseWishart",
    "log_marginal",
    "log_merge_ratio",
    "log_predictive",
    "log_split_ratio",
]
