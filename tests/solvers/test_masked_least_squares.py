"""The grouped normal equations against descent, a masked regression, and plain least squares."""

from __future__ import annotations

import numpy as np
import pytest
from refutable.solvers.masked_least_squares import (
    consistent_fixed_point,
    masked_fixed_point,
    ordinary_least_squares,
    random_group_descent,
)
from refutable.solvers.subsets import random_partitions


def problem(seed: int, r: int = 6, o: int = 3, n: int = 200) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, r)) @ (np.eye(r) + 0.4)
    y = z @ rng.normal(size=(r, o)) + 0.1 * rng.normal(size=(n, o))
    return z, y, z.T @ z / n, y.T @ z / n


def test_descent_settles_at_the_fixed_point() -> None:
    _, _, sigma, cross = problem(0)
    rng = np.random.default_rng(1)
    groups = random_partitions(rng, 1, 18, 3).reshape(3, 6)
    step = 1.0 / np.linalg.eigvalsh(sigma)[-1]
    settled = random_group_descent(rng, sigma, cross, groups, 3, step, 4000)
    np.testing.assert_allclose(settled, masked_fixed_point(sigma, cross, groups), atol=1e-9)


def test_fixed_point_is_a_regression_per_group() -> None:
    z, y, sigma, cross = problem(2)
    groups = random_partitions(np.random.default_rng(3), 1, 18, 2).reshape(3, 6)
    ours = masked_fixed_point(sigma, cross, groups)
    for row in range(3):
        for group in range(2):
            mask = groups[row] == group
            if mask.any():
                alone = np.linalg.lstsq(z[:, mask], y[:, row], rcond=None)[0]
                np.testing.assert_allclose(ours[row, mask], alone, atol=1e-10)


def test_one_group_is_least_squares() -> None:
    z, y, sigma, cross = problem(4)
    plain = np.linalg.lstsq(z, y, rcond=None)[0].T
    np.testing.assert_allclose(ordinary_least_squares(sigma, cross), plain, atol=1e-10)
    one = masked_fixed_point(sigma, cross, np.zeros((3, 6), int))
    np.testing.assert_allclose(one, plain, atol=1e-10)


def test_batches_are_independent() -> None:
    many = [problem(seed)[2:] for seed in (5, 6)]
    sigma, cross = (np.stack(part) for part in zip(*many, strict=True))
    groups = random_partitions(np.random.default_rng(7), 2, 18, 3).reshape(2, 3, 6)
    both = masked_fixed_point(sigma, cross, groups)
    for i in range(2):
        np.testing.assert_allclose(both[i], masked_fixed_point(sigma[i], cross[i], groups[i]))


def test_consistency_by_descent_over_all_pairs_of_groups() -> None:
    _, _, sigma, cross = problem(8)
    parts, weight = 3, 0.7
    groups = random_partitions(np.random.default_rng(9), 1, 18, parts).reshape(3, 6)
    masks = groups == np.arange(parts)[:, None, None]
    w = np.zeros_like(cross)
    for _ in range(6000):
        move = np.zeros_like(w)
        for a in masks:
            for b in masks:
                data = (a * ((a * w) @ sigma - cross) + b * ((b * w) @ sigma - cross)) / 2
                apart = a.astype(float) - b
                move += data + weight / 2 * apart * ((apart * w) @ sigma)
        w -= 0.1 * move / parts**2
    np.testing.assert_allclose(
        consistent_fixed_point(sigma, cross, groups, parts, weight), w, atol=1e-8
    )


def test_no_consistency_is_the_plain_fixed_point() -> None:
    _, _, sigma, cross = problem(10)
    groups = random_partitions(np.random.default_rng(11), 1, 18, 3).reshape(3, 6)
    plain = masked_fixed_point(sigma, cross, groups)
    np.testing.assert_allclose(consistent_fixed_point(sigma, cross, groups, 3, 0.0), plain)
    with pytest.raises(ValueError, match="consistency"):
        consistent_fixed_point(sigma, cross, groups, 3, -1.0)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="covariance"):
        masked_fixed_point(np.ones((2, 3)), np.ones((1, 3)), np.zeros((1, 3), int))
    with pytest.raises(ValueError, match="groups"):
        masked_fixed_point(np.eye(3), np.ones((1, 3)), np.zeros((2, 3), int))
    with pytest.raises(ValueError, match="step"):
        random_group_descent(
            np.random.default_rng(0), np.eye(2), np.ones((1, 2)), np.zeros((1, 2), int), 2, -1.0
        )
