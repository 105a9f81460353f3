"""The experiments on Gaussian attention against loops, other optimisers and sums by hand."""

import math

import numpy as np
import pytest
from refutable.simulations.bayes.gaam import (
    _block,
    _fits,
    any_distribution,
    collapsed_product,
    normaliser,
    parameter_count,
    printed_scales,
    several_heads,
)
from refutable.theory.bayes import gaam as theory
from scipy import optimize, stats

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def released(x, offsets, scales, floor=1e-8):
    """The released block, a line of it to a line."""
    mean, var = x.mean(), x.var(ddof=1) + 1e-8
    mixture = 1.0
    for offset, c in zip(offsets, scales, strict=True):
        y = (x - (mean + offset)) / math.sqrt(var)
        mixture = mixture * np.exp(-(y**2) / (2.0 * c**2)) / math.sqrt(2 * math.pi * c**2)
    return mixture / max(mixture.sum(), floor)


def test_a_head_is_the_released_one():
    x, offsets, scales = rng().standard_normal(9), [0.5, -0.2], [0.8, 1.5]
    wanted = released(x, offsets, scales)
    assert _block.head(x, offsets, scales) == pytest.approx(wanted, rel=1e-12)
    high = _block.head(x, offsets, scales, floor=10.0)
    assert high == pytest.approx(released(x, offsets, scales, 10.0), rel=1e-12)


def test_a_share_of_the_sum_is_mixed_in():
    x, offsets, scales = rng(1).standard_normal(9), [0.5, -0.2], [0.8, 1.5]
    y = (x - x.mean() - np.array(offsets)[:, None]) / x.std(ddof=1)
    each = stats.norm.pdf(y, scale=np.array(scales)[:, None])
    raw = 0.75 * each.prod(axis=0) + 0.25 * each.sum(axis=0)
    found = _block.head(x, offsets, scales, added=0.25, addition=0.0)
    assert found == pytest.approx(raw / raw.sum())


def test_gaps_show_a_mixture_and_another_variance():
    cell = Cell({"gaussians": 5})
    assert collapsed_product.gaps(cell, rng(2), 50)["apart"].max() < 1e-13
    assert collapsed_product.gaps(cell, rng(2), 50, added=1.0)["apart"].min() > 1e-3
    assert collapsed_product.gaps(cell, rng(2), 50, addition=0.0)["apart"].max() > 1e-10


def test_fresh_heads_fall_short_where_their_sum_is_below_the_floor():
    cell = Cell({"gaussians": 20})
    found = normaliser.sums(cell, rng(3), 40)["short"]
    again = rng(3)
    x, scales = again.standard_normal((40, 64)), None
    again.standard_normal((40, 20))
    scales = np.exp(again.standard_normal((40, 20)))
    wanted = [released(x[r], np.zeros(20), scales[r]).sum() < 0.999999 for r in range(40)]
    assert found.tolist() == wanted
    assert 0 < sum(wanted) < 40


def test_two_modes_are_where_they_are_said():
    law = _fits.two_modes(1.5, 0.2)
    assert law.sum() == pytest.approx(1)
    assert law[_fits.GRID < 0].sum() == pytest.approx(0.2, abs=1e-5)
    assert _fits.GRID[law.argmax()] == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize("scale", [0.0, 4.0])
def test_the_slope_of_a_fit_is_that_of_its_loss(scale):
    """Above the least divisor, and (wide Gaussians) below it."""
    y, target = rng(6).standard_normal(9), rng(7).dirichlet(np.ones(9))
    at = np.concatenate([0.3 * rng(8).standard_normal(5), scale + 0.2 * rng(9).standard_normal(5)])
    wide = np.exp(at[5:])
    raw = stats.norm.pdf(y, at[:5, None], wide[:, None]).prod(axis=0)
    loss, slope = _fits.cross_entropy(at, y, target)
    assert (raw.sum() < 1e-8) == (scale > 1)
    assert loss == pytest.approx(-target @ np.log(raw / max(raw.sum(), 1e-8)))
    wanted = optimize.approx_fprime(at, lambda p: _fits.cross_entropy(p, y, target)[0], 1e-7)
    assert slope == pytest.approx(wanted, abs=1e-5)


def test_a_fitted_head_is_as_near_as_a_direct_search_comes():
    """Differential evolution over offset and scale of one Gaussian, through the released lines."""
    target = _fits.two_modes(1.5)

    def loss(p):
        return stats.entropy(target, released(_fits.GRID, [p[0]], [math.exp(p[1])]))

    best = optimize.differential_evolution(loss, [(-2, 2), (-2, 2)], rng=rng(4), tol=1e-12)
    found = any_distribution.fitted(Cell({"apart": 1.5, "left": 0.5}))
    assert found["kl"] == pytest.approx(best.fun, abs=1e-9)
    assert found["kl"] == pytest.approx(0.854, abs=5e-4)
    assert found["variation"] == pytest.approx(0.561, abs=5e-4)


def test_fifteen_starts_come_no_nearer():
    target = _fits.two_modes(1.5)
    laws = [_block.head(_fits.GRID, *_fits.fit_head(_fits.GRID, target, n)) for n in (1, 15)]
    values = [theory.divergence(target, law) for law in laws]
    assert values[0] == pytest.approx(values[1], abs=1e-10)


def test_added_gaussians_are_the_two_modes():
    law = any_distribution._added(1.5)
    assert law == pytest.approx(_fits.two_modes(1.5), abs=1e-12)


def test_the_floor_is_kept_clear_of():
    """Inputs far from where the nearest Gaussian has its centre."""
    part = several_heads.parts_of(8, "sorted")[0]
    target = _fits.two_modes(1.5)[part]
    law = _block.head(_fits.GRID[part], *_fits.fit_head(_fits.GRID[part], target / target.sum(), 2))
    assert law.sum() == pytest.approx(1)
    assert stats.entropy(target, law) < 1e-9


def test_parts_hold_every_point_once():
    for order in ("sorted", "dealt"):
        parts = several_heads.parts_of(4, order)
        assert sorted(point for part in parts for point in part) == list(range(200))
    assert several_heads.parts_of(4, "sorted")[1][0] == 50
    assert several_heads.parts_of(4, "dealt")[1][:2] == [1, 5]


def test_two_heads_have_half_of_the_weight_each():
    target = _fits.two_modes(1.5, 0.2)
    parts = several_heads.parts_of(2, "sorted")
    law = several_heads.layer_weights(parts, target, free=False)
    assert [law[part].sum() for part in parts] == pytest.approx([0.5, 0.5])
    masses = [target[part].sum() for part in parts]
    cell = Cell({"heads": 2, "order": "sorted", "left": 0.2})
    assert several_heads.layered(cell)["kl"] == pytest.approx(
        stats.entropy(masses, [0.5, 0.5]), abs=1e-6
    )
    assert several_heads.layered(cell, free=True)["kl"] < 1e-6


def test_profiles_are_reached_and_moved_inputs_are_not():
    cell = Cell({"width": 16})
    found = printed_scales.profiles(cell, rng(5), 20)
    assert found["apart"].max() < 1e-14
    assert found["elsewhere"].min() > 0.1
    assert 1e-11 < printed_scales.profiles(cell, rng(5), 20, moved=1e-9)["apart"].max() < 1e-6
    like = printed_scales.profiles(cell, rng(5), 20, likeness=0.999)["elsewhere"]
    assert 0 < np.median(like) < 0.01


def test_counts_are_those_of_the_tables():
    cell = Cell({"mechanism": "main", "heads": 8, "width": 1024})
    assert parameter_count.counted(cell)["count"] == 16_384
    assert parameter_count.counted(cell, split=True)["count"] == 2048
    assert parameter_count.counted(cell, fixed=10)["count"] == 160
    small = Cell({"mechanism": "appendix", "heads": 8, "width": 1024})
    assert parameter_count.counted(small)["shown"] == 64
    assert parameter_count.counted(small, heavier=1)["count"] == 96
