"""The games behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.adaptive_data_analysis import failure_rates
from refutable.simulations.learning.adaptive_data_analysis.majority_attack import (
    exact_answers,
    fresh_samples,
    noisy_answers,
)
from refutable.simulations.learning.adaptive_data_analysis.private_weights import finite_universe
from refutable.simulations.learning.adaptive_data_analysis.reusable_holdout import (
    half_the_features,
    reused_holdout,
    without_limit,
)
from refutable.theory.learning import adaptive_data_analysis as theory

from refutable import Cell


def test_attack_and_its_absence():
    cell, rng = Cell({"n": 100, "k": 101}), np.random.default_rng(0)
    biased = exact_answers(cell, rng, 2000)["final"].mean()
    blind = exact_answers(cell, rng, 2000, adaptive=False)["final"].mean()
    assert biased == pytest.approx(theory.final_mean_exact(100, 101), abs=0.01)
    assert blind == pytest.approx(0.5, abs=0.01)


def test_fresh_samples_have_no_bias():
    cell = Cell({"n": 200, "k": 21})
    final = fresh_samples(cell, np.random.default_rng(0), 4000)["final"]
    assert final.mean() == pytest.approx(0.5, abs=0.015)


def test_failures_come_when_predicted():
    found = failure_rates.first_failures(Cell({"s": 0.0}), np.random.default_rng(0), 40)["failure"]
    predicted = [theory.queries_until_failure(n, failure_rates.TAU) for n in failure_rates.SIZES]
    assert found.shape == (40, 3)
    np.testing.assert_allclose(found.mean(axis=0), predicted, rtol=0.15)


def test_tiny_noise_changes_nothing():
    rng = np.random.default_rng(0)
    tiny = failure_rates.first_failures(Cell({"s": 0.1}), rng, 24, noise=failure_rates.tiny_noise)[
        "failure"
    ]
    none = failure_rates.first_failures(Cell({"s": 0.0}), rng, 24)["failure"]
    np.testing.assert_allclose(tiny.mean(axis=0), none.mean(axis=0), rtol=0.25)


def test_private_weights_beat_exact_answers():
    cell = Cell({"universe": 512, "n": 500, "m": 1500})
    found = finite_universe(cell, np.random.default_rng(0), 8)
    assert (found["last"] < found["naive_last"] / 3).all()
    leaky = finite_universe(cell, np.random.default_rng(0), 4, threshold=0.0)
    assert (leaky["updates"] == 1501).all()
    assert leaky["last"].mean() > 2 * found["last"].mean()


def test_reusable_holdout_against_naive():
    cell = Cell({"n": 400, "d": 400, "k": 200, "informative": 0})
    found = reused_holdout(cell, np.random.default_rng(0), 16)
    assert found["naive"].mean() > 0.08
    assert abs(found["thresholdout"].mean()) < 0.06
    assert without_limit(cell, np.random.default_rng(0), 8)["thresholdout"].mean() > 0.2


def test_noise_on_the_answers_is_as_large_as_said():
    cell, rng = Cell({"n": 200, "k": 201, "s": 0.05}), np.random.default_rng(1)
    seen = exact_answers(cell, rng, 1500, noise=0.04)["final"].mean()
    wanted = theory.final_mean_exact(200, 201, 0.04)
    assert seen == pytest.approx(wanted, abs=0.004)
    assert noisy_answers(cell, rng, 1500, share=0.8)["final"].mean() == pytest.approx(
        wanted, abs=0.004
    )


def test_a_little_noise_protects_large_samples():
    cell = Cell({"s": 0.0})
    found = failure_rates.first_failures(
        cell, np.random.default_rng(2), 40, failure_rates.small_noise
    )["failure"]
    predicted = [
        theory.queries_until_failure(n, failure_rates.TAU, 0.03) for n in failure_rates.SIZES
    ]
    np.testing.assert_allclose(found.mean(axis=0), predicted, rtol=0.15)


def test_fewer_features_fool_the_holdout_less():
    cell = Cell({"n": 500, "d": 500, "k": 300, "informative": 0})
    seen = half_the_features(cell, np.random.default_rng(3), 24)["naive_reported"].mean()
    assert seen == pytest.approx(theory.naive_holdout_accuracy(500, 250, 300), abs=0.015)
