"""Mathematics inside of sentences: what is found, what is kept as a name, what Unicode says."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refutable import Cells, FalseTheory, Probability
from refutable.claims import mathematics
from refutable.claims.controls import BrokenWorld


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("n^(-1/2)", "n⁻¹ᐟ²"),
        ("O_P(sqrt(log n \\/ n))", "O_P(√(log n / n))"),
        ("sigma^2/(1 - r^2)", "σ²/(1 − r²)"),
        ("X_i^top X_i", "Xᵢᵀ Xᵢ"),
        ("k >= 2", "k ≥ 2"),
        ("x_0", "x₀"),
        ("k < 2 k^*", "k < 2 k∗"),
        ("norm(x)_2 <= abs(y)", "‖x‖₂ ≤ |y|"),
        ("hat(theta)_n", "θ\u0302ₙ"),
        ("n^(-s^2)", "n^(−s²)"),
        ('frac(a + b, 2) -> "half"', "(a + b)/2 → half"),
        ("sqrt(2) dot 10^9", "√2 · 10⁹"),
    ],
)
def test_unicode_says_what_typst_sets(source, said):
    assert mathematics.unicode(source) == said


def test_prices_are_no_mathematics():
    for text in ("from $5 to $6", "a $ and a $", "$5", "cost $ 3$ each", "$$"):
        assert mathematics.plain(text) == text
        assert mathematics.sources(text) == []


def test_a_sentence_keeps_its_words():
    text = "Falls like $n^(-1/2)$, or $sqrt(n)$."
    assert mathematics.sources(text) == ["n^(-1/2)", "sqrt(n)"]
    assert mathematics.plain(text) == "Falls like n⁻¹ᐟ², or √n."
    assert mathematics.bare(text) == "Falls like n^(-1/2), or sqrt(n)."


@given(st.text())
def test_any_text_comes_through(text):
    assert mathematics.bare(text).count("$") <= text.count("$")
    mathematics.plain(text)
    if "$" not in text:
        assert mathematics.plain(text) == mathematics.bare(text) == text


@given(st.text(alphabet='abn^_()/-+ \\"$sqrt12', max_size=30))
def test_any_formula_is_read_to_its_end(source):
    assert isinstance(mathematics.unicode(source), str)


def test_a_control_keeps_its_name_as_a_key():
    theory = FalseTheory("the rate $n^(-1/3)$", Probability("x").at_least(0.5))
    world = BrokenWorld("noise of $s^2$", cells=Cells(n=(1,)))
    assert (theory.name, theory.words) == ("the rate n^(-1/3)", "the rate $n^(-1/3)$")
    assert (world.name, world.words) == ("noise of s^2", "noise of $s^2$")
    again = dataclasses.replace(world, cells=Cells(n=(2,)))
    assert (again.name, again.words) == ("noise of s^2", "noise of $s^2$")
