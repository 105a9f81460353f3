"""Kronecker products of matrices that are never formed: products, solves, determinants, posteriors.

``(F_1 (x) ... (x) F_d) vec(T)`` is meant with vec in C order, as `numpy.kron` and `ravel` have it.
Tensors have the shape (..., n_1, ..., n_d) and factors (..., m_i, n_i); leading axes broadcast.
"""

from refutable.solvers.kronecker.posterior import Posterior, sparse_posterior
from refutable.solvers.kronecker.products import inverse_multiply, mode_product, multiply
from refutable.solvers.kronecker.spectrum import Spectrum, decompose, logdet, solve

__all__ = [
    "Posterior",
    "Spectrum",
    "decompose",
    "inverse_multiply",
    "logdet",
    "mode_product",
    "multiply",
    "solve",
    "sparse_posterior",
]
