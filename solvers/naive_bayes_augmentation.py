"""Train on data augmented by a naive-Bayes Gaussian generator, and measure both losses exactly.

The generator has two class means and one pooled diagonal variance, fitted to m balanced points; it
adds ``gamma m`` points, half per class. The learner is ``theta = mean of y x`` over real and
generated points, with loss ``|x - y theta|^2 / (2 sigma^2)``. Two samplers of the same law:
`augment_literally` draws every point, `augment_by_statistics` only the sufficient statistics
(Gaussian means and chi-square sums of squares), about a thousand times cheaper.

Losses do not depend on where the mean lies, nor (after scaling) on sigma; `augment_by_statistics`
therefore takes neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    bounded_array,
    finite_array,
    generator,
    positive,
    refuse,
    whole_number,
)
from refutable.solvers.gaussian_mixture.sampling import sample_mixture
from refutable.solvers.gaussian_mixture.statistics import ClassStatistics, class_statistics


@dataclass(frozen=True)
class AugmentedLosses:
    """Losses of one training set augmented at several ratios.

    Attributes
    ----------
    train
        Mean loss on real and generated points together, shape (size, ratios).
    excess
        ``|theta - mean|^2 / (2 sigma^2)``; the population test loss is ``d/2 + excess``.
    test
        Population test loss, shape (size, ratios).
    zero
        A control variate: training losses taken at the true parameters in place of the fitted
        ones, less their expectation. It has mean zero by construction (unbiased variances, and
        generated points centred at the generator's own means), whatever theory says of the gap.
    """

    train: Floats
    excess: Floats
    test: Floats
    zero: Floats

    @property
    def gap(self) -> Floats:
        """Test loss minus training loss, signed."""
        return self.test - self.train


def augment_by_statistics(
    rng: Generator, size: int, m: int, dim: int, ratios: Sequence[int], ddof: int = 1
) -> AugmentedLosses:
    """Draw the losses from sufficient statistics, one training set shared by all `ratios`.

    Parameters
    ----------
    rng
        Source of randomness.
    size
        Independent training sets (>= 1).
    m
        Points in each, half per class (even, >= 4).
    dim
        Dimension d (>= 1).
    ratios
        Values of gamma, whole numbers >= 0; 0 means no augmentation.
    ddof
        1 for a generator with unbiased class variances, 0 for maximum likelihood.

    Raises
    ------
    ValueError
        If a count is out of range or ``gamma m`` is odd.
    """
    m, ratios = _checked(m, ratios, ddof)
    shape = (whole_number("size", size), whole_number("dim", dim))
    generator("rng", rng)
    mean_error = rng.standard_normal(shape) / np.sqrt(m)
    half_difference = rng.standard_normal(shape) / np.sqrt(m)
    variance = rng.chisquare(m - 2, shape) / (m - 2)
    real = (mean_error, half_difference, variance)
    return _stack([_by_statistics(rng, m, gamma * m, real, ddof) for gamma in ratios], dim)


def augment_literally(
    rng: Generator,
    size: int,
    m: int,
    mean: ArrayLike,
    ratios: Sequence[int],
    ddof: int = 1,
    sigma: float = 0.6,
) -> AugmentedLosses:
    """Draw every real and generated point, one training set shared by all `ratios`.

    Parameters
    ----------
    rng, size, m, ratios, ddof
        As in `augment_by_statistics`.
    mean
        Class mean, shape (d,): ``x | y ~ N(y mean, sigma^2 I)``.
    sigma
        Noise standard deviation (> 0).

    Raises
    ------
    ValueError
        If a count is out of range, ``gamma m`` is odd, or `mean` is not one finite vector.
    """
    m, ratios = _checked(m, ratios, ddof)
    centre = finite_array("mean", mean, ndim=1)
    spread = positive("sigma", sigma)
    x, y = sample_mixture(rng, size, m, centre, spread, balanced=True)
    scaled = (x - y[..., None] * centre) / spread
    fitted = class_statistics(scaled, y, ddof)
    signed = y[..., None] * scaled
    unbiased = fitted.variance if ddof == 1 else fitted.variance * m / (m - 2)
    drift = 0.5 * (unbiased - 1).sum(axis=1)
    rows = [_literal(rng, signed, fitted, gamma * m, drift) for gamma in ratios]
    return _stack(rows, centre.size)


def finite_test_noise(rng: Generator, excess: Floats, dim: int, points: int) -> Floats:
    """Draw the error that measuring the test loss on `points` fresh points adds to it.

    The loss of one point has variance ``d/2 + 2 excess``; the mean of many is normal.

    Returns
    -------
    Floats
        Same shape as `excess`.
    """
    lacking = bounded_array("excess", excess, 0)
    variance = (whole_number("dim", dim) / 2 + 2 * lacking) / whole_number("points", points)
    return np.sqrt(variance) * generator("rng", rng).standard_normal(lacking.shape)


def _by_statistics(
    rng: Generator, m: int, m_gen: int, real: tuple[Floats, Floats, Floats], ddof: int
) -> tuple[Floats, Floats, Floats]:
    mean_error, half_difference, variance = real
    total = m + m_gen
    squares = (m - 2) * variance + m * half_difference**2
    known = squares + m * mean_error**2 - m
    if m_gen == 0:
        return _losses(mean_error, np.zeros_like(mean_error), squares, known, total)
    model = variance * (1.0 if ddof == 1 else (m - 2) / m)
    noise = np.sqrt(2 * model / m_gen) * rng.standard_normal((2, *variance.shape))
    within = model * (rng.chisquare(m_gen - 2, variance.shape) if m_gen > 2 else 0.0)
    spread = (half_difference + noise[0]) ** 2 + (noise[1] - half_difference) ** 2
    squares = squares + within + m_gen / 2 * spread
    known = known + within + m_gen / 2 * (noise**2).sum(axis=0) - m_gen * model
    known = known + m_gen * (variance - 1)
    shift = m_gen / total * noise.mean(axis=0)
    return _losses(mean_error, shift, squares, known, total)


def _losses(
    mean_error: Floats, shift: Floats, squares: Floats, known: Floats, total: int
) -> tuple[Floats, Floats, Floats]:
    train = (squares - total * shift**2).sum(axis=1) / (2 * total)
    excess = ((mean_error + shift) ** 2).sum(axis=1) / 2
    return train, excess, known.sum(axis=1) / (2 * total)


def _literal(
    rng: Generator, signed: Floats, fitted: ClassStatistics, m_gen: int, drift: Floats
) -> tuple[Floats, Floats, Floats]:
    size, m, dim = signed.shape
    total = m + m_gen
    noise = rng.standard_normal((size, m_gen, dim)) * np.sqrt(fitted.variance)[:, None, :]
    centres = np.stack((fitted.positive, -fitted.negative), axis=1)
    generated = noise + np.repeat(centres, m_gen // 2, axis=1)
    points = np.concatenate((signed, generated), axis=1)
    theta = points.mean(axis=1)
    train = ((points - theta[:, None, :]) ** 2).sum(axis=(1, 2)) / (2 * total)
    known = (signed**2).sum(axis=(1, 2)) - m * dim
    known = known + (noise**2).sum(axis=(1, 2)) - m_gen * fitted.variance.sum(axis=1)
    return train, (theta**2).sum(axis=1) / 2, known / (2 * total) + m_gen / total * drift


def _stack(rows: list[tuple[Floats, Floats, Floats]], dim: int) -> AugmentedLosses:
    train, excess, zero = (np.stack(column, axis=1) for column in zip(*rows, strict=True))
    return AugmentedLosses(train, excess, dim / 2 + excess, zero)


def _checked(m: int, ratios: Sequence[int], ddof: int) -> tuple[int, list[int]]:
    points = whole_number("m", m, 4)
    if points % 2:
        refuse("m", m, "an even number, for balanced classes")
    finite_array("ratios", ratios, ndim=1)
    whole_number("ddof", ddof, 0, 1)
    return points, [whole_number("ratios", gamma, 0) for gamma in ratios]
