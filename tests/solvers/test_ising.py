"""Sums over the Ising torus: by enumeration, by a formed transfer matrix, by differences."""

from itertools import product

import numpy as np
import pytest
from refutable.solvers.ising import ising_torus, rotation_classes

K, B = 0.2, 0.2


def enumerated(width, length, coupling, field, closed=True):
    """Log weights of all 2^(width length) configurations, from the edges of the graph."""
    spins = 1 - 2 * (np.arange(2 ** (width * length))[:, None] >> np.arange(width * length) & 1)
    total = field * spins.sum(axis=1)
    for row, place in product(range(length), range(width)):
        here = spins[:, row * width + place]
        total = total + coupling * here * spins[:, row * width + (place + 1) % width]
        if closed or row < length - 1:
            below = (row + 1) % length * width + place
            total = total + coupling * here * spins[:, below]
    return total


@pytest.mark.parametrize("size", [(3, 3), (4, 4), (3, 5), (5, 3)])
@pytest.mark.parametrize("boundary", ["periodic", "open"])
def test_every_moment_is_that_of_enumeration(size, boundary):
    for coupling, field in ((K, B), (-0.7, 0.3), (1.5, 0.0)):
        logs = enumerated(*size, coupling, field, boundary == "periodic")
        weights = np.exp(logs)
        law = weights / weights.sum()
        found = ising_torus(*size, coupling, field, boundary)
        mean = law @ logs
        assert found.spins == size[0] * size[1]
        assert found.log_partition == pytest.approx(np.log(weights.sum()), abs=1e-11)
        assert found.mean_log_weight == pytest.approx(mean, abs=1e-10)
        assert found.variance_log_weight == pytest.approx(law @ (logs - mean) ** 2, abs=1e-9)
        entropy = -law @ np.log(law)
        assert found.entropy == pytest.approx(entropy, abs=1e-9)
        assert found.bits_per_spin == pytest.approx(entropy / np.log(2) / found.spins, abs=1e-9)


def test_long_and_wide_tori_by_the_eigenvalues_of_the_formed_matrix():
    """Row energies halved between two rows, as textbooks have it, on 7 x 20 spins."""
    spins = np.array(list(product((-1, 1), repeat=7)))
    energy = K * (spins * np.roll(spins, 1, axis=1)).sum(axis=1) + B * spins.sum(axis=1)
    matrix = np.exp(energy[:, None] / 2 + K * spins @ spins.T + energy / 2)
    values = np.linalg.eigvalsh(matrix)
    expected = 20 * np.log(values[-1]) + np.log(((values / values[-1]) ** 20).sum())
    assert ising_torus(7, 20, K, B).log_partition == pytest.approx(expected, rel=1e-12)


def test_derivatives_are_those_of_the_logarithm_in_the_inverse_temperature():
    at = ising_torus(6, 8, K, B)
    low, high = (ising_torus(6, 8, t * K, t * B) for t in (1 - 1e-4, 1 + 1e-4))
    slope = (high.log_partition - low.log_partition) / 2e-4
    bend = (high.mean_log_weight / (1 + 1e-4) - low.mean_log_weight / (1 - 1e-4)) / 2e-4
    assert at.mean_log_weight == pytest.approx(slope, rel=1e-7)
    # The mean at t counts the weight's logarithm t times.
    assert at.variance_log_weight == pytest.approx(bend, rel=1e-6)


def test_width_and_length_may_be_exchanged():
    one, other = ising_torus(4, 9, K, B), ising_torus(9, 4, K, B)
    assert one.log_partition == pytest.approx(other.log_partition, rel=1e-13)
    assert one.variance_log_weight == pytest.approx(other.variance_log_weight, rel=1e-11)


def test_without_coupling_spins_are_independent():
    found = ising_torus(5, 7, 0.0, B)
    assert found.log_partition == pytest.approx(35 * np.log(2 * np.cosh(B)))
    assert found.mean_log_weight == pytest.approx(35 * B * np.tanh(B))
    assert found.variance_log_weight == pytest.approx(35 * B**2 / np.cosh(B) ** 2)


def test_great_weights_do_not_overflow():
    found = ising_torus(4, 400, 2.0, 1.0)
    assert found.log_partition == pytest.approx(1600 * 5.0, rel=1e-4)


@pytest.mark.parametrize("width", [1, 4, 6, 10])
def test_rotation_classes_are_necklaces(width):
    kinds, counts = rotation_classes(width)
    words = {tuple(w) for w in product((0, 1), repeat=width)}
    least = {min(w[j:] + w[:j] for j in range(width)) for w in words}
    assert len(kinds) == len(least)
    assert counts.sum() == 2**width
    assert (width != 10) or len(kinds) == 108
