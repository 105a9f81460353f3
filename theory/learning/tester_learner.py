"""An Efficient Tester-Learner for Halfspaces: what is promised and what a Gaussian predicts.

Gollakota, Klivans, Stavropoulos and Vasilyan (2024): a tester-learner gets an arbitrary labelled
sample and either rejects or returns a halfspace. Soundness: what it accepts errs at most
``opt + eps`` (Massart noise, Theorem 4.1) or ``O(opt) + eps`` (adversarial noise, Theorem 5.1).
Completeness: under the target marginal it accepts with probability at least ``1 - delta``.
"""

import numpy as np
import scipy

from refutable import Paper

PAPER = Paper(
    key="tester_learner",
    field="learning",
    title="An Efficient Tester-Learner for Halfspaces",
    authors=("Aravind Gollakota", "Adam R. Klivans", "Konstantinos Stavropoulos", "Arsen Vasilyan"),
    year=2024,
    venue="ICLR 2024",
    arxiv="2302.14853",
    code=None,
    read="Abstracts of both versions and the public reviews; Algorithm 1 partly from the reviews. "
    "The authors published no code.",
    not_checked=(
        "The polynomial run time and sample size: the paper's absolute constants are unspecified, "
        "so an explicit-constant variant of Algorithm 1 is tried instead.",
        "arXiv v1's quasi-polynomial O~(opt) result for strongly log-concave marginals.",
        "A certificate for adversarial noise: with explicit constants it is vacuous above an opt "
        "of about 1e-3, so the error itself is measured.",
    ),
)

DELTA = 0.05
"""Failure probability at which completeness and soundness are checked."""


def gradient_towards_truth(sigma: float, theta: float, eta: float) -> float:
    """Pull of the plain ramp surrogate towards w* at angle theta, under N(0, I).

    With ``w* = cos(theta) w + sin(theta) u``, constant noise rate eta and slope 1/sigma on
    ``|<w, x>| <= sigma/2``, this is ``-<grad L_sigma(w), u>``.

    Parameters
    ----------
    sigma : float
        Bandwidth, positive.
    theta : float
        Angle between w and w*, in (0, pi).
    eta : float
        Noise rate, in [0, 1/2).

    Returns
    -------
    float
        ``(1 - 2 eta) sqrt(2/pi) (sin theta / sigma) (2 Phi(sigma / (2 sin theta)) - 1)``.
    """
    return gradient_from_sine(sigma, float(np.sin(theta)), eta)


def gradient_from_sine(sigma: float, sine: float, eta: float) -> float:
    """`gradient_towards_truth` as a function of ``sine = sin(theta) > 0``."""
    inside = 2 * scipy.stats.norm.cdf(sigma / (2 * sine)) - 1
    return float((1 - 2 * eta) * np.sqrt(2 / np.pi) * sine / sigma * inside)


def pull_variance_at_most(sigma: float, draws: int) -> float:
    """Bound the variance of the gradient's pull, estimated from points of the band.

    The estimate is ``P(|t| <= sigma/2) / sigma`` times the mean of ``y <u, x>`` over `draws`
    independent points, and ``(y <u, x>)^2 = <u, x>^2`` has mean 1 whatever the labels are.

    Parameters
    ----------
    sigma : float
        Bandwidth, positive.
    draws : int

    Returns
    -------
    float
        ``((2 Phi(sigma/2) - 1) / sigma)^2 / draws``.
    """
    mass = 2 * scipy.special.ndtr(sigma / 2) - 1
    return float((mass / sigma) ** 2 / draws)


def averaging_error_ratio(opt: float, clean_mean: bool = False) -> float:
    """err/opt of the direction ``sum y_i x_i`` when the far points across w* are flipped.

    The attack flips the share opt of points with the largest ``y <u, x>``. The mean of ``y x``
    then has slope ``t = -2 phi(q) / (sqrt(2/pi) (1 - 2 opt))`` towards u, ``q = Phi^-1(1 - opt)``.
    The marginal mass between w and w* is wrong, except that its flipped points become right.

    Parameters
    ----------
    opt : float
        Share of flipped labels, in (0, 1/2).
    clean_mean : bool
        Leave out the factor ``1 - 2 opt`` by which the flips shorten the mean towards w*, which is
        false.

    Returns
    -------
    float
        ``(opt + atan(t)/pi - 2 W) / opt`` with ``W = int_q^inf phi(z) (2 Phi(t z) - 1) dz``.
    """
    norm = scipy.stats.norm
    q = norm.isf(opt)
    kept = 1.0 if clean_mean else 1 - 2 * opt
    slope = 2 * norm.pdf(q) / (np.sqrt(2 / np.pi) * kept)
    flipped, _ = scipy.integrate.quad(
        lambda z: norm.pdf(z) * (2 * norm.cdf(slope * z) - 1), q, np.inf
    )
    return float((opt + np.arctan(slope) / np.pi - 2 * flipped) / opt)


def gaussian_certificate(sigma: float, eta: float, strip: float = 0.5) -> tuple[float, float]:
    """Angle and excess that the explicit-constant tester certifies under N(0, I) as n grows.

    Parameters
    ----------
    sigma : float
        Bandwidth of the smoothed ramp, positive.
    eta : float
        Massart rate, in [0, 1/2).
    strip : float
        Width of the strips in units of ``tan(theta0)``.

    Returns
    -------
    theta0 : float
        Angle in radians at ``w = w*``, where the gradient vanishes.
    excess : float
        The bound U.
    """

    def slope(t: float) -> float:
        return 1.5 / sigma * (1 - (2 * t / sigma) ** 2) * float(scipy.stats.norm.pdf(t))

    mass = 2 * scipy.integrate.quad(slope, 0, sigma / 2)[0]
    margin = 2 * scipy.integrate.quad(lambda t: t * slope(t), 0, sigma / 2)[0]
    # Every direction has second moment p and fourth moment 3 p, so A = p / sqrt(3).
    tau = (2 - 2 * eta) * margin / ((1 - 2 * eta) * mass / np.sqrt(3))
    edges = np.arange(0, 20_000) * strip
    strips = 2 * np.diff(scipy.stats.norm.cdf(edges * tau))
    factor = np.minimum(1, 1 / np.maximum(edges[:-1], 1e-9) ** 2)
    return float(np.arctan(tau)), float(strips @ factor)
