"""The paper's Ising model, summed over once for every variant that a claim asks for."""

from __future__ import annotations

import functools

from refutable.solvers.ising import IsingModel, ising_torus
from refutable.theory.generative import marginalization_models as theory


@functools.lru_cache(maxsize=64)
def torus(
    width: int = theory.SIDE,
    length: int = theory.SIDE,
    coupling: float = theory.COUPLING,
    field: float = theory.FIELD,
    boundary: str = "periodic",
) -> IsingModel:
    """Sum over all configurations, by default those of table 4."""
    return ising_torus(width, length, coupling, field, boundary)
