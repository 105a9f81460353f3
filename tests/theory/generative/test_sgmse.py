"""Closed forms of the OUVE SDE by other routes: SymPy, joint laws, quantiles, Lyapunov."""

import numpy as np
import pytest
import scipy
import sympy as sp
from refutable.solvers.linear_gaussian import Gaussian, flow, law_after
from refutable.theory.generative import sgmse as theory
from refutable.theory.generative.sgmse import Normal, Ouve, Speech

SDE, SPEECH = Ouve(), Speech()
OTHER = Ouve(stiffness=0.7, sigma_min=0.1, sigma_max=2.0)
ELSEWHERE = Speech(mean=-0.4, sd=0.6, noisy=1.1)


def test_the_kernel_solves_the_equations_of_mean_and_variance():
    t, gamma, low, rate, clean, noisy = sp.symbols("t gamma s L x y", positive=True)
    diffusion2 = low**2 * sp.exp(2 * rate * t) * 2 * rate
    grown = sp.exp(2 * rate * t) - sp.exp(-2 * gamma * t)
    variance = low**2 * grown * rate / (gamma + rate)
    assert sp.simplify(sp.diff(variance, t) - diffusion2 + 2 * gamma * variance) == 0
    assert variance.subs(t, 0) == 0
    mean = noisy + sp.exp(-gamma * t) * (clean - noisy)
    assert sp.simplify(sp.diff(mean, t) - gamma * (noisy - mean)) == 0
    at = {t: 0.3, gamma: 0.7, low: 0.1, rate: np.log(20), clean: -0.4, noisy: 1.1}
    assert OTHER.variance(0.3) == pytest.approx(float(variance.subs(at)), rel=1e-13)
    assert OTHER.mean(-0.4, 1.1, 0.3) == pytest.approx(float(mean.subs(at)), rel=1e-13)
    assert OTHER.diffusion(0.3) ** 2 == pytest.approx(float(diffusion2.subs(at)), rel=1e-13)


def test_the_variances_of_the_trial():
    np.testing.assert_allclose(SDE.variance([0.1, 0.5]), [0.00127778, 0.0148005], rtol=4e-6)


def test_without_drift_the_variance_is_the_exploding_one():
    still = Ouve(stiffness=1e-12)
    np.testing.assert_allclose(
        theory.exploding_variance(still, [0.1, 1.0]), still.variance([0.1, 1.0]), rtol=1e-10
    )


@pytest.mark.parametrize(("sde", "speech"), [(SDE, SPEECH), (OTHER, ELSEWHERE)])
@pytest.mark.parametrize("start", ["mixture", "noise", "exact"])
@pytest.mark.parametrize("t", [0.0, 0.03, 0.4])
def test_the_reverse_law_is_the_forward_conditional_from_the_start(sde, speech, start, t):
    """Backwards from x_1 by the joint law of (x_0, x_t, x_1), built from its independent parts."""
    to_t, to_1 = float(sde.decay(t)), float(sde.decay(1))
    later = float(sde.decay(1 - t))
    rows = np.array(  # in terms of x_0 - m, the noise up to t, and the noise from t to 1
        [
            [to_t * speech.sd, np.sqrt(sde.variance(t)), 0],
            [
                to_1 * speech.sd,
                later * np.sqrt(sde.variance(t)),
                np.sqrt(sde.variance(1) - later**2 * sde.variance(t)),
            ],
        ]
    )
    joint = rows @ rows.T
    keep = joint[0, 1] / joint[1, 1]
    begun = theory.start_law(sde, speech, start)
    mean = sde.mean(speech.mean, speech.noisy, t) + keep * (
        begun.mean - sde.mean(speech.mean, speech.noisy, 1)
    )
    variance = joint[0, 0] - keep * joint[0, 1] + keep**2 * begun.variance
    found = theory.reverse_law(sde, speech, start, t)
    assert found.mean == pytest.approx(float(mean), rel=1e-12)
    assert found.variance == pytest.approx(float(variance), rel=1e-12)


def test_the_biases_of_the_brief():
    decay, sigma2 = np.exp(-1.5), 0.1513075083855312
    total = decay**2 * 0.01 + sigma2
    mixture = decay**2 * 0.01 * (0.6 - 1) / total
    noise = decay * 0.01 * -(decay + (1 - decay) * 0.6) / total
    assert theory.reverse_law(SDE, SPEECH).mean - 1 == pytest.approx(mixture, rel=1e-9)
    assert theory.reverse_law(SDE, SPEECH, "noise").mean - 1 == pytest.approx(noise, rel=1e-9)
    assert (mixture, noise) == pytest.approx((-0.00131187, -0.0101309), rel=1e-5)
    right = theory.reverse_law(SDE, SPEECH, "exact")
    assert (right.mean, right.variance) == pytest.approx((1.0, 0.01), rel=1e-14)


@pytest.mark.parametrize("snr", [0.0, 0.5])
def test_the_limit_is_the_reverse_process_and_one_step(snr):
    """The reverse SDE solved in time, or the corrector's fixed point; the last step by hand."""
    t_end = 0.05

    def score(x, t):
        law = theory.marginal(OTHER, ELSEWHERE, t)
        return -(x - law.mean) / law.variance

    def back(x, t):  # the drift of the reverse SDE
        return OTHER.stiffness * (ELSEWHERE.noisy - x) - OTHER.diffusion(t) ** 2 * score(x, t)

    if snr:
        d = 2 * snr**2 * OTHER.variance(t_end)
        factor = 1 + d * (score(1.0, t_end) - score(0.0, t_end))
        spread = scipy.linalg.solve_discrete_lyapunov([[float(factor)]], [[float(2 * d)]])[0, 0]
        mean = float(d * score(0.0, t_end) / (1 - factor))
    else:
        step = flow(
            1,
            t_end,
            lambda t: [[float(back(1.0, t) - back(0.0, t))]],
            lambda t: [float(back(0.0, t))],
            lambda t: [[float(OTHER.diffusion(t) ** 2)]],
        )
        end = law_after(step, Gaussian([ELSEWHERE.noisy], [[float(OTHER.variance(1))]]))
        mean, spread = float(end.mean[0]), float(end.covariance[0, 0])

    def last(x):
        return x - t_end * back(x, t_end)

    found = theory.limit_law(OTHER, ELSEWHERE, "mixture", t_end, snr)
    assert found.mean == pytest.approx(float(last(mean)), rel=1e-8)
    assert found.sd == pytest.approx(float(abs(last(1.0) - last(0.0))) * np.sqrt(spread), rel=1e-8)


def test_the_divergence_is_scipys_entropy_on_a_grid():
    x = np.linspace(-4, 5, 20_001)
    sd = float(np.sqrt(SDE.variance(1)))
    p = scipy.stats.norm.pdf(x, SDE.mean(1, 1.8, 1), sd)
    q = scipy.stats.norm.pdf(x, 1.8, sd)
    found = theory.mismatch_divergence(SDE, 1, 1.8)
    assert found == pytest.approx(float(scipy.stats.entropy(p, q)), rel=1e-6)


def test_the_distance_is_that_of_the_quantiles():
    a, b = (Normal(np.asarray(m), np.asarray(v)) for m, v in ((0.3, 0.2), (-0.1, 1.4)))
    u = (np.arange(200_000) + 0.5) / 200_000
    apart = scipy.stats.norm.ppf(u, a.mean, a.sd) - scipy.stats.norm.ppf(u, b.mean, b.sd)
    assert theory.distance(a, b) == pytest.approx(np.sqrt((apart**2).mean()), rel=1e-4)


@pytest.mark.parametrize("snr", [0.1, 0.5, 0.9])
def test_the_inflation_solves_lyapunovs_equation(snr):
    d = 2 * snr**2
    settled = scipy.linalg.solve_discrete_lyapunov([[1 - d]], [[2 * d]])[0, 0]
    assert theory.inflation(snr) == pytest.approx(settled, rel=1e-12)
