"""Schroedinger bridges whose potential is a Gaussian mixture: closed forms between normal laws.

Korotin, Gushchin and Burnaev (ICLR 2024), for the cost |x0 - x1|^2 / 2 and a Wiener prior of
variance epsilon. A potential ``v(x1) = sum_k a_k N(x1 | r_k, eps S_k)`` has the normaliser
``c(x0) = sum_k a_k exp((x0' S_k x0 + 2 r_k' x0) / (2 eps))``; it is fitted by least
``L = E log c(X0) - E log v(X1)``, and ``KL(pi* | pi) = L - L*`` (its Proposition 3.1).

Between normal laws one term is enough [derived here; the law of Bunne, Hsieh, Cuturi and Krause
2023 and of Janati, Muzellec, Peyre and Cuturi 2020]: given x0 the end is ``N(r + S x0, eps S)``,
so that ``S S0 S + eps S = S1`` and ``r = m1 - S m0``. All of the excess below is derived here.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

Floats = NDArray[np.float64]

PAPER = Paper(
    key="light_sb",
    field="generative",
    title="Light Schrödinger Bridge",
    authors=("Alexander Korotin", "Nikita Gushchin", "Evgeny Burnaev"),
    year=2024,
    venue="ICLR 2024",
    arxiv="2310.01174",
    code="https://github.com/ngushchin/LightSB",
    read="the abstract; the public code (solver module, benchmark notebook, README); the reviews, "
    "which quote the theorem on approximation; a later paper that states the rate. The paper's own "
    "pages were not at hand",
    not_checked=(
        "tables of the benchmark: its pairs are downloads, and the printed cells were not readable",
        "energy distances on single-cell data: a download of 1000 dimensions",
        "image translation: needs an autoencoder of faces",
        "the theorem on the generalisation error: its constants were not readable",
    ),
)


# One term between normal laws.


def _root(matrices: ArrayLike, power: float = 0.5) -> Floats:
    values, vectors = np.linalg.eigh(np.asarray(matrices, dtype=np.float64))
    return np.asarray((vectors * values[..., None, :] ** power) @ np.swapaxes(vectors, -1, -2))


def gaussian_scale(cov0: ArrayLike, cov1: ArrayLike, epsilon: float) -> Floats:
    """Return S, the positive solution of ``S S0 S + eps S = S1``.

    Parameters
    ----------
    cov0, cov1 : array_like, shape (..., d, d)
        Positive definite.
    epsilon : float
        Above 0.
    """
    root, inverse = _root(cov0), _root(cov0, -0.5)
    eye = np.eye(root.shape[-1])
    inner = _root(root @ np.asarray(cov1) @ root + 0.25 * epsilon**2 * eye) - 0.5 * epsilon * eye
    return np.asarray(inverse @ inner @ inverse)


def gaussian_marginal(
    cov0: ArrayLike, cov1: ArrayLike, epsilon: float, time: float, spread: float = 1.0
) -> Floats:
    """Return the covariance of the bridge at a time in [0, 1].

    ``(1 - t)^2 S0 + t^2 S1 + t (1 - t) (C + C' + eps I)`` with the cross-covariance ``C = S0 S``;
    `spread` multiplies ``eps I``, so that a wrong one can be tried.
    """
    start, end = np.asarray(cov0, dtype=np.float64), np.asarray(cov1, dtype=np.float64)
    cross = start @ gaussian_scale(start, end, epsilon)
    noise = spread * epsilon * np.eye(start.shape[-1])
    between = cross + np.swapaxes(cross, -1, -2) + noise
    return np.asarray((1 - time) ** 2 * start + time**2 * end + time * (1 - time) * between)


def plan_divergence(
    own: tuple[Floats, Floats], other: tuple[Floats, Floats], mean0: Floats, cov0: Floats,
    epsilon: float,
) -> Floats:  # fmt: skip
    """Return ``KL(pi | pi')`` of two plans with one term each, from the same start law.

    Parameters
    ----------
    own, other : pair (r, S)
        Shapes (..., d) and (..., d, d); given x0 the end is ``N(r + S x0, eps S)``.
    mean0, cov0 : ndarray, shapes (..., d) and (..., d, d)
        Moments of the start.
    epsilon : float

    Returns
    -------
    ndarray, shape (...)
    """
    (r, s), (r2, s2) = own, other
    inverse, turn = np.linalg.inv(s2), s - s2
    trace = np.trace(inverse @ s, axis1=-2, axis2=-1) - s.shape[-1]
    volume = np.linalg.slogdet(s2)[1] - np.linalg.slogdet(s)[1]
    shift = r - r2 + (turn @ mean0[..., None])[..., 0]
    square = (shift[..., None, :] @ inverse @ shift[..., None])[..., 0, 0]
    spread = np.trace(inverse @ turn @ cov0 @ turn, axis1=-2, axis2=-1)
    return np.asarray(0.5 * (trace + volume) + (square + spread) / (2 * epsilon))


# The line: several terms, from a standard normal start.


def bridge_cdf(
    x: ArrayLike,
    time: float,
    log_weights: Floats,
    centres: Floats,
    scales: Floats,
    epsilon: float,
    straight: bool = False,
) -> Floats:
    """Return the distribution function of the bridge at a time, started from N(0, 1).

    Given both ends it is a Brownian bridge, so given x0 a mixture of normal laws with means
    ``(1 - t) x0 + t (r_k + s_k x0)`` and variances ``t^2 eps s_k + t (1 - t) eps``; the mean over
    x0 is a sum over a grid.

    Parameters
    ----------
    x : array_like
        Any shape.
    time : float
        In (0, 1].
    log_weights, centres, scales : ndarray, shape (K,)
        log a_k, r_k, s_k.
    epsilon : float
    straight : bool
        Join the ends by straight lines instead, without ``t (1 - t) eps``: a wrong law.
    """
    # The trapezoidal rule for what is smooth and vanishes at the ends: right to 1e-12 with 400.
    start = np.linspace(-8.5, 8.5, 400)
    mass = np.exp(-0.5 * start**2)
    level = log_weights + (scales * start[:, None] + 2 * centres) * start[:, None] / (2 * epsilon)
    shares = scipy.special.softmax(level, axis=1) * (mass / mass.sum())[:, None]
    mean = start[:, None] + time * (centres + (scales - 1) * start[:, None])
    own = 0.0 if straight else time * (1 - time) * epsilon
    below = scipy.special.ndtr(
        (np.asarray(x)[..., None, None] - mean) / np.sqrt(time**2 * epsilon * scales + own)
    )
    return np.asarray((below * shares).sum(axis=(-1, -2)))


# The line: what samples of normal laws make of one term.


def line_fit(
    mean0: ArrayLike, var0: ArrayLike, mean1: ArrayLike, var1: ArrayLike, epsilon: float
) -> tuple[Floats, Floats]:
    """Return r and s that minimise the loss with these moments, of laws or of samples."""
    start, end = np.asarray(var0, dtype=np.float64), np.asarray(var1, dtype=np.float64)
    # As a quotient without a difference: (-eps + root) / (2 v0).
    s = 2 * end / (epsilon + np.sqrt(epsilon**2 + 4 * start * end))
    return np.asarray(mean1 - s * np.asarray(mean0)), s


def line_divergence(
    r: ArrayLike, s: ArrayLike, best: tuple[float, float], mean0: float, var0: float,
    epsilon: float,
) -> Floats:  # fmt: skip
    """Return ``KL(pi* | pi)`` on the line, pi* with (r, s) = `best`; any shape."""
    r_best, s_best = best
    ratio = s_best / np.asarray(s)
    # log1p of a small number, so that small divergences keep their digits.
    shape = 0.5 * (ratio - 1 - np.log1p(ratio - 1))
    turn = s_best - np.asarray(s)
    square = (r_best - np.asarray(r) + turn * mean0) ** 2 + turn**2 * var0
    return np.asarray(shape + square / (2 * epsilon * np.asarray(s)))


def excess_scales(
    mean0: float, var0: float, mean1: float, var1: float, epsilon: float, ratio: float = 1.0
) -> Floats:
    """Return the two numbers l with ``N KL -> sum l_i Z_i^2`` for standard normal Z [derived].

    They are the eigenvalues of ``H^(-1) V / 2``: H is the Hessian of the loss by (r, s) at its
    minimum, V the covariance of a sample's gradient, both sides summed. So ``N E KL`` tends to
    their sum, in the sense of the limit law.

    Parameters
    ----------
    mean0, var0, mean1, var1 : float
        Moments of two normal laws.
    epsilon : float
    ratio : float
        M / N, ends for each start.
    """
    r, s = (float(part) for part in line_fit(mean0, var0, mean1, var1, epsilon))
    apart = mean1 - r
    slope1 = np.array([-1 / (epsilon * s), -1 / (2 * epsilon * s**2)])
    slope0 = np.array([1 / epsilon, 1 / (2 * epsilon)])
    v = _square_covariance(mean0, var0) * np.outer(slope0, slope0)
    v = v + _square_covariance(apart, var1) * np.outer(slope1, slope1) / ratio
    second = (var1 + apart**2) / (epsilon * s**3) - 1 / (2 * s**2)
    h = np.array([[1 / (epsilon * s), apart / (epsilon * s**2)], [0.0, second]])
    h[1, 0] = h[0, 1]
    return np.asarray(np.linalg.eigvals(np.linalg.solve(h, v)).real / 2)


def _square_covariance(mean: float, variance: float) -> Floats:
    """Covariance of X and X^2 for a normal X."""
    cross = 2 * mean * variance
    return np.array([[variance, cross], [cross, 2 * variance**2 + 4 * mean**2 * variance]])


def capped_mean(scales: ArrayLike, cap: float) -> float:
    """Return ``E min(l_1 Z_1^2 + l_2 Z_2^2, cap)``.

    In polar coordinates the sum is ``2 w(phi) E`` with an exponential E, so that the mean over E is
    ``2 w (1 - exp(-cap / (2 w)))``; the mean over the angle is a periodic integral.

    Parameters
    ----------
    scales : array_like, shape (2,)
        At least 0.
    cap : float
        Above 0.
    """
    first, second = np.asarray(scales, dtype=np.float64)
    # 400 angles: the trapezoidal rule converges geometrically, to rounding for l_1 / l_2 < 100.
    angle = 2 * np.pi * np.arange(400) / 400
    w = first * np.cos(angle) ** 2 + second * np.sin(angle) ** 2
    return float(np.mean(-2 * w * np.expm1(-cap / (2 * w))))


def two_triangles(x: ArrayLike) -> Floats:
    """Return the density ``max(0, 1 - 2 ||x| - 1|)``, of two triangles about -1 and 1."""
    return np.asarray(np.maximum(0.0, 1 - 2 * np.abs(np.abs(np.asarray(x)) - 1)))
