"""Closed forms of splitting and merging: quadrature, simulation of moments, eigenvectors."""

import itertools

import numpy as np
import pytest
from refutable.theory.mixtures import gpc as theory
from scipy.integrate import quad
from scipy.stats import t as student


def test_evidence_of_one_point_is_a_t_density():
    """On a line: nu degrees of freedom and squared scale Psi (kappa + 1)/(kappa nu)."""
    kappa, nu, scale = 0.7, 2.5, 1.2
    law = student(nu, 0.3, np.sqrt(scale * (kappa + 1) / (kappa * nu)))
    for x in (-1.0, 0.9):
        found = theory.log_evidence(
            np.array([[x]]), np.array([0.3]), kappa, nu, np.array([[scale]])
        )
        assert found == pytest.approx(law.logpdf(x), abs=1e-13)


def test_evidence_of_two_points_integrates_to_that_of_one():
    prior = (np.array([0.3]), 0.7, 2.5, np.array([[1.2]]))

    def pair(y):
        return np.exp(theory.log_evidence(np.array([[0.9], [y]]), *prior))

    alone = np.exp(theory.log_evidence(np.array([[0.9]]), *prior))
    assert quad(pair, -np.inf, np.inf)[0] == pytest.approx(alone, rel=1e-7)


def test_what_is_handed_over_wrongly_changes_the_evidence():
    x = np.random.default_rng(0).standard_normal((6, 2))
    prior = (np.zeros(2), 0.5, 5.0, np.eye(2))
    right = theory.log_evidence(x, *prior)
    assert theory.log_evidence(x, *prior, about=x.mean(axis=0)) == right
    assert theory.log_evidence(x, *prior, about=x.mean(axis=0) * 6 / 6.5) != right
    assert theory.log_evidence(x, *prior, freedom=1.0) > right


def test_split_score_is_a_ratio_of_seatings():
    """At equal evidence: the odds of (2, 2) against (4) in a Chinese restaurant, 1/6 at alpha 1."""
    assert theory.log_split_score((2, 2), (0.0, 0.0, 0.0)) == pytest.approx(-np.log(6))
    assert theory.log_split_score((2, 2), (0.0, 0.0, 0.0), 3.0) == pytest.approx(np.log(0.5))
    assert theory.log_split_score((2, 2), (1.0, 2.0, 5.0), sizes=False) == -2


@pytest.mark.parametrize(("sep", "kappa"), [(0.0, 0.01), (3.0, 2.0), (6.0, 0.01)])
def test_planted_score_is_the_average_over_draws(sep, kappa):
    """8000 draws of two halves of 50, whose scores have a standard deviation of up to 11."""
    rng, prior = np.random.default_rng(0), (kappa, 3.0, np.array([[1.7]]))
    halves = rng.standard_normal((2, 8000, 50, 1)) + sep * np.arange(2)[:, None, None, None]
    both = np.concatenate(list(halves), axis=1)
    evidences = [theory.log_evidence(x, both.mean(axis=1), *prior) for x in (*halves, both)]
    for sizes in (True, False):
        drawn = theory.log_split_score((50, 50), evidences, sizes=sizes).mean()
        found = theory.planted_split_score(sep, 50, kappa, 3.0, 1.7, sizes=sizes)
        assert found == pytest.approx(drawn, abs=0.4)


def test_the_flip_parts_negative_from_positive_scores():
    flip = theory.flip_separation(50, 0.01, 3.0, 1.0)
    scores = [theory.planted_split_score(flip + e, 50, 0.01, 3.0, 1.0) for e in (-0.01, 0.01)]
    assert scores[0] < 0 < scores[1]
    assert 3 < flip < 4
    sizeless = [theory.planted_split_score(s, 50, 0.01, 3.0, 1.0, sizes=False) for s in (0, 1)]
    assert sizeless[0] < 0 < sizeless[1]


def stationary(chain):
    values, vectors = np.linalg.eig(chain.T)
    top = np.real(vectors[:, np.argmax(np.real(values))])
    return top / top.sum()


@pytest.mark.parametrize("floor", [0.1, 0.03, 1.0])
@pytest.mark.parametrize("weights", [(0.0, -7.0), (0.3, -2.0, 1.1, 4.0)])
def test_with_a_floor_only_the_order_counts(weights, floor):
    chain = theory.chain_of(np.array(weights), floor)
    np.testing.assert_allclose(chain.sum(axis=1), 1, rtol=1e-15)
    ranked = stationary(chain)[np.argsort(weights)[::-1]]
    np.testing.assert_allclose(ranked, theory.ranked_law(len(weights), floor), atol=1e-12)


def test_of_two_states_the_better_has_ten_in_eleven():
    assert theory.ranked_law(2, 0.1)[0] == pytest.approx(10 / 11)
    assert theory.ranked_law(15, 0.1)[0] == pytest.approx(1 / 2.4)


@pytest.mark.parametrize("floor", [None, 0.1])
def test_imbalance_of_cycles(floor):
    chain = theory.chain_of(np.array([0.3, -2.0, 1.1, 4.0]), floor)
    for i, j, k in itertools.combinations(range(4), 3):
        there = chain[i, j] * chain[j, k] * chain[k, i]
        back = chain[i, k] * chain[k, j] * chain[j, i]
        assert abs(np.log(there / back)) == pytest.approx(theory.cycle_imbalance(floor), abs=1e-12)


def test_min_rule_keeps_the_weights():
    weights = np.array([0.3, -2.0, 1.1])
    posterior = np.exp(weights) / np.exp(weights).sum()
    np.testing.assert_allclose(stationary(theory.chain_of(weights)), posterior, atol=1e-12)


def test_released_centres_by_hand():
    assert theory.released_centres(5, 0, 0) == 5
    assert theory.released_centres(5, 1, 2) == 8


def test_how_often_the_score_rises_by_moments_of_the_average():
    """The score depends on the halves through |sep + noise| alone: draw the noise."""
    noise = np.sqrt(2 / 50) * np.random.default_rng(0).standard_normal(200_000)
    for sep, step in ((0.0, 1.0), (0.0, 0.1), (0.1, 0.3)):
        share = np.mean(np.abs(sep + step + noise) > np.abs(sep + noise))
        found = theory.rising_probability(sep, step, 50)
        assert found == pytest.approx(share, abs=0.004)
