"""Exact Gaussian processes: values of linear functionals, evidence, prediction.

Batched: covariances (..., n, n), observations (..., n); leading axes broadcast. How far one
posterior is from another: `gaussian_algebra.kl`.
"""

from refutable.solvers.gaussian_process.cholesky import Factor, jittered_cholesky
from refutable.solvers.gaussian_process.functionals import Functionals, through
from refutable.solvers.gaussian_process.process import Posterior, Process, condition

__all__ = [
    "Factor",
    "Functionals",
    "Posterior",
    "Process",
    "condition",
    "jittered_cholesky",
    "through",
]
