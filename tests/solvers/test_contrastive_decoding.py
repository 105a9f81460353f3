"""Contrasted logits against a loop over tokens, and against arithmetic on probabilities."""

import math

import numpy as np
import pytest
import scipy
from refutable.solvers.contrastive_decoding import contrasted_logits, plausible


def test_logits_are_those_of_a_loop():
    strong, weak = np.random.default_rng(0).normal(size=(2, 6, 30)) * 2
    ours = contrasted_logits(strong, weak, 0.7, 0.1)
    assert np.isneginf(ours).any()
    for row in range(6):
        best = max(strong[row])
        for token in range(30):
            s, w = strong[row, token], weak[row, token]
            kept = math.exp(s - best) >= 0.1
            expected = s + 0.7 * (s - w) if kept else -math.inf
            assert ours[row, token] == pytest.approx(expected)


def test_what_is_plausible_does_not_hang_on_the_constant():
    logits = np.random.default_rng(1).normal(size=(4, 3, 50))
    shares = scipy.special.softmax(logits, axis=-1)
    expected = shares >= 0.3 * shares.max(axis=-1, keepdims=True)
    np.testing.assert_array_equal(plausible(logits, 0.3), expected)
    np.testing.assert_array_equal(plausible(logits + 7, 0.3), expected)


def test_ends_of_alpha():
    logits = [0.0, 1.0, 1.0, -800.0]
    assert plausible(logits, 0).all()
    np.testing.assert_array_equal(plausible(logits, 1), [False, True, True, False])


def test_without_contrast_the_strong_logits_are_left():
    strong, weak = np.random.default_rng(2).normal(size=(2, 20))
    np.testing.assert_array_equal(contrasted_logits(strong, weak, 0, 0), strong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weak": [0.0]}, "weak"),
        ({"beta": -0.1}, "^beta"),
        ({"alpha": 1.5}, "^alpha"),
        ({"strong": [0.0, np.inf]}, "^strong"),
        ({"strong": 1.0, "weak": 1.0}, "^strong"),
    ],
)
def test_bad_input_is_refused(change, message):
    good = {"strong": [0.0, 1.0], "weak": [1.0, 0.0], "beta": 0.5, "alpha": 0.1}
    with pytest.raises(ValueError, match=message):
        contrasted_logits(**(good | change))
