"""The tilt, best-versus-worst pairs by enumeration, and the arithmetic of Table 1."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.selection import onerec as theory


@given(seed=st.integers(0, 100), rounds=st.integers(0, 4), beta=st.floats(0.2, 5))
def test_tilt_composes(seed, rounds, beta):
    rng = np.random.default_rng(seed)
    start, reward = np.log(rng.dirichlet(np.ones(5))), rng.normal(size=5)
    step = start
    for _ in range(rounds):
        step = theory.tilted(step, reward, beta, 1)
    np.testing.assert_allclose(step, theory.tilted(start, reward, beta, rounds), atol=1e-9)
    direct = np.exp(start + rounds * reward / beta)
    np.testing.assert_allclose(np.exp(step), direct / direct.sum())


@pytest.mark.parametrize("draws", [2, 3, 4])
def test_best_and_worst_by_enumeration(draws):
    policy = np.array([0.1, 0.2, 0.3, 0.4])
    direct = np.zeros((4, 4))
    for drawn in product(range(4), repeat=draws):
        direct[max(drawn), min(drawn)] += policy[list(drawn)].prod()
    np.fill_diagonal(direct, 0)
    np.testing.assert_allclose(theory.best_worst_weights(policy, draws), direct, atol=1e-12)


def test_two_draws_weigh_pairs_by_twice_the_product():
    policy = np.array([0.5, 0.3, 0.2])
    expected = np.tril(2 * np.outer(policy, policy), -1)
    np.testing.assert_allclose(theory.best_worst_weights(policy, 2), expected)


def test_dense_share():
    share = theory.dense_share(Fraction(13, 100))
    assert share + (1 - share) * Fraction(2, 24) == Fraction(13, 100)
    assert 100 * float(share) == pytest.approx(5.09, abs=5e-3)
    with pytest.raises(ValueError, match="activated"):
        theory.dense_share(Fraction(1, 100))


def test_gains():
    assert str(theory.points("max swt", "OneRec-1B+IPA", "OneRec-1B")) == "4.0400"
    assert str(theory.points("max ltr", "OneRec-1B+IPA", "OneRec-1B")) == "5.4300"
    relative = [
        float(theory.percent(metric, *rows))
        for rows in (("OneRec-1B+IPA", "OneRec-1B"), ("OneRec-1B", "TIGER-1B"))
        for metric in ("max swt", "max ltr")
    ]
    np.testing.assert_allclose(relative, [26.4, 82.3, 11.8, 14.0], atol=0.05)
