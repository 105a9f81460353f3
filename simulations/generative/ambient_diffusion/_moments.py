"""Samples of two atoms of equal weight under noise, kept as six sums, and what is estimated.

A sample is ``x = e s + sigma z`` with a sign s and standard normal z. The scaled Hermite polynomial
of x is a sum of products of powers of e and s and of Hermite polynomials of z, so that the means of
six of these give the three moments for every separation e and noise sigma, on common numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.moment_method import two_atoms, wasserstein
from refutable.theory.generative.ambient_diffusion.two_atoms import RADIUS

from refutable import FloatArray, Mean


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


def _halves(values: FloatArray, plus: NDArray[np.int64]) -> FloatArray:
    """Return sums over the first `plus` of each row, and over the rest, shape (2, rows)."""
    starts = np.arange(len(values)) * values.shape[1]
    borders = np.stack([starts, starts + plus], axis=1).ravel()
    return np.add.reduceat(values.ravel(), borders).reshape(-1, 2).T


def draw(rng: Generator, size: int, units: int, length: int) -> Sums:
    """Draw `units` batches of `length` samples for each of `size` replicates.

    The order within a batch does not matter, so that samples of positive sign come first. A batch
    has at least one of each sign: of 125 samples others have the probability 5e-38.

    Returns
    -------
    Sums of batch (size, units)
    """
    rows = size * units
    z = rng.standard_normal((rows, length))
    plus = np.clip(rng.binomial(length, 0.5, rows), 1, length - 1)
    square = z * z
    (p1, m1), (p2, m2) = _halves(z, plus), _halves(square, plus)
    third = np.einsum("ij,ij->i", z, square)
    even = np.stack([p1 + m1, p2 + m2 - length, third - 3 * (p1 + m1)], axis=-1)
    signs = 2.0 * plus - length
    odd = np.stack([signs, p1 - m1, p2 - m2 - signs], axis=-1)
    return Sums(*(part.reshape(size, units, 3) / length for part in (even, odd)))


def discounted(
    clean: FloatArray, noisy: FloatArray, counts: tuple[int, int], noise: float, power: float = 2.0
) -> FloatArray:
    """Average moments of clean and of noisy samples, the j-th with weights 1 and ``s^(-power j)``.

    Parameters
    ----------
    clean, noisy : array, shape (..., 3)
        Moments of samples at noise 1 and at `noise`.
    counts : pair of int
        Numbers of samples.
    noise : float
        s.
    power : float
        2 for the inverses of the leading variances, 0 for equal weights.
    """
    few, many = counts[0], counts[1] * noise ** (-power * np.arange(1, 4))
    return np.asarray((few * clean + many * noisy) / (few + many))


def loss(moments: FloatArray, separation: float) -> FloatArray:
    """W_1 between the estimated law of two atoms and the truth, shape (...)."""
    truth = np.array([-separation, separation])
    return wasserstein(*two_atoms(moments, RADIUS), truth, np.array([0.5, 0.5]))


def cut_loss(moments: FloatArray, separation: float) -> FloatArray:
    """Return the lesser of the loss and 1, the radius of the ball that the atoms lie in."""
    return np.minimum(loss(moments, separation), 1.0)


def gain(outcome: str, **where: Any) -> Mean:
    """Return the mean of a difference of two losses in [0, 1]."""
    return Mean(outcome, bounds=(-1.0, 1.0), **where)
