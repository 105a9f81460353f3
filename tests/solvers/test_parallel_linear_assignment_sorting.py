"""The sort against a slow one with scipy's blur and the Hungarian method, on the same numbers."""

import itertools

import numpy as np
import pytest
from refutable.solvers import parallel_linear_assignment_sorting as plas
from refutable.solvers.parallel_linear_assignment_sorting import _groups
from refutable.solvers.parallel_linear_assignment_sorting.blur import blur
from scipy import ndimage
from scipy.optimize import linear_sum_assignment


def rng(seed=0):
    return np.random.default_rng(seed)


class Numbers:
    """Splitmix64 in whole numbers of Python."""

    def __init__(self, state):
        self.state = state

    def below(self, limit):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return ((z ^ (z >> 31)) >> 32) * limit >> 32


def slow_pass(values, target, order, places):
    """Put each group of four in the order that the Hungarian method finds."""
    before = after = 0.0
    for four in places.reshape(-1, 4):
        costs = ((values[four] - target[four][:, None]) ** 2).sum(axis=2)
        chosen = linear_sum_assignment(costs)[1]
        before += np.trace(costs)
        after += costs[range(4), chosen].sum()
        values[four], order[four] = values[four[chosen]], order[four[chosen]]
    return before, before - after


def slow_sort(grid, numbers, least_gain):
    n, _, channels = grid.shape
    values, order = grid.reshape(n * n, channels).astype(np.float32), np.arange(n * n)
    for radius in plas.radii(n):
        target = blur(values.reshape(1, n, n, channels), radius).reshape(n * n, channels)
        values, target = values.astype(np.float64), target.astype(np.float64)
        side = min(max(2 * radius + 2, 16), n) // 2 * 2
        group, tried, improved = list(range(side * side)), 0, True
        while improved or tried < 4:
            down, right = numbers.below(side), numbers.below(side)
            improved, going = False, True
            while going:
                for i in range(side * side - 1, 0, -1):
                    j = numbers.below(i + 1)
                    group[i], group[j] = group[j], group[i]
                y, x = np.divmod(np.array(group), side)
                corners = range(0, n // side * side, side)
                places = np.concatenate([
                    (top + y - down) % n * n + (left + x - right) % n
                    for top, left in itertools.product(corners, corners)
                ])  # fmt: skip
                before, gain = slow_pass(values, target, order, places)
                going = gain / before >= least_gain
                improved = improved or going
            tried += 1
        values = values.astype(np.float32)
    return order


def test_the_orders_are_all_of_four_things_the_identity_first():
    assert sorted(map(tuple, plas.ORDERS)) == list(itertools.permutations(range(4)))
    assert plas.ORDERS[0].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("n", [6, 18])
def test_a_sort_is_that_of_the_slow_one(n):
    grids = rng(1).random((2, n, n, 3))
    found = plas.sort_grids(grids, rng(2), 0.03)
    seeds = rng(2).integers(0, 2**64, 2, dtype=np.uint64)
    for grid, order, seed in zip(grids, found.order, seeds, strict=True):
        assert order.tolist() == slow_sort(grid, Numbers(int(seed)), 0.03).tolist()
    flat = grids.reshape(2, n * n, 3)
    for r in range(2):
        np.testing.assert_array_equal(found.grids[r].reshape(-1, 3), flat[r, found.order[r]])


@pytest.mark.parametrize(("n", "radius"), [(16, 7), (16, 1), (9, 4), (9, 0), (10, 3)])
def test_the_blur_is_a_convolution_round_in_x_and_mirrored_in_y(n, radius):
    grids = rng(3).random((2, n, n, 2))
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (2 * radius + 1)) ** 2)
    taps /= taps.sum()
    along = ndimage.correlate1d(grids, taps, axis=2, mode="wrap")
    wanted = ndimage.correlate1d(along, taps, axis=1, mode="mirror")
    assert plas.blurred(grids, radius) == pytest.approx(wanted, abs=1e-12)


def test_the_radii_fall_by_a_twentieth_to_one():
    found = plas.radii(32)
    assert len(found) == 1 + int(np.log(15) / -np.log(0.95))
    assert found == [int(15 * 0.95**k) for k in range(len(found))]
    assert plas.radii(4) == [1]


def test_four_things_are_assigned_as_the_hungarian_method_does():
    costs = rng(4).random((200, 4, 4))
    order, total = plas.assign_four(costs)
    for r in range(200):
        rows, wanted = linear_sum_assignment(costs[r])
        assert order[r].tolist() == wanted.tolist()
        assert total[r] == pytest.approx(costs[r][rows, wanted].sum(), rel=1e-14)
    few = plas.assign_four(costs, plas.ORDERS[:5])[1]
    each = [costs[:, range(4), order].sum(axis=1) for order in plas.ORDERS[:5]]
    assert few == pytest.approx(np.min(each, axis=0), rel=1e-14)


def test_equal_cells_stay_where_they_are():
    assert plas.assign_four(np.ones((1, 4, 4)))[0].tolist() == [[0, 1, 2, 3]]
    same = plas.sort_grids(np.ones((1, 16, 16, 1)), rng())
    assert same.order[0].tolist() == list(range(256))


def test_numbers_are_those_of_splitmix64():
    state, plain = np.array([0, 2**63], np.uint64), Numbers(2**63)
    first = [int(_groups.draw(state, 1, 1000)) for _ in range(50)]
    assert first == [plain.below(1000) for _ in range(50)]
    assert state[0] == 0
    assert Numbers(0).below(2**32) == 0xE220A8397B1DCDAF >> 32  # the published first number


def test_single_passes_shorten_the_distance_and_are_counted():
    grids = rng(5).random((3, 20, 20, 2))
    target = plas.blurred(grids, 5).astype(np.float32).astype(np.float64)
    start = grids = grids.astype(np.float32).astype(np.float64)
    generator = rng(6)
    for _ in range(3):
        found = plas.sort_towards(grids, target, 5, generator, 1.0, 1)
        assert found.visits.tolist() == [256] * 3
        before, after = (((g - target) ** 2).sum(axis=(1, 2, 3)) for g in (grids, found.grids))
        assert (after < before).all()
        grids = found.grids
    colours = np.sort(grids.reshape(3, -1, 2), axis=1)
    np.testing.assert_array_equal(colours, np.sort(start.reshape(3, -1, 2), axis=1))


def test_grids_of_a_batch_are_sorted_alone():
    grids = rng(7).random((4, 16, 16, 3))
    whole = plas.sort_grids(grids, rng(8))
    order = np.random.default_rng(8)
    order.integers(0, 2**64, 3, dtype=np.uint64)
    last = plas.sort_grids(grids[3:], order)
    assert last.order[0].tolist() == whole.order[3].tolist()
    assert last.visits[0] == whole.visits[3]


def test_spoiled_moves_need_single_passes():
    grids = rng(9).random((1, 16, 16, 1))
    inverse = plas.ORDERS.argsort(axis=1)
    with pytest.raises(ValueError, match="least_gain=0.5: give 1 where moves are not ORDERS"):
        plas.sort_towards(grids, grids, 2, rng(), 0.5, moves=inverse)
    with pytest.raises(ValueError, match="choices has shape"):
        plas.sort_grids(grids, rng(), choices=plas.ORDERS[::-1])
    with pytest.raises(ValueError, match="grids has shape"):
        plas.sort_grids(np.zeros((1, 8, 9, 1)), rng())
