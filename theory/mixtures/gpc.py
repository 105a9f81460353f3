"""Splitting and merging the classes of a Gaussian mixture: evidence, scores, acceptance, counts.

Zhao, Wen & Han, "Learning Semi-supervised Gaussian Mixture Models for Generalized Category
Discovery" (ICCV 2023). A cluster is split in two, or two are merged, by comparing the evidence of
the points under a normal-inverse-Wishart prior NIW(m, kappa, nu, Psi). Logarithms are natural.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from refutable import Paper

FloatArray = NDArray[np.float64]

PAPER = Paper(
    key="gpc",
    field="mixtures",
    title=("Learning Semi-supervised Gaussian Mixture Models for Generalized Category Discovery"),
    authors=("Bingchen Zhao", "Xin Wen", "Kai Han"),
    year=2023,
    venue="ICCV 2023",
    arxiv="2305.06144",
    code="https://github.com/DTennant/GPC",
    read=(
        "Abstract, and the released code (commit e9716f4): prior, evidence, split and merge "
        "scores, acceptance, update of the centres. The body of the paper was not readable."
    ),
    not_checked=(
        "Estimated numbers of classes on CIFAR, ImageNet-100, CUB and Stanford Cars: they need "
        "features of a trained network.",
        "ImageNet-100 76.9 and CIFAR-100 77.9, read on a leaderboard page: the same.",
        "Representation learning with prototypes, and the labelled part of semi-supervised "
        "k-means: no statement about them was read.",
        "The acceptance rule of the paper's text: recalled as min(1, H), not found.",
    ),
)

RELEASED_KAPPA = 1e-4
RELEASED_NU = 769.0
RELEASED_SCALE = 0.005
"""Prior of the released code: Psi = 0.005 I, for features of 768 dimensions."""

FLOOR = 0.1
"""Chance with which the released code takes a move that its score speaks against."""


def log_evidence(
    points: FloatArray,
    mean: FloatArray,
    kappa: float,
    nu: float,
    scale: FloatArray,
    *,
    about: FloatArray | None = None,
    freedom: float = 0.0,
) -> FloatArray:
    """Log marginal likelihood of a cluster as the released ``log_marginal_likelihood`` writes it.

    Parameters
    ----------
    points : ndarray, shape (..., N, d)
    mean : ndarray, shape (..., d)
        m.
    kappa, nu : float
        Above 0 and above d - 1.
    scale : ndarray, shape (d, d)
        Psi.
    about : ndarray, shape (..., d), optional
        The mean that is handed over beside the points; theirs by default, and right only then.
    freedom : float
        Added to the degrees of freedom in the multivariate gamma function; right at 0.

    Returns
    -------
    ndarray, shape (...)
    """
    n, d = points.shape[-2:]
    centre = points.mean(axis=-2) if about is None else about
    kappa_star, nu_star = kappa + n, nu + n
    apart, off = points - centre[..., None, :], centre - mean
    pull = off[..., :, None] * off[..., None, :]
    after = scale + np.swapaxes(apart, -1, -2) @ apart + kappa * n / kappa_star * pull
    return np.asarray(
        -0.5 * n * d * np.log(np.pi)
        + scipy.special.multigammaln((nu_star + freedom) / 2, d)
        - scipy.special.multigammaln(nu / 2, d)
        + 0.5 * nu * np.linalg.slogdet(scale)[1]
        - 0.5 * nu_star * np.linalg.slogdet(after)[1]
        + 0.5 * d * (np.log(kappa) - np.log(kappa_star))
    )


def log_split_score(
    counts: Sequence[int],
    evidences: Sequence[FloatArray | float],
    alpha: float = 1.0,
    *,
    sizes: bool = True,
) -> FloatArray:
    """Return log H_s of two groups and of both together, as ``log_Hastings_ratio_split`` does.

    Parameters
    ----------
    counts : sequence of int
        N_1 and N_2, at least 1.
    evidences : sequence of ndarray, shape (...)
        log h of the first group, of the second, of their union.
    alpha : float
        Concentration, above 0.
    sizes : bool
        Whether the log-gamma terms of the sizes are there.
    """
    first, second, both = evidences
    n_1, n_2 = counts
    gammas = scipy.special.gammaln([n_1, n_2, n_1 + n_2]) if sizes else np.zeros(3)
    apart = np.log(alpha) + gammas[0] + first + gammas[1] + second
    return np.asarray(apart - (gammas[2] + both))


def planted_split_score(
    sep: float, half: int, kappa: float, nu: float, scale: float, *, sizes: bool = True
) -> float:
    """Return log H_s of two planted halves of N(0, 1) on a line, on average.

    The halves lie `sep` apart and have `half` points each; m is the mean of all. Scatters within
    are half - 1 each, 2 half - 1 + half sep^2/2 together, with variances 2 (half - 1) and 2 (2 half
    - 1) + 2 half sep^2; each mean is sep^2/4 + 1/(2 half) from m. Logarithms are expanded to second
    order around them.

    Parameters
    ----------
    sep : float
    half : int
        At least 2.
    kappa, nu, scale : float
        Of the prior, in one dimension.
    sizes : bool
        As in `log_split_score`.
    """
    off = sep**2 / 4 + 0.5 / half
    within = half - 1.0, 2 * (half - 1.0)
    whole = 2 * half - 1.0 + half * sep**2 / 2, 2 * (2 * half - 1.0) + 2 * half * sep**2
    one = _line_evidence(half, within, off, kappa, nu, scale)
    both = _line_evidence(2 * half, whole, 0.0, kappa, nu, scale)
    return float(log_split_score((half, half), (one, one, both), sizes=sizes))


def _line_evidence(
    n: int, scatter: tuple[float, float], off: float, kappa: float, nu: float, scale: float
) -> float:
    """Return log h on a line, given mean and variance of the scatter, and (average - m)^2."""
    after = scale + scatter[0] + kappa * n / (kappa + n) * off
    log = np.log(after) - scatter[1] / (2 * after**2)
    gammas = scipy.special.gammaln((nu + n) / 2) - scipy.special.gammaln(nu / 2)
    volume = 0.5 * nu * np.log(scale) - 0.5 * (nu + n) * log
    return float(gammas + volume + 0.5 * np.log(kappa / (kappa + n)) - 0.5 * n * np.log(np.pi))


def rising_probability(sep: float, step: float, half: int) -> float:
    """Return how often two planted halves score higher when they are moved `step` further apart.

    The score grows with the distance of the two averages, |sep + N(0, 2/half)|, which the step
    makes larger unless noise is below -(sep + step/2).
    """
    return float(scipy.special.ndtr((sep + step / 2) * np.sqrt(half / 2)))


def flip_separation(half: int, kappa: float, nu: float, scale: float) -> float:
    """Return the separation, at most 20, from which on `planted_split_score` is above 0."""

    def score(sep: float) -> float:
        return planted_split_score(sep, half, kappa, nu, scale)

    return float(scipy.optimize.brentq(score, 0.0, 20.0))


def acceptance(log_ratio: FloatArray, floor: float | None = None) -> FloatArray:
    """Return the chance of taking a move: min(1, H), or `floor` for every H of at most 1.

    Parameters
    ----------
    log_ratio : ndarray
        log H.
    floor : float, optional
        The released rule at this ``split_prob`` or ``merge_prob``, if given.
    """
    unfavourable = np.exp(np.minimum(log_ratio, 0.0)) if floor is None else floor
    return np.where(log_ratio > 0, 1.0, unfavourable)


def chain_of(log_weights: FloatArray, floor: float | None = None) -> FloatArray:
    """Return the transition matrix (s, s) of s states, each proposed alike, by `acceptance`.

    Parameters
    ----------
    log_weights : ndarray, shape (s,)
        Log posterior up to a constant, s at least 2.
    floor : float, optional
        As in `acceptance`.
    """
    states = len(log_weights)
    moves = acceptance(log_weights[None, :] - log_weights[:, None], floor) / states
    np.fill_diagonal(moves, 0.0)
    return np.asarray(moves + np.diag(1 - moves.sum(axis=1)))


def ranked_law(states: int, floor: float) -> FloatArray:
    """Return what a chain with a floor leaves unchanged, the best state first, shape (states,).

    Every state is proposed alike, so that only the order of the weights enters. The flow out of the
    r-th state, r - 1 + f (s - r), must equal what comes in, f from better states and 1 from worse:
    ``pi_r = (1 - (1 - f) (pi_1 + ... + pi_(r-1))) / (r + f (s - r))``. The best gets 1/(1 + f (s -
    1)), and 10 of 11 if there are two.
    """
    law: list[float] = []
    for r in range(1, states + 1):
        law.append((1 - (1 - floor) * sum(law)) / (r + floor * (states - r)))
    return np.array(law)


def cycle_imbalance(floor: float | None = None) -> float:
    """Return how far a cycle through three states of unequal weight is from balance.

    ``|log P_ij P_jk P_ki - log P_ik P_kj P_ji|``, 0 for every reversible chain (Kolmogorov). Up the
    weights in two steps and down in one costs one floor, up in one and down in two costs two.
    """
    return 0.0 if floor is None else float(abs(np.log(floor)))


def released_centres(clusters: int, splits: int, merges: int) -> int:
    """Return how many centres the released update leaves of `clusters`: one more per merge.

    Centres that are not split are all kept, merged or not; a split gives two for one, and every
    accepted merge appends the mean of its pair.
    """
    return clusters + splits + merges
