"""Instances for the tests of the semidefinite solvers."""

import numpy as np


def planted(seed, n=60, p=5, k=3, ratio=1.4):
    """Equidistant centres at `ratio` times the cutoff; points (n, p) and labels (n,)."""
    rng = np.random.default_rng(seed)
    log = np.log(n)
    separation = ratio * 4 * (1 + np.sqrt(1 + k * p / (n * log))) * log
    labels = np.repeat(np.arange(k), n // k)
    points = rng.standard_normal((n, p))
    points[np.arange(n), labels] += np.sqrt(separation / 2)
    return points, labels


def awkward():
    """Named degenerate problems: (name, points, k)."""
    rng = np.random.default_rng(3)
    return [
        ("one group", rng.standard_normal((5, 2)), 1),
        ("as many groups as points", rng.standard_normal((5, 2)), 5),
        ("one group fewer than points", rng.standard_normal((6, 2)), 5),
        ("duplicates", np.repeat(rng.standard_normal((4, 2)), 3, axis=0), 3),
        ("more groups than distinct points", np.repeat(rng.standard_normal((3, 2)), 3, axis=0), 4),
        ("all equal", np.full((6, 2), 7.3), 2),
        ("collinear", np.outer(np.arange(12.0), [1, 2]), 3),
        ("one-dimensional", rng.standard_normal((20, 1)), 3),
        ("two points", np.eye(2), 1),
        ("three points", rng.standard_normal((3, 2)), 2),
        ("far from the origin", rng.standard_normal((12, 2)) + 1e6, 2),
    ]
