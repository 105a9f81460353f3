"""The denoised method of moments: atoms of a law that is seen through Gaussian noise.

Unbiased moments by Hermite polynomials, the nearest moments of a law on an interval by a
semidefinite program, and the law of k atoms that has them (Wu and Yang, Annals of Statistics 2020).
For two atoms the last two steps have a closed form. One-dimensional, batched over leading axes.
"""

from refutable.solvers.moment_method.atoms import gauss_rule, two_atoms
from refutable.solvers.moment_method.moments import denoised_moments
from refutable.solvers.moment_method.projection import project_moments
from refutable.solvers.moment_method.wasserstein import wasserstein

__all__ = ["denoised_moments", "gauss_rule", "project_moments", "two_atoms", "wasserstein"]
