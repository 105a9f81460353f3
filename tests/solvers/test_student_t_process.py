"""Student-t processes against SciPy's multivariate t and integrals over the scale."""

import numpy as np
import pytest
from refutable.solvers import student_t_process as stp
from refutable.solvers.student_t_process import InverseGamma, StudentT
from scipy import integrate, stats

SCALE = InverseGamma(1.5, 0.7)


def instance(seed, points=5):
    rng = np.random.default_rng(seed)
    factor = rng.standard_normal((points, points))
    return factor @ factor.T / points + 0.1 * np.eye(points), rng.standard_normal(points)


def over_scale(integrand):
    """Integral over the squared scale, by its logarithm."""
    return integrate.quad(lambda s: integrand(np.exp(s)) * np.exp(s), -14, 14, epsabs=1e-14)[0]


def prior(s2):
    return stats.invgamma.pdf(s2, SCALE.shape, scale=SCALE.rate)


def test_the_density_is_that_of_scipy():
    shape, x = instance(0)
    found = StudentT(3.3, np.arange(5.0), shape).log_density(x)
    wanted = stats.multivariate_t(np.arange(5.0), shape, df=3.3).logpdf(x)
    assert float(found) == pytest.approx(wanted, rel=1e-12)


def test_the_marginal_likelihood_is_an_integral_over_the_scale():
    k, y = instance(1)

    def joint(s2):
        return prior(s2) * stats.multivariate_normal.pdf(y, np.zeros(5), s2 * k)

    found = stp.log_marginal_likelihood(k, y, SCALE)
    assert float(found) == pytest.approx(np.log(over_scale(joint)), rel=1e-9)
    law = stp.marginal(k, SCALE)
    assert law.freedom == 3.0
    np.testing.assert_allclose(law.shape, 0.7 / 1.5 * k)


def test_the_posterior_is_a_ratio_of_integrals_over_the_scale():
    k, values = instance(2)
    y, rest = values[:3], values[3:]
    law = stp.posterior(k, y, SCALE)

    def joint(count):
        return over_scale(
            lambda s2: (
                prior(s2)
                * stats.multivariate_normal.pdf(values[:count], cov=s2 * k[:count, :count])
            )
        )

    assert float(law.log_density(rest)) == pytest.approx(np.log(joint(5) / joint(3)), rel=1e-9)
    assert law.freedom == 6.0
    np.testing.assert_allclose(law.location, k[3:, :3] @ np.linalg.solve(k[:3, :3], y))
    assert y.shape == (3,)


def test_the_posterior_of_the_scale_is_prior_times_likelihood():
    k, y = instance(3)
    found = stp.scale_posterior(k, y, SCALE)
    at = np.array([0.3, 1.0, 2.5])
    joint = [prior(s2) * stats.multivariate_normal.pdf(y, cov=s2 * k) for s2 in at]
    density = stats.invgamma.pdf(at, found.shape, scale=found.rate)
    evidence = np.exp(stp.log_marginal_likelihood(k, y, SCALE))
    np.testing.assert_allclose(density, np.array(joint) / evidence, rtol=1e-9)


def test_a_sharp_scale_leaves_a_gaussian_process():
    k, values = instance(4)
    law = stp.posterior(k, values[:4], InverseGamma(1e7, 1e7))
    weights = np.linalg.solve(k[:4, :4], k[:4, 4])
    assert law.location[0] == pytest.approx(weights @ values[:4])
    assert law.shape[0, 0] == pytest.approx(k[4, 4] - weights @ k[:4, 4], rel=1e-5)


def test_a_batch_is_taken_one_by_one():
    pairs = [instance(seed) for seed in (5, 6)]
    k, y = (np.stack(part) for part in zip(*pairs, strict=True))
    law = stp.posterior(k, y[:, :3], SCALE)
    found = law.log_density(y[:, 3:])
    evidence = stp.log_marginal_likelihood(k, y, SCALE)
    for r, (one, values) in enumerate(pairs):
        alone = stp.posterior(one, values[:3], SCALE)
        assert found[r] == pytest.approx(float(alone.log_density(values[3:])))
        np.testing.assert_allclose(law.shape[r], alone.shape)
        assert evidence[r] == pytest.approx(float(stp.log_marginal_likelihood(one, values, SCALE)))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda k, y: stp.posterior(k, y, SCALE), "^y "),
        (lambda k, y: stp.posterior(-k, y[:3], SCALE), "^covariance .*positive definite"),
        (lambda k, y: stp.marginal(np.ones((2, 2)) - k[:2, :2] * 0, SCALE), "jitter"),
        (lambda k, y: stp.log_marginal_likelihood(k, y[:4], SCALE), "^y "),
        (lambda k, y: StudentT(3.0, y, k).log_density(y[:4]), "^values .*5 coordinates"),
        (lambda k, y: StudentT(3.0, y[:4], k), "^shape "),
        (lambda k, y: stp.scale_posterior(np.stack([k, k]), np.stack([y, y]), SCALE), "^y .*one"),
    ],
)
def test_what_is_no_process_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call(*instance(7))
