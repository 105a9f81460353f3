"""Evidence against the truth over whole sequences, vectorised over many of them.

Every function returns an array of shape (size, 2): for each sequence the largest ``log(1/alpha)``
at which the interval with error `alpha` ever lies wholly *above* the truth (column 0) and wholly
*below* it (column 1). A check at error `alpha` is wrong iff the larger one reaches
``log(1/alpha)``. The kernels' own array functions are used throughout.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from refutable.calibration.laws import Law
from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels import bernoulli, blocks, empirical, student
from refutable.deciding.kernels.capital import Capital

LOOK = 8
"""Replicates between two looks."""
CAPITAL_LOOK = 64
"""The same for kernels that bet: the block of a claim that names none."""


def of_mean(centred: FloatArray, size: int = blocks.SIZE, corrected: bool = True) -> FloatArray:
    """Return the Student kernel's evidence about a mean of zero.

    Parameters
    ----------
    centred : ndarray, shape (sequences, replicates)
        Replicates minus their true mean.
    size : int
        Replicates per block; 1 is the raw t.
    corrected : bool
        Whether the kernel is told the skewness.
    """
    n, mean, scatter, cube, square = _block_sums(centred, size)
    count = n * size
    skewness = np.zeros_like(mean)
    if corrected:
        skewness = _skewness(cube, square, count * mean, count) / math.sqrt(size)
    return student_sides(n, mean, scatter, skewness)


def mean_paths(centred: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the Student kernel's evidence after every block, shape (sequences, blocks).

    Once as it is, and once as it would be without the correction for skewness: that one is, on
    normal data, a likelihood ratio.
    """
    n, mean, scatter, cube, square = _block_sums(centred, blocks.SIZE)
    count = n * blocks.SIZE
    skewness = _skewness(cube, square, count * mean, count) / math.sqrt(blocks.SIZE)
    corrected, exact = (
        student.log_e_values(0.0, n, mean, scatter, skew) for skew in (skewness, 0.0)
    )
    return corrected, exact


def student_sides(
    n: FloatArray, mean: FloatArray, scatter: FloatArray, skewness: FloatArray
) -> FloatArray:
    """Split the evidence of the Student kernel by the side of the average."""
    return _sides(student.log_e_values(0.0, n, mean, scatter, skewness), mean)


def of_ratio(a: FloatArray, b: FloatArray, ratio: float) -> FloatArray:
    """Return the Student kernel's evidence about a ratio of means, true value `ratio`.

    The skewness is that of ``a - r b`` at the observed ratio *r*, as in the kernel. An interval
    that is still unbounded excludes nothing, so this counts a little too many errors.
    """
    size = blocks.SIZE
    n, mean, scatter, _, _ = _block_sums(a - ratio * b, size)
    count = n * size
    sums = {k: _running(a ** (k[0]) * b ** (k[1]), size) for k in _POWERS}
    r = sums[1, 0] / sums[0, 1]
    square = sums[2, 0] - 2 * r * sums[1, 1] + r**2 * sums[0, 2]
    cube = sums[3, 0] - 3 * r * sums[2, 1] + 3 * r**2 * sums[1, 2] - r**3 * sums[0, 3]
    skewness = _skewness(cube, square, np.zeros_like(r), count) / math.sqrt(size)
    return student_sides(n, mean, scatter, skewness)


_POWERS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3))


def of_rate(events: NDArray[np.bool_], rate: float) -> FloatArray:
    """Return the Bernoulli kernel's evidence about events of true probability `rate`."""
    counts = np.cumsum(events, axis=1, dtype=np.int64)[:, LOOK - 1 :: LOOK]
    looks = np.arange(counts.shape[1])
    above, below = _bernoulli_tables(rate, events.shape[1])
    return np.stack([above[looks, counts].max(axis=1), below[looks, counts].max(axis=1)], axis=1)


@functools.lru_cache(maxsize=16)
def _bernoulli_tables(rate: float, horizon: int) -> tuple[FloatArray, FloatArray]:
    n = np.arange(LOOK, horizon + 1, LOOK)[:, np.newaxis]
    s = np.minimum(np.arange(horizon + 1), n)
    tables = [bernoulli.log_e_values(rate, s, n, below=side) for side in (False, True)]
    return tables[0] - math.log(2.0), tables[1] - math.log(2.0)


def capital_paths(kernel: Capital, values: FloatArray, look: int = CAPITAL_LOOK) -> FloatArray:
    """Return the evidence of a kernel that bets, at its one target, after every look.

    The kernel's own growth and stakes are used; only the sums that the stakes follow are kept here,
    for many sequences at once.

    Parameters
    ----------
    kernel : Capital
        Without outcomes, with one target.
    values : ndarray, shape (sequences, replicates)
    look : int
        Replicates between two looks.

    Returns
    -------
    ndarray, shape (2, sequences, looks)
        Row 0 speaks for a greater mean, row 1 for a smaller one.
    """
    size, ways = len(values), len(kernel.log_weights)
    kernel.targets = np.repeat(kernel.targets, size, axis=0)
    sides = np.concatenate([values, kernel.mirrored(values)])
    followed = _followed(kernel, sides)
    logs, found = np.zeros((2 * size, 1, ways)), []
    for start in range(0, values.shape[1], look):
        part = slice(start, start + look)
        stakes = np.empty((2 * size, len(sides[0, part]), ways))
        stakes[..., :-1], stakes[..., -1] = kernel.constant, followed[:, part]
        logs += kernel.log_growth(sides[:, part], stakes, kernel.targets)
        found.append(np.logaddexp.reduce(logs[:, 0] + kernel.log_weights, axis=1))
    return np.stack(found, axis=1).reshape(2, size, -1)


def _followed(kernel: Capital, sides: FloatArray) -> FloatArray:
    """Return the stakes that follow the earlier values, shape (rows, replicates)."""
    counts = np.arange(1.0, sides.shape[1] + 1.0)
    first = (kernel.targets, kernel.before_the_first())
    mean, square = (
        (np.cumsum(x, axis=1) - x + prior) / counts
        for x, prior in zip((sides, sides**2), first, strict=True)
    )
    return np.asarray(kernel.follow(mean[..., None], square[..., None])[..., 0])


def of_capital(kernel: Capital, values: FloatArray) -> FloatArray:
    """Return the evidence about a mean of a kernel that bets, half of the error for each end."""
    return np.asarray(capital_paths(kernel, values).max(axis=2).T - math.log(2.0))


def of_quantile(values: FloatArray, law: Law, q: float) -> FloatArray:
    """Return the evidence of the inverted Bernoulli kernel about a quantile."""
    truth = float(law.frozen.ppf(q))
    at, under = values <= truth, values < truth
    # too many values strictly below: the interval lies below the truth, and the other way round
    above = _against(at, q, below=True)
    return np.stack([above, _against(under, q, below=False)], axis=1)


def _against(events: NDArray[np.bool_], rate: float, *, below: bool) -> FloatArray:
    return of_rate(events, rate)[:, 1 if below else 0]


def of_distance(values: FloatArray, law: Law, eps: float, first: int = 64) -> FloatArray:
    """Return the DKW evidence about a predicted law at a true distance of exactly `eps`."""
    found, ranks = np.full((len(values), 2), -np.inf), law.cdf(values)
    for k in range(1, empirical.looks_done(values.shape[1], first) + 1):
        n = first * empirical.GROWTH ** (k - 1)
        gap = _distances(ranks[:, :n], law, eps) - eps
        spent = 2.0 * n * gap**2 - math.log(2.0 * k * (k + 1))
        found = np.maximum(found, np.where(_columns(gap), spent[:, np.newaxis], -np.inf))
    return found


def _distances(ranks: FloatArray, law: Law, eps: float) -> FloatArray:
    """Kolmogorov distances from a law that is `eps` away from the true one.

    `ranks` are the values of the true distribution function at the replicates.
    """
    n = ranks.shape[1]
    if law.discrete:
        share = (ranks < 1.0).mean(axis=1)
        return np.asarray(np.abs(share - (float(law.cdf(np.zeros(1))[0]) - eps)))
    predicted = np.maximum(np.sort(ranks, axis=1) - eps, 0.0)
    empirical_cdf = np.arange(1, n + 1) / n
    over = (empirical_cdf - predicted).max(axis=1)
    return np.asarray(np.maximum(over, (predicted - empirical_cdf).max(axis=1) + 1 / n))


def of_p_values(values: FloatArray, law: Law, first: int = 64) -> FloatArray:
    """Return the spent evidence of repeated Kolmogorov-Smirnov tests of the true law."""
    found, ranks = np.full(len(values), -np.inf), law.cdf(values)
    for k in range(1, empirical.looks_done(values.shape[1], first) + 1):
        n = first * empirical.GROWTH ** (k - 1)
        gap = _distances(ranks[:, :n], law, 0.0)
        p = np.ones_like(gap)
        rare = gap > 1.6 / math.sqrt(n)  # p-values above 1 % need not be known
        p[rare] = np.maximum(stats.kstwo(n).sf(gap[rare]), 1e-300)
        found = np.maximum(found, -np.log(p) - math.log(k * (k + 1)))
    return np.stack([found, np.full_like(found, -np.inf)], axis=1)


def of_asymptotic(centred: FloatArray) -> FloatArray:
    """Return the evidence of the asymptotic confidence sequence about a mean of zero.

    Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), "Time-uniform central limit theory and
    asymptotic confidence sequences", tuned to 100 replicates; first look at 8.
    """
    n, mean, _, _, square = _block_sums(centred, LOOK)
    count = n * LOOK
    rho = 0.115 * count
    variance = np.maximum(square / count - mean**2, 1e-300)
    evidence = mean**2 / variance * count * rho / (2 * (rho + 1)) - 0.5 * np.log1p(rho)
    return _sides(evidence, mean)


def _sides(evidence: FloatArray, mean: FloatArray) -> FloatArray:
    above, below = (
        np.where(mean > 0, evidence, -np.inf).max(axis=1),
        np.where(mean < 0, evidence, -np.inf).max(axis=1),
    )
    return np.stack([above, below], axis=1)


def _columns(gap: FloatArray) -> NDArray[np.bool_]:
    return np.stack([gap > 0, gap < 0], axis=1)


def _running(values: FloatArray, size: int) -> FloatArray:
    """Cumulative sums of replicates at the ends of full blocks."""
    parts = values.reshape(len(values), -1, size).sum(axis=2)
    return np.asarray(np.cumsum(parts, axis=1))


def _block_sums(
    x: FloatArray, size: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return counts, averages, scatters of block means; cubes and squares of replicates."""
    means = x.reshape(len(x), -1, size).mean(axis=2)
    n = np.arange(1, means.shape[1] + 1, dtype=np.float64)
    mean = np.cumsum(means, axis=1) / n
    scatter = np.cumsum(means**2, axis=1) - n * mean**2
    # what cumulative sums leave of a scatter of zero is rounding, not evidence
    scatter = np.where(scatter > 1e-12 * n * mean**2, scatter, 0.0)
    return n, mean, scatter, _running(x**3, size), _running(x**2, size)


def _skewness(
    cube: FloatArray, square: FloatArray, total: FloatArray, count: FloatArray
) -> FloatArray:
    mean = total / count
    variance = square / count - mean**2
    third = cube / count - 3 * mean * square / count + 2 * mean**3
    with np.errstate(divide="ignore", invalid="ignore"):
        skewness = third / variance**1.5
    return np.where(variance > 1e-12 * mean**2, skewness, 0.0)
