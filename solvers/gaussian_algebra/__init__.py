"""Closed forms between Gaussian laws: roots, transport, divergence, entropy, conditioning.

Batched: means (..., d) and covariances (..., d, d), whose leading axes broadcast.
"""

from refutable.solvers.gaussian_algebra.conditioning import conditional
from refutable.solvers.gaussian_algebra.information import entropy, kl
from refutable.solvers.gaussian_algebra.roots import symmetric_root
from refutable.solvers.gaussian_algebra.transport import bures_wasserstein, transport_map

__all__ = [
    "bures_wasserstein",
    "conditional",
    "entropy",
    "kl",
    "symmetric_root",
    "transport_map",
]
