"""Cut-off means of the limit laws against numerical integrals of P(X > t)."""

import numpy as np
import pytest
import scipy
from refutable.theory.experts.clipped import chi_square_mean, half_normal_mean


@pytest.mark.parametrize("cut", [0.5, 1.0, 3.0, 8.0])
def test_half_normal_mean_is_the_integral_of_the_tail(cut):
    integral, _ = scipy.integrate.quad(scipy.stats.halfnorm.sf, 0, cut)
    assert half_normal_mean(cut) == pytest.approx(integral, rel=1e-9)


@pytest.mark.parametrize("degrees", [1, 8, 13])
@pytest.mark.parametrize("cut", [0.5, 1.0, 4.0])
def test_chi_square_mean_is_the_integral_of_the_tail(degrees, cut):
    tail = scipy.stats.chi2(degrees, scale=1 / degrees).sf
    integral, _ = scipy.integrate.quad(tail, 0, cut, limit=200)
    assert chi_square_mean(degrees, cut) == pytest.approx(integral, rel=1e-7)


def test_far_cuts_leave_the_means():
    assert half_normal_mean(40.0) == pytest.approx(np.sqrt(2 / np.pi), rel=1e-12)
    assert chi_square_mean(8, 40.0) == pytest.approx(1, rel=1e-12)
