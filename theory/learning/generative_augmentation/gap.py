"""Expectations: of the gap, by either variance estimator, and of the test loss."""

from refutable.theory.learning.generative_augmentation.setting import Augmentation


def expected_gap(setting: Augmentation) -> float:
    """E[test loss - training loss] for unbiased class variances.

    ``(d/m) (1 + 2 gamma)/(1 + gamma)^2``, whatever sigma and mu; own derivation.
    """
    g = setting.gamma
    return setting.dim / setting.m * (1 + 2 * g) / (1 + g) ** 2


def expected_gap_maximum_likelihood(setting: Augmentation) -> float:
    """E[gap] when the generator divides class sums of squares by n: tends back to d/m.

    ``(d/m) [(1+2g)/(1+g)^2 + g/(1+g) - 2g/((1+g)^2 m)]``; own derivation.
    """
    g, m = setting.gamma, setting.m
    return expected_gap(setting) + setting.dim / m * (g / (1 + g) - 2 * g / ((1 + g) ** 2 * m))


def mean_gap(setting: Augmentation) -> float:
    """E[gap] for either variance estimator."""
    if setting.ddof == 1:
        return expected_gap(setting)
    return expected_gap_maximum_likelihood(setting)


def excess_test_loss(setting: Augmentation) -> float:
    """E[test loss] - d/2 = ``(d/2)(1/m + f gamma/((1+gamma)^2 m))``; never below d/(2m)."""
    inflation = setting.shrinkage * setting.gamma / (1 + setting.gamma) ** 2
    return setting.dim / (2 * setting.m) * (1 + inflation)


def rise_of_test_loss(setting: Augmentation) -> float:
    """Subtract the expected test loss without augmentation from that with it; never negative."""
    return excess_test_loss(setting) - setting.dim / (2 * setting.m)
