"""Mean-field updates against loops over the samples, and what stopping does."""

from itertools import pairwise

import numpy as np
import pytest
from refutable.solvers.mean_field import mean_field, mean_field_path, mean_field_step
from scipy.special import log_softmax, softmax

RNG = np.random.default_rng(0)
PRIOR = log_softmax(2 * RNG.standard_normal((4, 6, 3)), axis=-1)
WEIGHTS = RNG.standard_normal((4, 6, 6)) / 3


def by_loops(prior, weights, z, strength):
    rows = range(len(z))
    pull = [sum(weights[i, j] * z[j] for j in rows) for i in rows]
    return np.array([softmax(prior[i] + strength * pull[i]) for i in rows])


@pytest.mark.parametrize("strength", [1.0, 2.0])
def test_a_step_is_the_update_of_every_sample_at_once(strength):
    z = softmax(RNG.standard_normal(PRIOR.shape), axis=-1)
    found = mean_field_step(PRIOR, WEIGHTS, z, strength)
    for b in range(4):
        assert found[b] == pytest.approx(by_loops(PRIOR[b], WEIGHTS[b], z[b], strength), abs=1e-14)


def test_a_path_is_made_of_steps_from_the_prior():
    path = mean_field_path(PRIOR, WEIGHTS, 5, 1.5)
    assert path[0] == pytest.approx(np.exp(PRIOR), abs=1e-14)
    for before, after in pairwise(path):
        assert after == pytest.approx(mean_field_step(PRIOR, WEIGHTS, before, 1.5), abs=1e-14)


def test_large_logits_do_not_overflow():
    assert mean_field_path(1000 * PRIOR, WEIGHTS, 2).max() == 1


def test_every_problem_of_a_batch_stops_by_itself():
    together = mean_field(PRIOR, WEIGHTS, 1000, 1e-9)
    assert len(set(together.steps)) > 1
    for b in range(4):
        alone = mean_field(PRIOR[b], WEIGHTS[b], 1000, 1e-9)
        path = mean_field_path(PRIOR[b], WEIGHTS[b], int(alone.steps))
        changes = np.abs(np.diff(path, axis=0)).max(axis=(1, 2))
        assert alone.steps == together.steps[b]
        assert (changes[:-1] > 1e-9).all()
        assert alone.change == pytest.approx(changes[-1])
        assert changes[-1] <= 1e-9
        assert (together.assignment[b] == alone.assignment).all()
        assert alone.assignment == pytest.approx(path[-1], abs=1e-14)


def test_a_cycle_uses_up_the_steps():
    swap = 3 * np.array([[0.0, 1.0], [1.0, 0.0]])
    found = mean_field(np.log([[0.8, 0.2], [0.2, 0.8]]), swap, 50)
    assert found.steps == 50
    assert found.change > 0.5


def test_strength_scales_the_affinity():
    once, twice = mean_field(PRIOR, 2 * WEIGHTS), mean_field(PRIOR, WEIGHTS, strength=2.0)
    assert (once.assignment == twice.assignment).all()
