"""Evidence must be new: no block repeats another, and none has a level of its own."""

import itertools

import numpy as np
import pytest
from coins import coin
from trials import decide

from refutable import BrokenWorld, Cell, Cells, FalseTheory, Mean, Probability
from refutable.deciding.evidence import Levels, Watch, _log_mean, _mean_cosine

CELL = Cell({})
LEVEL = 2e-6


def blocks_until(draw, blocks=40, level=LEVEL):
    """Return the number of blocks after which something is said, and what; None if nothing is."""
    watch = Watch({"x"}, level)
    for block in range(blocks):
        if doubt := watch.take(CELL, f"block {block}", {"x": draw()}):
            return block + 1, doubt
    return None, ""


def centred_rank_sums(n, m):
    subsets = itertools.combinations(range(n + m), m)
    return np.array([sum(s) - m * (m - 1) / 2 - n * m / 2 for s in subsets])


@pytest.mark.parametrize(("n", "m"), [(2, 2), (4, 3), (9, 4)])
def test_the_means_that_are_divided_by_are_those_of_all_orders(n, m):
    sums = centred_rank_sums(n, m)
    for tilt in (0.1, 0.7):
        wanted = np.log(np.cosh(tilt * sums).mean())
        assert _log_mean(np.array([tilt]), n, m)[0] == pytest.approx(wanted, rel=1e-12)
        assert _mean_cosine(tilt, n, m) == pytest.approx(np.cos(tilt * sums).mean(), abs=1e-12)


def test_a_bet_on_levels_has_mean_one_over_all_orders():
    """Enumerate every order of three blocks of two: the e-values average to exactly one."""
    apart, even = [], []
    for order in itertools.permutations(range(6)):
        levels = Levels()
        for block in np.array(order, dtype=float).reshape(3, 2):
            levels.add(CELL, block)
        apart.append(np.exp(levels.apart))
        even.append(np.exp(levels.even))
    assert np.mean(apart) == pytest.approx(1, rel=1e-12)
    assert np.mean(even) == pytest.approx(1, rel=1e-12)


def heteroscedastic(rng, size):
    return rng.normal(size=size) * np.exp(2 * rng.normal(size=size))


LAWS = {
    "normal": lambda rng, size: rng.normal(size=size),
    "rare events": lambda rng, size: rng.random(size) < 0.02,
    "lattice": lambda rng, size: rng.binomial(3, 0.3, size) / 3,
    "heavy tails": lambda rng, size: rng.standard_cauchy(size),
    "rare jumps": lambda rng, size: 0.01 * rng.normal(size=size) + 1e3 * (rng.random(size) < 1e-2),
    "heteroscedastic": heteroscedastic,
    "zero-inflated": lambda rng, size: np.where(rng.random(size) < 0.5, 0.0, rng.random(size)),
    "constant": lambda rng, size: np.full(size, 0.3),
    "a ladder": lambda rng, size: np.exp(rng.normal(size=(size, 3))),
}


@pytest.mark.parametrize("size", [2, 16])
@pytest.mark.parametrize("law", LAWS)
def test_independent_replicates_are_rarely_suspected_whatever_their_law(law, size):
    """At a level of 10 % the theorem allows 10 false alarms of 100, and 3 deviations of chance."""
    rng = np.random.default_rng(5)
    alarms = [blocks_until(lambda: LAWS[law](rng, size), 8, 0.1)[0] for _ in range(100)]
    assert sum(alarm is not None for alarm in alarms) <= 10 + 3 * np.sqrt(100 * 0.1 * 0.9)


@pytest.mark.parametrize("size", [4, 8, 64, 500])
def test_a_block_that_repeats_is_told(size):
    rng = np.random.default_rng(2)
    same = rng.normal(size=size)
    count, doubt = blocks_until(lambda: same)
    assert count <= {4: 8, 8: 4}.get(size, 2)
    assert "repeats block 0 bit for bit in 'x'" in doubt
    assert "`rng` that is handed over" in doubt


def test_blocks_of_yes_and_no_repeat_by_chance_but_long_ones_do_not():
    rng = np.random.default_rng(2)
    assert blocks_until(lambda: rng.random(4) < 0.5, 400)[0] is None
    same = rng.random(500) < 0.95
    assert blocks_until(lambda: same)[0] == 2


def test_rows_that_blocks_share_in_another_order_are_told():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=64)
    count, doubt = blocks_until(lambda: rng.permutation(rows))
    assert count == 2
    assert "shares 64 rows of 'x' with block 0" in doubt


@pytest.mark.parametrize(("effect", "most"), [(0.5, 20), (1.0, 10), (3.0, 6)])
def test_one_data_set_per_block_is_told(effect, most):
    rng = np.random.default_rng(4)
    for _ in range(20):
        count, doubt = blocks_until(lambda: effect * rng.normal() + rng.normal(size=64))
        assert count is not None
        assert count <= most
        assert "once per replicate, not once per block" in doubt


def test_antithetic_halves_of_a_block_are_told():
    rng = np.random.default_rng(4)

    def balanced():
        half = rng.normal(size=32)
        return np.concatenate([half, -half])

    assert "more alike" in blocks_until(balanced)[1]


def test_levels_of_many_small_cells_add_up():
    rng = np.random.default_rng(6)
    watch, said = Watch({"x"}, LEVEL), []
    for cell in Cells(n=tuple(range(30))):
        for block in range(2):
            said.append(watch.take(cell, str(block), {"x": rng.normal() + rng.normal(size=8)}))
    assert any(said)


def own_seed(cell, rng, size):
    return {"x": np.random.default_rng(0).normal(size=size)}


M = float(np.random.default_rng(0).normal(size=100).mean())  # a sampling error, not the mean
RESEEDED = coin(
    cells=Cells(),
    simulate=own_seed,
    expect=(Mean("x").near(0, 0.01),),
    controls=(FalseTheory("f", Mean("x").near(0.5, 0.01)),),
    block=100,
    cap=10_000,
)


def test_a_claim_on_blocks_that_repeat_is_suspect_and_says_which():
    result = decide(RESEEDED)
    assert result.verdict == "suspect"
    assert "repeats block 0 bit for bit in 'x'" in result.reason
    assert result.failures == ()
    assert not result.as_expected


def test_a_control_that_repeats_makes_the_claim_suspect():
    broken = BrokenWorld(
        "reseeded", simulate=own_seed, expect=(Mean("x").near(M, 0.01),), cells=Cells()
    )
    claim = coin(controls=(FalseTheory("f", Probability("heads").at_least(0.9)), broken))
    result = decide(claim)
    assert result.verdict == "suspect"
