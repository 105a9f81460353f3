"""The parameters of the simulation: dimension, training points, generated points."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Augmentation:
    """One setting of the simulation.

    Attributes
    ----------
    dim
        Dimension d (>= 1).
    m
        Real training points (even, >= 4).
    gamma
        Generated points per real point (>= 0).
    ddof
        1: the generator uses unbiased class variances, as the public code does; 0: maximum
        likelihood.
    """

    dim: int
    m: int
    gamma: float
    ddof: int = 1

    @property
    def generated(self) -> float:
        """m_G = gamma m."""
        return self.gamma * self.m

    @property
    def total(self) -> float:
        """m_T = m (1 + gamma)."""
        return self.m * (1 + self.gamma)

    @property
    def share(self) -> float:
        """Share r = m_G/m_T of generated points."""
        return self.gamma / (1 + self.gamma)

    @property
    def shrinkage(self) -> float:
        """Expected generator variance f, in units of sigma^2."""
        return 1.0 if self.ddof == 1 else (self.m - 2) / self.m
