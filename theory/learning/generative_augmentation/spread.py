"""Exact variances of the gap and of what is measured beside it, by the law of total variance.

Given the pooled variances v every term is a product of at most two independent Gaussians or a
chi-square, and odd moments vanish; v is a chi-square over its m - 2 degrees of freedom, so
E v = 1 and Var v = 2/(m - 2). Own derivations, in the symbols of the package's docstring.
"""

from refutable.theory.learning.generative_augmentation.gap import excess_test_loss
from refutable.theory.learning.generative_augmentation.setting import Augmentation


def gap_variance(setting: Augmentation, test_points: float = float("inf")) -> float:
    """Exact Var[gap], plus the noise of a finite test set.

    Law of total variance over the pooled variances v; given v every term is a product of at most
    two independent Gaussians or a chi-square, and odd moments vanish. Own derivation.

    Parameters
    ----------
    setting
        The simulation's parameters.
    test_points
        Test points N; infinity for the population loss. A finite N adds
        ``(2 d + 4 E|theta - mu|^2)/(4 N)``.
    """
    m, d = setting.m, setting.dim
    within = 1 / m**2
    if setting.gamma > 0:
        within += _generated_variance(setting)
    noise = (2 * d + 8 * excess_test_loss(setting)) / (4 * test_points)
    return d * (within + gap_slope(setting) ** 2 * 2 / (m - 2)) + noise


def gap_slope(setting: Augmentation) -> float:
    """Give d E[gap | v]/dv for the pooled variance v of a coordinate; E[gap | v] is linear."""
    real = -(setting.m - 2) / (2 * setting.total)
    return real + (_generated_slope(setting) if setting.gamma > 0 else 0.0)


def _generated_variance(setting: Augmentation) -> float:
    r, m_gen, f = setting.share, setting.generated, setting.shrinkage
    fourth = f**2 * (1 + 2 / (setting.m - 2))
    cross = 2 * f * r**2 / (setting.m * m_gen)
    squares = fourth * (2 * (r**2 - r / 2) ** 2 + r**2 / 2) / m_gen**2
    return cross + squares + fourth * (m_gen - 2) / (2 * setting.total**2)


def _generated_slope(setting: Augmentation) -> float:
    """Give d E[gap | v]/dv of the generated points' terms."""
    r, m_gen, f = setting.share, setting.generated, setting.shrinkage
    return f * ((r**2 - r) / m_gen - (m_gen - 2) / (2 * setting.total))


def excess_variance(setting: Augmentation) -> float:
    """Exact variance of the excess test loss ``sum (e + r s)^2/2``.

    Given v a term is Gaussian of variance ``q = 1/m + p v``, ``p = r^2 f/m_G``: so its square has
    the mean q and the second moment 3 q^2.
    """
    m, p = setting.m, _shift_variance(setting)
    second = 1 / m**2 + 2 * p / m + p**2 * (1 + 2 / (m - 2))
    return setting.dim * (3 * second - (1 / m + p) ** 2) / 4


def rise_variance(setting: Augmentation) -> float:
    """Exact variance of the test loss with less that without augmentation, on one training set.

    Of ``sum (e r s + r^2 s^2/2)``.
    """
    m, p = setting.m, _shift_variance(setting)
    square = p**2 * (3 * (1 + 2 / (m - 2)) - 1)
    return setting.dim * (p / m + square / 4)


def controlled_gap_variance(setting: Augmentation, less_plain: bool = False) -> float:
    """Exact variance of the gap plus its control variate of mean zero.

    A coordinate of that sum is, with ``w = 1 - r/2`` and up to a constant,

        w e^2 + r e s + r^2 s^2 - r D^2/2 - r D t + r (1 - f) v/2;

    without augmentation it is e^2.

    Parameters
    ----------
    setting
        The simulation's parameters.
    less_plain
        Whether the sum without augmentation is subtracted, on the same training set.
    """
    m, r = setting.m, setting.share
    p, q = _shift_variance(setting), r * (1 - setting.shrinkage) / 2
    weight = -r / 2 if less_plain else 1 - r / 2
    squares = 2 * weight**2 / m**2 + r**2 / (2 * m**2)
    # Of v (q + p Z^2), Z standard normal, where r^2 s^2 = p v Z^2:
    joint = (1 + 2 / (m - 2)) * ((q + p) ** 2 + 2 * p**2) - (q + p) ** 2
    return setting.dim * (squares + 2 * p / m + joint)


def _shift_variance(setting: Augmentation) -> float:
    """Give the variance ``p = r^2 f/m_G`` of r s at v = 1."""
    if setting.gamma == 0:
        return 0.0
    return setting.share**2 * setting.shrinkage / setting.generated
