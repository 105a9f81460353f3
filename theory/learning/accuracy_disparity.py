"""Accuracy disparity of standard and adversarially trained linear rules, in closed form.

Hu, Wu, Zhang and Zhao (ICML 2023): y = +1 with probability R/(1+R), x | y ~ N(y theta, sigma^2 I_d)
or symmetric alpha-stable noise in place of the Gaussian; rules ``sign(<w, x> + b)``; perturbations
of l_p length eps. The formulas are derived here from that model: minimising the robust 0-1 risk
first over directions maximises ``(<w, theta> - eps |w|_q)/|w|_2``, then one threshold remains.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import atan, inf, log, pi, sqrt

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

PAPER = Paper(
    key="accuracy_disparity",
    field="learning",
    title="Understanding the Impact of Adversarial Robustness on Accuracy Disparity",
    authors=("Yuzheng Hu", "Fan Wu", "Hongyang Zhang", "Han Zhao"),
    year=2023,
    venue="ICML 2023",
    arxiv="2211.15762",
    code="https://github.com/Accuracy-Disparity/AT-on-AD",
    read="the abstract and the public code; the theorems' text was not at hand, so closed forms "
    "are derived from the stated model",
    not_checked=(
        "the published figures: the code's data files are not in the repository",
        "multivariate stable noise: isotropic and independent coordinates differ, so only "
        "one-dimensional projections are tried",
    ),
)


@dataclass(frozen=True)
class GaussianRule:
    """The robust optimum for Gaussian noise.

    Attributes
    ----------
    direction
        Normal vector w, shape (d,).
    margin
        rho = ``(<w, theta> - eps |w|_q)/|w|``: robust distance of a class from the hyperplane.
    reach
        a = ``<w, theta>/|w|``: its standard distance.
    shift
        c = ``sigma log(R)/(2 rho)`` in units of sigma: how far the threshold favours the majority.
    sigma
        Noise standard deviation.
    """

    direction: NDArray[np.float64]
    margin: float
    reach: float
    shift: float
    sigma: float

    @property
    def majority(self) -> float:
        """Standard accuracy on the majority class, ``Phi(a/sigma + c)``."""
        return float(scipy.special.ndtr(self.reach / self.sigma + self.shift))

    @property
    def minority(self) -> float:
        """Standard accuracy on the minority class, ``Phi(a/sigma - c)``."""
        return float(scipy.special.ndtr(self.reach / self.sigma - self.shift))

    @property
    def disparity(self) -> float:
        """AD, majority minus minority accuracy."""
        return self.majority - self.minority


def gaussian_rule(
    theta: ArrayLike, imbalance: float, attack: str, radius: float, sigma: float = 1.0
) -> GaussianRule:
    """Give the optimal robust rule for Gaussian classes.

    Parameters
    ----------
    theta
        Class mean, shape (d,).
    imbalance
        R >= 1.
    attack
        "l2" (w = theta) or "linf" (w = componentwise soft threshold of theta at `radius`).
    radius
        eps >= 0; 0 is standard training.
    sigma
        Noise standard deviation (> 0).

    Raises
    ------
    ValueError
        If the attack reaches the mean (robust margin not positive) or is unknown.
    """
    centre = np.asarray(theta, dtype=np.float64)
    direction = robust_direction(centre, attack, radius)
    length = float(np.linalg.norm(direction))
    if length == 0 or (attack == "l2" and radius >= length):
        raise ValueError(f"radius={radius} reaches the class mean: no robust margin is left")
    margin = length - radius if attack == "l2" else length
    reach = float(direction @ centre) / length
    return GaussianRule(direction, margin, reach, sigma * log(imbalance) / (2 * margin), sigma)


def robust_direction(theta: NDArray[np.float64], attack: str, radius: float) -> NDArray[np.float64]:
    """Maximise ``(<w, theta> - radius |w|_q)/|w|_2`` over w."""
    if attack == "l2":
        return theta
    if attack == "linf":
        return np.asarray(np.sign(theta) * np.clip(np.abs(theta) - radius, 0, None))
    raise ValueError(f"attack must be 'l2' or 'linf', got {attack!r}")


def cauchy_threshold(imbalance: float, margin: float, scale: float = 1.0) -> float:
    """Stationary threshold b of the robust risk under Cauchy noise.

    ``[rho (R+1) - sqrt(rho^2 (R+1)^2 - (R-1)^2 (g^2 + rho^2))]/(R-1)``, 0 at R = 1.

    Raises
    ------
    ValueError
        If ``rho/g < (R-1)/(2 sqrt(R))``: the risk then falls all the way to the constant rule.
    """
    if imbalance == 1:
        return 0.0
    square = (margin * (imbalance + 1)) ** 2 - (imbalance - 1) ** 2 * (scale**2 + margin**2)
    if square < 0:
        raise ValueError(f"no stationary threshold at R={imbalance}, rho/g={margin / scale}")
    return (margin * (imbalance + 1) - sqrt(square)) / (imbalance - 1)


def cauchy_cdf(t: float, scale: float = 1.0) -> float:
    """Evaluate ``1/2 + atan(t/g)/pi``."""
    return 0.5 + atan(t / scale) / pi


def cauchy_disparity(imbalance: float, centre: float, radius: float) -> float:
    """AD of the stationary rule under Cauchy noise of scale 1, ``F(theta_0+b) - F(theta_0-b)``."""
    b = cauchy_threshold(imbalance, centre - radius)
    return cauchy_cdf(centre + b) - cauchy_cdf(centre - b)


def cauchy_collapse(margin: float) -> float:
    """R* at which the constant majority rule becomes optimal, by the closed-form threshold.

    Root of ``R (1 - F(rho + b)) + 1 - F(rho - b) = 1`` with b = b(R), noise scale 1.
    """

    def surplus(imbalance: float) -> float:
        b = cauchy_threshold(imbalance, margin)
        return imbalance * (1 - cauchy_cdf(margin + b)) - cauchy_cdf(margin - b)

    return float(scipy.optimize.brentq(surplus, 1 + 1e-9, stationary_limit(margin) * (1 - 1e-12)))


def stationary_limit(margin: float) -> float:
    """Largest R with a stationary threshold, from ``rho/g = (R-1)/(2 sqrt(R))``, scale 1."""
    return (margin + sqrt(margin**2 + 1)) ** 2


@dataclass(frozen=True)
class Noise:
    """Symmetric noise on the line, known by the logarithm of its upper tail.

    Attributes
    ----------
    log_tail
        ``t -> log P(Z > t)``, vectorised.
    """

    log_tail: Callable[[ArrayLike], NDArray[np.float64]]

    def robust_risk(self, b: ArrayLike, imbalance: float, margin: float) -> NDArray[np.float64]:
        """Evaluate ``[R P(Z > rho + b) + P(Z > rho - b)]/(1 + R)``, the risk of threshold b.

        The constant majority rule has risk ``1/(1 + R)``.
        """
        offset = np.asarray(b, dtype=np.float64)
        majority, minority = np.exp(self.log_tail(margin + offset)), self.log_tail(margin - offset)
        return np.asarray((imbalance * majority + np.exp(minority)) / (1 + imbalance))

    def collapse(self, margin: float) -> tuple[float, float]:
        """Give R* and the threshold that is last to beat the constant rule.

        A threshold b beats it iff ``R < P(Z > b - rho)/P(Z > b + rho)``, so R* is the supremum of
        that ratio: finite for stable noise (it tends to 1 as b grows), infinite for the Gaussian.
        """

        def loss(b: float) -> float:
            return float(self.log_tail(b + margin) - self.log_tail(b - margin))

        end = 20 * (1 + margin)
        best = scipy.optimize.minimize_scalar(loss, bounds=(0, end), method="bounded")
        if best.x > 0.99 * end:
            return inf, inf
        return float(np.exp(-best.fun)), float(best.x)


def stable_noise(alpha: float, scale: float = 1.0) -> Noise:
    """Give symmetric alpha-stable noise of a scale; alpha = 1 is Cauchy."""
    if alpha == 1:
        return Noise(
            lambda t: np.asarray(scipy.stats.cauchy.logsf(np.asarray(t, np.float64), scale=scale))
        )
    law = scipy.stats.levy_stable(alpha, 0.0, scale=scale)
    return Noise(lambda t: np.asarray(np.log(law.cdf(-np.asarray(t)))))


def gaussian_noise() -> Noise:
    """Give standard normal noise."""
    return Noise(lambda t: np.asarray(scipy.stats.norm.logsf(np.asarray(t, dtype=np.float64))))


def gaussian_disparity(imbalance: float, centre: float, radius: float) -> float:
    """AD on the line under standard normal noise: ``Phi(theta_0 + b) - Phi(theta_0 - b)``."""
    rule = gaussian_rule([centre], imbalance, "l2", radius)
    return rule.disparity
