"""Entropy of a binned normal, mutual information and its penalty, by independent routes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.selection import adapt_inf as theory
from scipy.integrate import quad
from scipy.stats import entropy, norm


def test_normal_entropy_by_quadrature():
    edges = np.linspace(-4, 4, 50)
    masses = [quad(norm.pdf, a, b)[0] for a, b in pairwise(edges)]
    assert theory.normal_histogram_entropy() == pytest.approx(entropy(masses, base=2))
    assert theory.normal_histogram_entropy() == pytest.approx(4.6625, abs=5e-5)


def test_fine_bins_approach_the_differential_entropy():
    width = 16 / 4000
    fine = theory.normal_histogram_entropy(4001, 8.0) + np.log2(width)
    assert fine == pytest.approx(norm.entropy() / np.log(2), abs=1e-4)


@given(seed=st.integers(0, 1000))
def test_mutual_information(seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.ones(12)).reshape(3, 4)
    direct = entropy(joint.sum(0)) + entropy(joint.sum(1)) - entropy(joint.ravel())
    assert theory.mutual_information(joint) == pytest.approx(direct, abs=1e-12)
    model = rng.dirichlet(np.ones(4), size=3)
    penalty = (joint.sum(1) * entropy(theory.conditional(joint), model, axis=1)).sum()
    assert theory.mismatch_penalty(joint, model) == pytest.approx(penalty, abs=1e-10)
    assert penalty >= 0
    assert theory.mean_log_grounding(joint, model) == pytest.approx(direct - penalty, abs=1e-10)


def test_independent_texts_and_images_have_none():
    joint = np.outer([0.2, 0.8], [0.5, 0.3, 0.2])
    assert theory.mutual_information(joint) == pytest.approx(0, abs=1e-15)
