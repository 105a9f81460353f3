"""Sizes of TinyLlama, savings, and the algebra of the pseudo-label."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from refutable.theory.experts import factor_llm as theory

from refutable.claims.symbolic import vanishes

MODEL = theory.TINY_LLAMA


def test_weights_per_token():
    assert (MODEL.ffn, MODEL.attention, MODEL.head) == (761_266_176, 207_618_048, 65_536_000)
    # TinyLlama 1.1B: the above, an embedding as large as the head, and 45 norms.
    assert MODEL.per_token + MODEL.head + 45 * MODEL.width == 1_100_048_384
    assert MODEL.ffn / MODEL.per_token == pytest.approx(0.736, abs=5e-4)


@pytest.mark.parametrize(("k", "percent"), [(1, 55.2), (2, 36.8), (3, 18.4)])
def test_savings(k, percent):
    assert theory.ffn_saving(4, k) == Fraction(4 - k, 4)
    assert 100 * float(theory.total_saving(MODEL, 4, k)) == pytest.approx(percent, abs=0.05)
    kept = 1 - theory.total_saving(MODEL, 4, k)
    assert theory.ideal_speedup(MODEL, 4, k) * kept == 1


@pytest.mark.parametrize(("n", "k"), [(2, 1), (3, 1), (4, 2)])
def test_label_expansion(n, k):
    gap = theory.label_score(n, sympy.Rational(k, n)) - theory.label_expansion(n, k)
    names = sorted(str(symbol) for symbol in gap.free_symbols)
    assert vanishes(gap, **{name: (i + 1,) for i, name in enumerate(names)}) == "proved"


def test_label_expansion_in_numbers():
    rng = np.random.default_rng(0)
    experts = rng.normal(size=(6, 4))
    n, k = 6, 2
    c, total = k / n, experts.sum(axis=0)
    scores = ((experts - c * total) ** 2).sum(axis=1)
    norms = (experts**2).sum(axis=1)
    cross = experts @ total - norms
    coefficient = theory.label_norm_coefficient(n, k)
    np.testing.assert_allclose(scores, c**2 * total @ total + coefficient * norms - 2 * c * cross)


def test_half_of_orthogonal_experts_is_as_bad_as_zero():
    assert theory.orthogonal_random_error(8, 4) == 1
    assert theory.label_norm_coefficient(8, 4) == 0
