"""Sparse Bayesian learning: EM for the prior variances of Gaussian coefficients, batched.

``y = A x + n``, ``x ~ N(0, diag(gamma))``, ``n ~ N(0, s I)``; gamma maximises the likelihood of y.
Either every coefficient has its own variance, or A and gamma are Kronecker products. One loop does
all; the two models do the E-step, and the M-step is an argument.
"""

from refutable.solvers.sparse_bayes.least_squares import support_least_squares
from refutable.solvers.sparse_bayes.loop import SparseFit, fit
from refutable.solvers.sparse_bayes.m_steps import Alternating, classical, rank_one
from refutable.solvers.sparse_bayes.models import DenseModel, KroneckerModel, Moments

__all__ = [
    "Alternating",
    "DenseModel",
    "KroneckerModel",
    "Moments",
    "SparseFit",
    "classical",
    "fit",
    "rank_one",
    "support_least_squares",
]
