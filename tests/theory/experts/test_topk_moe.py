"""Regions of the top-K gate by counting, and the constant of their rotation by simulation."""

import itertools

import numpy as np
import pytest
from refutable.theory.experts import topk_moe as theory


def test_selected_takes_the_largest_scores():
    rng = np.random.default_rng(0)
    b1, x = rng.normal(size=(5, 3)), rng.normal(size=(40, 3))
    chosen, score = theory.selected(b1, x, 2), x @ b1.T
    assert (chosen.sum(axis=1) == 2).all()
    low = np.where(chosen, score, np.inf).min(axis=1)
    high = np.where(chosen, -np.inf, score).max(axis=1)
    assert (low >= high).all()


def test_stable_radius_is_sharp_on_the_line():
    b1 = np.array([[-1.0], [0.2], [0.5], [2.0]])
    x = np.linspace(-1, 1, 1001)[:, None]
    x = x[x[:, 0] != 0]
    radius = theory.stable_radius(b1)
    push = np.array([[0.0], [1.0], [-1.0], [0.0]])
    base = theory.selected(b1, x, 2)
    assert radius == pytest.approx(0.15)
    assert (theory.selected(b1 + 0.999 * radius * push, x, 2) == base).all()
    assert (theory.selected(b1 + 1.001 * radius * push, x, 2) != base).any()
    with pytest.raises(ValueError, match="scalar slopes"):
        theory.stable_radius(np.zeros((3, 2)))


def swept_share(b, u, k):
    r"""Return lim P(top-K set changes)/eta for x uniform on the disc: no x is drawn.

    A border between two regions is a ray at which the k-th and the (k+1)-th score meet:
    :math:`(b_i-b_j)^\top x=0`. Moving b by eta u turns it by
    :math:`\eta\,|(u_i-u_j)^\top e|/\|b_i-b_j\|`, e the unit vector along the ray; each ray
    sweeps that share of the full angle.
    """
    total = 0.0
    for i, j in itertools.combinations(range(len(b)), 2):
        gap = b[i] - b[j]
        along = np.array([-gap[1], gap[0]]) / np.linalg.norm(gap)
        for ray in (along, -along):
            score = b @ ray
            if (score > score[i] + 1e-9).sum() == k - 1:
                total += abs((u[i] - u[j]) @ ray) / np.linalg.norm(gap)
    return total / (2 * np.pi)


def test_regions_in_the_plane_change_where_their_borders_turn():
    rng = np.random.default_rng(1)
    b1, direction = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
    x = rng.normal(size=(400_000, 2))  # isotropic: the same angles as the uniform law on the disc
    eta = 0.01
    before, after = (theory.selected(b, x, 2) for b in (b1, b1 + eta * direction))
    fraction = (before != after).any(axis=1).mean()
    assert fraction / eta == pytest.approx(swept_share(b1, direction, 2), rel=0.05)


def test_needed_experts_sums_the_largest_cells():
    assert theory.needed_experts([1, 2, 1], 2) == 3
    assert theory.needed_experts([1, 2], 1) == 2


def test_clones_keep_or_split_the_weight():
    halves = theory.clone(theory.BASE_TRUTH, 2, 0.0, -np.log(2))
    assert len(halves.b0) == 4
    assert np.exp(halves.b0[2:]).sum() == pytest.approx(np.exp(theory.BASE_TRUTH.b0[2]))
    shifted = theory.clone(theory.BASE_TRUTH, 0, 0.1, 0.0, clones=3)
    np.testing.assert_allclose(shifted.b1[:3], [-2.1, -2.0, -1.9])
