"""What is printed: values read off the figures, and the bound with the notebook's constants."""

from math import log, sqrt

from refutable.theory.learning.generative_augmentation.setting import Augmentation

FIGURE_1B_D100 = {0: 9.9, 1: 7.3, 2: 5.6, 5: 3.2, 10: 2.6, 20: 2.35, 50: 2.15}
"""E|gap| at m=10, d=100 by gamma, read off Figure 1b (reading error about 2 %)."""

FIGURE_1C = {0: 5.13, 1: 3.92, 2: 3.11, 5: 2.26, 10: 1.82, 20: 1.71, 50: 1.57, 100: 1.59}
"""E|gap| at m=10, d=50 by gamma, read off Figure 1c (reading error about 2 %)."""

FIGURE_1A = {(20, 0): 0.120, (20, 1): 0.142, (20, 50): 0.125, (50, 0): 0.0865, (500, 0): 0.0235}
"""E|gap| at d=1 by (m, gamma), read off Figure 1a (reading error about 2 %)."""


def stability_bound(setting: Augmentation) -> float:
    """Theorem 3.1 for the Gaussian mixture, hidden constants 1, as the public notebook has it.

    With M = d + log m and beta = M/m_T; for d > 2 both divergences are 1, else
    D_TV = sqrt((d/m) log d) and T = sqrt(gamma d/m) log(m d). At d = 1 the notebook's D_TV is 0,
    as log 1 = 0: a slip that is kept here.
    """
    d, m, g = setting.dim, setting.m, setting.gamma
    size = d + log(m)
    beta = size / setting.total
    divergence, perturbation = _divergences(d, m, g)
    logs = log(m) + (log(g * m) if g > 0 else 0.0)
    terms = (
        g * size * divergence,
        size * (1 + sqrt(g)) / sqrt(m),
        sqrt(g * m) * beta,
        beta * logs,
        log(m) * size * perturbation,
    )
    return sum(terms) / (1 + g)


def _divergences(dim: int, m: int, gamma: float) -> tuple[float, float]:
    if dim > 2:
        return 1.0, 1.0
    return sqrt(dim / m * log(dim)), sqrt(gamma * dim / m) * log(m * dim)
