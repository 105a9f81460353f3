r"""What the AdaptiveMix penalty costs, in closed form: affine, curved and unit-norm features.

Liu et al. (CVPR 2023). Features F, :math:`\lambda` uniform on [0, 1], and a target with Gaussian
noise: :math:`|F(\lambda x+(1-\lambda)x')-\lambda F(x)-(1-\lambda)F(x')-N(0,0.05^2)|^2`, as a mean
over coordinates in the classification code; the GAN code takes minus the cosine similarity. The
target is detached in both. No theorem was found; everything below is derived.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from refutable import FloatArray, Paper

PAPER = Paper(
    key="adaptivemix",
    field="generative",
    title="AdaptiveMix: Improving GAN Training via Feature Space Shrinkage",
    authors=(
        "Haozhe Liu",
        "Wentian Zhang",
        "Bing Li",
        "Haoqian Wu",
        "Nanjun He",
        "Yawen Huang",
        "Yuexiang Li",
        "Bernard Ghanem",
        "Yefeng Zheng",
    ),
    year=2023,
    venue="CVPR 2023",
    arxiv="2303.01559",
    code="https://github.com/WentianZhang-ML/AdaptiveMix",
    read=(
        "The public code (commit b7fc2ac): loss.py and networks.py of the generation part, "
        "models.py and train.py of the classification part; not the paper's text."
    ),
    not_checked=(
        "FID of the trained GANs: needs the data sets and days of training.",
        "Accuracy under attacks and on unknown classes: needs the trained networks.",
    ),
)

NOISE = 0.05
"""Standard deviation of the target's noise, noise_std in the code."""


def affine_loss(noise: float = NOISE) -> float:
    """Return the expected loss per coordinate of affine features, of any scale: the noise's."""
    return noise**2


def affine_loss_variance(mixes: int, coordinates: int, noise: float = NOISE) -> float:
    """Return the variance of the mean loss: of squares of that many independent normals."""
    return 2 * noise**4 / (mixes * coordinates)


def mean_mixing_square(alpha: float = 1.0) -> float:
    r"""Return the mean of :math:`\lambda^2(1-\lambda)^2` for lambda ~ Beta(alpha, alpha).

    The ratio of Beta functions B(alpha + 2, alpha + 2) / B(alpha, alpha); 1/30 for alpha = 1.
    """
    a = alpha
    return (a * (a + 1)) ** 2 / (2 * a * (2 * a + 1) * (2 * a + 2) * (2 * a + 3))


def curvature_loss(second: float, half_width: float) -> float:
    r"""Loss without noise for points uniform on an interval, if F'' is constant there.

    The gap is :math:`-\frac12\lambda(1-\lambda)(x-x')^2F''`, and the fourth moment of the
    difference of two points of [c - h, c + h] is 16 h^4 / 15: in all ``2 F''^2 h^4 / 225``.
    For smooth F it is the leading term as h goes to 0.
    """
    return 0.25 * second**2 * mean_mixing_square() * 16 / 15 * half_width**4


def unit_loss_at_least(lam: ArrayLike, distance: ArrayLike) -> FloatArray:
    r"""Least squared distance of a unit vector from a mix of two others, which is inside the ball.

    The mix has the squared norm :math:`1-\lambda(1-\lambda)d^2`, d being the distance of the two
    unit vectors; it is nearest to the unit vector in its own direction.

    Parameters
    ----------
    lam : array_like
        In [0, 1].
    distance : array_like
        In [0, 2]; shapes broadcast.
    """
    lam, distance = np.asarray(lam), np.asarray(distance)
    norm = np.sqrt(np.maximum(1 - lam * (1 - lam) * distance**2, 0))  # 0 at antipodes, up to eps
    return np.asarray((1 - norm) ** 2)


def unit_loss_of_spread(fourth_power: ArrayLike) -> FloatArray:
    r"""Return ``E d^4 / 120``, which the loss of unit-norm features exceeds without noise.

    ``1 - sqrt(1 - q) >= q / 2``, hence :math:`\frac14\lambda^2(1-\lambda)^2d^4` bounds the loss.

    Parameters
    ----------
    fourth_power : array_like
        Means of the fourth powers of distances of features.
    """
    return np.asarray(0.25 * mean_mixing_square() * np.asarray(fourth_power))
