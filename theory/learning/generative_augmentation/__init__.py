"""Generative data augmentation on the binary Gaussian mixture: exact moments and the bound.

Zheng, Wu and Li (NeurIPS 2023) bound the generalisation gap of a learner trained on m real and
``gamma m`` generated points (Theorem 3.1) and simulate it for ``x | y ~ N(y mu, sigma^2 I_d)``, a
naive-Bayes Gaussian generator and ``theta = mean of y x``. For that simulation the mean and the
variance of the gap are polynomials in independent Gaussian and chi-square variables, so both are
exact below; the mean of its absolute value follows from its characteristic function.

Per coordinate and in units of sigma, with r = m_G/m_T, generator variance f v (f = 1 for unbiased
class variances, (m-2)/m for maximum likelihood), e and D of variance 1/m, and s and t of variance
f v/m_G (half sum and half difference of the generated class-mean noises, signed by y):

    gap = 1/2 + (e + r s)^2/2 + r^2 s^2/2
          - [(m-2) v + m D^2 + f v C + m_G s^2 + m_G (t + D)^2] / (2 m_T),   C ~ chi2_{m_G - 2}.
"""

from refutable.theory.learning.generative_augmentation.absolute import (
    absolute_gap_variance,
    folded_absolute_gap,
    folded_normal_mean,
    improvement,
    leading_absolute_gap,
    leading_improvement,
)
from refutable.theory.learning.generative_augmentation.gap import (
    excess_test_loss,
    expected_gap,
    expected_gap_maximum_likelihood,
    mean_gap,
    rise_of_test_loss,
)
from refutable.theory.learning.generative_augmentation.law import (
    characteristic_function,
    expected_absolute_gap,
)
from refutable.theory.learning.generative_augmentation.published import (
    FIGURE_1A,
    FIGURE_1B_D100,
    FIGURE_1C,
    stability_bound,
)
from refutable.theory.learning.generative_augmentation.setting import Augmentation
from refutable.theory.learning.generative_augmentation.spread import (
    controlled_gap_variance,
    excess_variance,
    gap_slope,
    gap_variance,
    rise_variance,
)

from refutable import Paper

__all__ = (
    "FIGURE_1A",
    "FIGURE_1B_D100",
    "FIGURE_1C",
    "PAPER",
    "Augmentation",
    "absolute_gap_variance",
    "characteristic_function",
    "controlled_gap_variance",
    "excess_test_loss",
    "excess_variance",
    "expected_absolute_gap",
    "expected_gap",
    "expected_gap_maximum_likelihood",
    "folded_absolute_gap",
    "folded_normal_mean",
    "gap_slope",
    "gap_variance",
    "improvement",
    "leading_absolute_gap",
    "leading_improvement",
    "mean_gap",
    "rise_of_test_loss",
    "rise_variance",
    "stability_bound",
)

PAPER = Paper(
    key="generative_augmentation",
    field="learning",
    title="Toward Understanding Generative Data Augmentation",
    authors=("Chenyu Zheng", "Guoqiang Wu", "Chongxuan Li"),
    year=2023,
    venue="NeurIPS 2023",
    arxiv="2305.17476",
    code="https://github.com/ML-GSAI/Understanding-GDA",
    read="the abstract; the public code (simulation, generator, launch script, plotting notebook)",
    not_checked=(
        "Theorem 3.1 in general: only its instance for the Gaussian mixture, with the constants "
        "of the notebook, is evaluated",
        "CIFAR-10 with ResNet and GAN or diffusion generators: needs image models and GPUs",
    ),
)
