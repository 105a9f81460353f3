"""Unsupervised pretraining in a factor model, exactly: two fast terms under a square-root bound.

Model: ``x = U diag(s) z + e`` with z ~ N(0, I_r), e ~ N(0, I_d), U orthonormal (d x r), and
``y = beta^T z + nu``. Pretraining takes the top r eigenvectors of m unlabelled points' second
moment, then regresses y on these r features with n labelled points. Ge, Tang, Fan and Jin
(ICLR 2024) bound the excess risk by ~ sqrt(dr/m) + sqrt(r/n) against sqrt(d/n) for supervised
learning. In this model the actual rates are 1/m and 1/n; the formulas below are derived here.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import scipy
from numpy.typing import NDArray
from refutable.theory._arguments import numbers, whole

from refutable import Paper

PAPER = Paper(
    key="unsupervised_pretraining",
    field="learning",
    title="On the Provable Advantage of Unsupervised Pretraining",
    authors=("Jiawei Ge", "Shange Tang", "Jianqing Fan", "Chi Jin"),
    year=2024,
    venue="ICLR 2024",
    arxiv="2303.01566",
    code=None,
    read="the published abstract and public reviews (assumption 3.2, theorems 3.7 and 5.3)",
    not_checked=(
        "the general theorem with the informativeness constant kappa: only its instances",
        "contrastive learning: no prediction with constants to check",
    ),
)


@dataclass(frozen=True)
class FactorModel:
    """A factor model with unit idiosyncratic noise.

    Attributes
    ----------
    dim
        Dimension d of x.
    strengths
        Squared factor loadings s_k^2 (> 0), one per factor.
    noise
        Variance of y given z (>= 0).
    loading
        beta_k: a number, the same for every factor, or one for each, of either sign.

    Raises
    ------
    ValueError
        If there are no fewer factors than dimensions, a strength is not above 0, the noise is
        below 0, or the loadings are not finite or not as many as the strengths.
    """

    dim: int = 100
    strengths: tuple[float, ...] = (4.0, 3.0, 2.5, 2.0, 1.5)
    noise: float = 1.0
    loading: float | tuple[float, ...] = 1.0

    def __post_init__(self) -> None:
        squared = numbers("strengths", self.strengths)
        if squared.ndim != 1 or squared.min(initial=1) <= 0 or not squared.size:
            raise ValueError(f"strengths={self.strengths}: give numbers above 0, one a factor")
        whole("dim", self.dim, self.rank + 1)
        if numbers("noise", self.noise).min() < 0:
            raise ValueError(f"noise={self.noise}: give a variance, at least 0")
        if numbers("loading", self.loading).shape not in ((), squared.shape):
            raise ValueError(f"loading={self.loading}: give a number, or {self.rank} of them")

    @property
    def rank(self) -> int:
        """Number of factors r."""
        return len(self.strengths)

    @property
    def loadings(self) -> NDArray[np.float64]:
        """beta_k of every factor, shape (r,)."""
        return np.full(self.rank, self.loading, dtype=np.float64)

    @property
    def variances(self) -> NDArray[np.float64]:
        """Eigenvalues of the covariance of x, shape (d,): its diagonal in its own coordinates."""
        scale = np.ones(self.dim)
        scale[: self.rank] += self.strengths
        return scale

    @property
    def theta(self) -> NDArray[np.float64]:
        """Population regression vector ``U diag(s/(1+s^2)) beta`` in these coordinates, (d,)."""
        best = np.zeros(self.dim)
        squared = np.array(self.strengths)
        best[: self.rank] = self.loadings * np.sqrt(squared) / (1 + squared)
        return best

    @property
    def residual(self) -> float:
        """Variance of y given x: ``noise + sum beta_k^2/(1 + s_k^2)``."""
        return self.noise + float((self.loadings**2 / (1 + np.array(self.strengths))).sum())

    @property
    def misalignment(self) -> float:
        """C = ``sum beta_k^2/(s_k^2 (1 + s_k^2))``: cost of an imperfect subspace."""
        squared = np.array(self.strengths)
        return float((self.loadings**2 / (squared * (1 + squared))).sum())


def supervised_excess(model: FactorModel, n: int) -> float:
    """Exact excess risk of least squares in d dimensions, ``residual d/(n - d - 1)``.

    Raises
    ------
    ValueError
        If n <= d + 1: the expectation is infinite.
    """
    return model.residual * _inverse_wishart(model.dim, n)


def label_term(model: FactorModel, n: int) -> float:
    """Cost of n labels on the right subspace, ``residual r/(n - r - 1)``."""
    return model.residual * _inverse_wishart(model.rank, n)


def subspace_term(model: FactorModel, m: float) -> float:
    """Cost of learning the subspace from m unlabelled points, ``C (d - r)/m`` to first order.

    Anderson's (1963) asymptotics of eigenvectors, projected on the regression vector: rotations
    among the factors stay in the subspace, whatever their loadings, and those towards the noise
    are independent from factor to factor, so that the squares of the loadings add up.
    For the default model it is some 4 % too small at m = 500 and 1 % at 2000 (400 runs, to 1 %).
    """
    return (model.dim - model.rank) / m * model.misalignment


def pretrained_excess(model: FactorModel, m: float, n: int) -> float:
    """Excess risk of pretraining, `label_term` plus `subspace_term`."""
    return label_term(model, n) + subspace_term(model, m)


def break_even(model: FactorModel, n: int) -> float:
    """Unlabelled sample size m* above which pretraining beats supervised least squares."""
    saving = supervised_excess(model, n) - label_term(model, n)
    return subspace_term(model, 1) / saving


def square_root_bound(dim: int, rank: int, m: float, n: float) -> float:
    """Evaluate ``sqrt(d r/m) + sqrt(r/n)``, the paper's bound with constant 1 and no logarithms."""
    return sqrt(dim * rank / m) + sqrt(rank / n)


def wrong_majority(n: int, clusters: int, agreement: float) -> float:
    """Probability that the majority among a cluster's labels is the rarer one.

    Parameters
    ----------
    n
        Labelled points over all clusters, each in a uniformly random one.
    clusters
        Number K of clusters.
    agreement
        Probability in (1/2, 1) that a label is the cluster's commoner one.

    Returns
    -------
    float
        ``sum_j P(Bin(n, 1/K) = j) P(wrong | j)``, ties (and empty clusters) broken by a coin.
    """
    total = np.arange(n + 1)
    below = scipy.stats.binom.cdf(np.ceil(total / 2) - 1, total, agreement)
    tie = np.where(total % 2 == 0, scipy.stats.binom.pmf(total // 2, total, agreement), 0.0)
    return float((scipy.stats.binom.pmf(total, n, 1 / clusters) * (below + tie / 2)).sum())


def _inverse_wishart(dim: int, n: int) -> float:
    if n <= dim + 1:
        raise ValueError(f"n={n} must exceed {dim + 1}, or the mean of the inverse is infinite")
    return dim / (n - dim - 1)
