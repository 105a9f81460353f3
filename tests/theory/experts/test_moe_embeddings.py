"""The bound of the MNR loss: attained by the simplex, never undercut, above the naive one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.theory.experts import moe_embeddings as theory
from scipy.special import logsumexp


def loss(a, b, temperature):
    logits = a @ b.T / temperature
    return float((logsumexp(logits, axis=1) - np.diag(logits)).mean())


@pytest.mark.parametrize(("pairs", "value"), [(8, 1.173208), (16, 1.818451), (32, 2.488422)])
def test_values(pairs, value):
    assert theory.mnr_lower_bound(pairs) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("pairs", [2, 5, 16])
def test_simplex_attains_it(pairs, temperature):
    centred = np.eye(pairs) - 1 / pairs
    vertices = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    bound = theory.mnr_lower_bound(pairs, temperature)
    assert loss(vertices, vertices, temperature) == pytest.approx(bound, rel=1e-9)


@given(
    seed=st.integers(0, 10_000),
    pairs=st.integers(2, 10),
    width=st.integers(1, 10),
    temperature=st.floats(0.05, 5),
    pull=st.floats(0, 3),
)
def test_never_undercut(seed, pairs, width, temperature, pull):
    rng = np.random.default_rng(seed)
    a, noise = rng.normal(size=(2, pairs, width))
    b = pull * a + noise
    a, b = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (a, b))
    assert loss(a, b, temperature) >= theory.mnr_lower_bound(pairs, temperature) - 1e-12


def test_naive_bound_is_right_for_two_pairs_only():
    assert theory.naive_bound(2) == pytest.approx(theory.mnr_lower_bound(2))
    assert theory.naive_bound(8) == pytest.approx(0.6665, abs=1e-4)
    assert theory.naive_bound(8) < theory.mnr_lower_bound(8)


def test_random_loss_is_that_of_equal_logits():
    assert theory.random_loss(32) == pytest.approx(loss(np.zeros((32, 3)), np.zeros((32, 3)), 1.0))


def test_published_table_is_complete():
    assert len(theory.PUBLISHED_F1) == 35
    assert set(theory.PUBLISHED_ALL) == {model for model, _ in theory.PUBLISHED_F1}
    means = {
        model: np.mean(
            [float(theory.PUBLISHED_F1[theory.trained_on(model, d), d]) for d in theory.DOMAINS]
        )
        for model in ("moe", "own", "joint")
    }
    assert means["joint"] < means["moe"] < means["own"]
    assert means["moe"] == pytest.approx(0.850, abs=5e-4)
    assert means["own"] == pytest.approx(0.885, abs=5e-4)


def test_the_rows_over_all_domains_by_numpy():
    weights = [theory.PAIRS[d] for d in theory.DOMAINS]
    assert sum(weights) == 46_810
    for model, printed in theory.PUBLISHED_ALL.items():
        scores = [float(theory.PUBLISHED_F1[model, d]) for d in theory.DOMAINS]
        found = np.average(scores, weights=weights)
        assert float(theory.weighted_f1(model)) == pytest.approx(found, abs=1e-14)
        assert found == pytest.approx(float(printed), abs=5.1e-13)
    own = [float(theory.PUBLISHED_F1[d, d]) for d in theory.DOMAINS]
    assert np.average(own, weights=weights) == pytest.approx(0.901, abs=5e-4)
    assert np.mean(own) == pytest.approx(0.885, abs=5e-4)


def test_weights_that_fit_no_domains_are_refused():
    with pytest.raises(ValueError, match="model='own': give one of"):
        theory.weighted_f1("own")
    with pytest.raises(ValueError, match="give a weight, at least 0, to each"):
        theory.weighted_f1("moe", {"COPD": 1})
    with pytest.raises(ValueError, match="give a weight, at least 0, to each"):
        theory.weighted_f1("moe", dict.fromkeys(theory.DOMAINS, 0))
