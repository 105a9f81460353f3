"""Samples of two atoms of equal weight under noise, kept as six sums, and what is estimated.

A sample is ``x = e s + sigma z`` with a sign s and standard normal z. The scaled Hermite polynomial
of x is a sum of products of powers of e and s and of Hermite polynomials of z, so that the means of
six of these give the three moments for every separation e and noise sigma, on common numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.solvers.moment_method import two_atoms, wasserstein
from refutable.theory.generative.ambient_diffusion.two_atoms import RADIUS

from refutable import FloatArray


@dataclass(frozen=True)
class Sums:
    """Means over samples, each of shape (...).

    Attributes
    ----------
    even : array, shape (..., 3)
        Of ``He_1(z), He_2(z), He_3(z)``.
    odd : array, shape (..., 3)
        Of s times ``1, He_1(z), He_2(z)``.
    """

    even: FloatArray
    odd: FloatArray

    def __getitem__(self, units: slice) -> Sums:
        """Return those of some of the units, the last axis of the batch."""
        return Sums(self.even[..., units, :], self.odd[..., units, :])

    def merged(self, count: int) -> Sums:
        """Return the means over each `count` units in turn; units left over are dropped."""
        return Sums(_merge(self.even, count), _merge(self.odd, count))

    def moments(self, separation: float, noise: float = 1.0) -> FloatArray:
        """Return the denoised moments, shape (..., 3), for atoms at -e and e and this noise."""
        e = separation
        z1, z2, z3 = np.moveaxis(self.even * noise ** np.arange(1, 4), -1, 0)
        s0, s1, s2 = np.moveaxis(self.odd * noise ** np.arange(3), -1, 0)
        first = z1 + e * s0
        second = z2 + 2 * e * s1 + e**2
        third = z3 + 3 * e * s2 + 3 * e**2 * z1 + e**3 * s0
        return np.stack([first, second, third], axis=-1)


def _merge(means: FloatArray, count: int) -> FloatArray:
    groups = means.shape[-2] // count
    kept = means[..., : groups * count, :]
    return np.asarray(kept.reshape(*means.shape[:-2], groups, count, 3).mean(axis=-2))


def _signs(rng: Generator, shape: tuple[int, int]) -> FloatArray:
    """Draw signs, one bit each."""
    count = shape[0] * shape[1]
    bits = np.unpackbits(np.frombuffer(rng.bytes(-(-count // 8)), np.uint8), count=count)
    return (2.0 * bits - 1.0).reshape(shape)


def draw(rng: Generator, size: int, units: int, length: int) -> Sums:
    """Draw `units` batches of `length` samples for each of `size` replicates.

    Returns
    -------
    Sums of batch (size, units)
    """
    rows = size * units
    z, s = rng.standard_normal((rows, length)), _signs(rng, (rows, length))
    z1, s0 = z.mean(axis=1), s.mean(axis=1)
    s1 = np.einsum("ij,ij->i", s, z) / length
    square = z * z
    s2 = np.einsum("ij,ij->i", s, square) / length - s0
    z3 = np.einsum("ij,ij->i", z, square) / length - 3 * z1
    even = np.stack([z1, square.mean(axis=1) - 1, z3], axis=-1)
    odd = np.stack([s0, s1, s2], axis=-1)
    return Sums(even.reshape(size, units, 3), odd.reshape(size, units, 3))


def loss(moments: FloatArray, separation: float) -> FloatArray:
    """W_1 between the estimated law of two atoms and the truth, shape (...), at most 2 + e."""
    truth = np.array([-separation, separation])
    return wasserstein(*two_atoms(moments, RADIUS), truth, np.array([0.5, 0.5]))


def most(separation: float) -> float:
    """Return the bound ``2 + e`` on every loss: all mass lies in [-2, 2], the truth at -e and e."""
    return RADIUS + separation
