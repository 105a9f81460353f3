"""Closed forms of SCMoE against log-space arithmetic, optimisers, orthants and sampling."""

import math

import numpy as np
import pytest
import scipy
from refutable.theory.experts import scmoe as theory
from refutable.theory.experts.scmoe import Toy

TOYS = (Toy(3, 0.3, 1.2, 0.5, 0.5), Toy(3, 0.3, 0.3, 1.2, 1.2), Toy(2, -0.1, 0.7, 0.9, 0.4))


def test_contrast_of_probabilities_is_a_softmax_of_logits():
    gen = np.random.default_rng(0)
    strong, weak = scipy.special.log_softmax(gen.normal(size=(2, 5, 40)), axis=-1)
    for beta, alpha in ((0.0, 0.1), (0.7, 0.1), (2.0, 1e-9)):
        ours = theory.contrasted_probabilities(np.exp(strong), np.exp(weak), beta, alpha)
        for row, (s, w) in enumerate(zip(strong, weak, strict=True)):
            kept = np.flatnonzero(s >= s.max() + math.log(alpha))
            expected = np.zeros(40)
            expected[kept] = scipy.special.softmax((1 + beta) * s[kept] - beta * w[kept])
            np.testing.assert_allclose(ours[row], expected, atol=1e-14)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("beta", [0.0, 0.5, 2.0])
def test_separation_is_that_of_drawn_logits(toy, beta):
    gen = np.random.default_rng(1)
    common, own, other = gen.normal(size=(3, 200_000)) * [[toy.shared], [toy.strong], [toy.weak]]
    strong, weak = toy.signal + common + own, toy.rho * toy.signal + common + other
    z = (1 + beta) * strong - beta * weak
    assert toy.separation(beta) == pytest.approx(z.mean() / z.std(), rel=0.01)


@pytest.mark.parametrize("toy", TOYS)
def test_best_strength_and_first_gain_are_those_of_a_search(toy):
    found = scipy.optimize.minimize_scalar(
        lambda beta: -toy.separation(beta), bounds=(0, 40), method="bounded"
    )
    assert toy.best_beta == pytest.approx(found.x, abs=1e-3)
    step = 1e-6
    slope = math.log(toy.separation(step) / toy.separation(-step)) / (2 * step)
    assert toy.first_gain == pytest.approx(slope, abs=1e-6)


def test_the_best_strength_has_no_end_where_the_weak_signal_is_opposed():
    toy = Toy(2, -0.4, 0.7, 0.9, 0.2)
    assert toy.best_beta == math.inf
    assert (np.diff([toy.separation(beta) for beta in (0, 1, 10, 100, 1000)]) > 0).all()


def test_best_strengths_of_both_regimes():
    assert [round(toy.best_beta, 2) for toy in TOYS[:2]] == [2.87, 0.0]


def test_accuracy_is_an_orthant_probability():
    for d in (-1.0, 0.0, 0.8, 2.5):
        assert theory.accuracy(d, 2) == pytest.approx(scipy.special.ndtr(d / math.sqrt(2)))
        # The right logit is above three others whose differences to it have correlation 1/2.
        law = scipy.stats.multivariate_normal(np.full(3, -d), np.eye(3) + 1)
        assert theory.accuracy(d, 4) == pytest.approx(law.cdf(np.zeros(3)), abs=1e-4)
    assert theory.accuracy(0.0, 50) == pytest.approx(1 / 50, abs=1e-12)


def test_accuracy_is_that_of_another_quadrature():
    for d in (0.5, 2.3, 4.0):
        value, _ = scipy.integrate.quad(
            lambda x, d=d: scipy.stats.norm.pdf(x) * scipy.stats.norm.cdf(x + d) ** 49, -12, 12
        )
        assert theory.accuracy([d], 50)[0] == pytest.approx(value, abs=1e-9)


def test_separation_of_an_ensemble_is_that_of_drawn_experts():
    gen = np.random.default_rng(2)
    for decay in (0.8, 1.0):
        common, own = gen.normal(size=(200_000, 1)), 1.5 * gen.normal(size=(200_000, 8))
        experts = theory.expert_signals(8, 4, decay) + 0.6 * common + own
        means = experts.cumsum(axis=1) / np.arange(1, 9)
        ours = theory.ensemble_separation(np.arange(1, 9), 4, decay, 0.6, 1.5)
        np.testing.assert_allclose(ours, means.mean(axis=0) / means.std(axis=0), rtol=0.01)


def test_signals_fall_by_the_same_factor():
    signals = theory.expert_signals(4, 2.0, 0.5)
    np.testing.assert_array_equal(signals, [2, 1, 0.5, 0.25])


def test_the_printed_row_of_ensembles_holds_greedy_decoding():
    assert theory.ENSEMBLES[1] == theory.PRINTED["greedy"]
    assert len(theory.ENSEMBLES) == 8
