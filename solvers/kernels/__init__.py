"""Kernels in closed form: of infinitely wide networks, and of a lag, with their derivatives.

Batched: Gram matrices (..., n, n), points (..., n, d), lags of any shape.
"""

from refutable.solvers.kernels.activations import (
    ActivationKernel,
    arc_cosine,
    erf_kernel,
    relu_kernel,
)
from refutable.solvers.kernels.infinite_width import InfiniteWidth, WideKernels
from refutable.solvers.kernels.spectral_mixture import SpectralMixture
from refutable.solvers.kernels.stationary import matern52, squared_exponential, times_cosine

__all__ = [
    "ActivationKernel",
    "InfiniteWidth",
    "SpectralMixture",
    "WideKernels",
    "arc_cosine",
    "erf_kernel",
    "matern52",
    "relu_kernel",
    "squared_exponential",
    "times_cosine",
]
