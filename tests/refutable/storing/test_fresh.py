"""Fresh seeds have a ledger of their own, which all nights together never overdraw."""

from pathlib import Path

import coins
import pytest
from coins import COIN
from commands import refutable
from hypothesis import given
from hypothesis import strategies as st
from sealing import holds

from refutable import Effort
from refutable.deciding.ledger import own_levels
from refutable.deciding.trial import Trial
from refutable.errors import StoreError
from refutable.storing.fresh import Night, next_night, place_of
from refutable.storing.store import Store

COINS = Path(coins.__file__)


@given(st.integers(1, 5000))
def test_the_shares_of_all_nights_sum_to_at_most_one(nights):
    assert sum(Night(k, 0).share for k in range(1, nights + 1)) < 1


def test_nights_are_numbered_and_their_seeds_kept(tmp_path):
    nights = [next_night(tmp_path)[0] for _ in range(3)]
    assert [night.number for night in nights] == [1, 2, 3]
    assert len({night.seed for night in nights}) == 3
    assert holds(tmp_path / "ledger.json") == [n.seed for n in nights]


def test_a_broken_ledger_is_told(tmp_path):
    (tmp_path / "ledger.json").write_text("no")
    with pytest.raises(StoreError, match="ledger"):
        next_night(tmp_path)


def test_a_share_makes_every_check_stricter():
    whole, third = (Trial(COIN, Effort.SMOKE, 0, "", share) for share in (1.0, 1 / 3))
    assert third.own.checks[0].alpha == pytest.approx(whole.own.checks[0].alpha / 3)
    assert own_levels(COIN, Effort.SMOKE) == whole.own.checks[0].levels


def test_a_seed_of_its_own_has_the_store_and_each_other_one_a_part_of_it(tmp_path):
    assert place_of(tmp_path / "new", 7) == (tmp_path / "new", 1.0)
    folder = tmp_path / "s"
    Store(folder, seed=7, share=0.5)
    assert place_of(folder, 7) == (folder, 0.5)
    assert not (folder / "seeds.json").exists()
    for number, seed in ((1, 3), (2, 4), (1, 3), (3, 9), (2, 4)):
        place, share = place_of(folder, seed)
        assert place == folder / f"seed-{seed}"
        assert share == pytest.approx(0.5 / (number * (number + 1)))
    assert holds(folder / "seeds.json") == [3, 4, 9]


def test_a_broken_list_of_seeds_is_told(tmp_path):
    Store(tmp_path / "s", seed=7)
    (tmp_path / "s" / "seeds.json").write_text("[1, ")
    with pytest.raises(StoreError, match=r"seeds\.json cannot be read"):
        place_of(tmp_path / "s", 8)
    with Store(tmp_path / "s"):  # the lock was given back
        pass


def test_a_night_s_store_lies_beside_its_ledger(tmp_path):
    for number in (1, 2):
        night, place = next_night(tmp_path / "nights")
        assert place == tmp_path / "nights" / f"night-{number}"
        assert night.share == pytest.approx(1 / (number * (number + 1)))
        assert 0 <= night.seed < 2**63


def test_the_command_draws_a_fresh_seed_each_time(tmp_path):
    for number in (1, 2):
        arguments = ("run", COINS, "--store", tmp_path, "--fresh", "--workers", 1)
        _, out, err = refutable(*arguments)
        assert f"fresh run {number}" in err
        assert "coins.fair" in out
    seeds = [holds(tmp_path / f"night-{k}" / "store.json") for k in (1, 2)]
    assert seeds[0]["seed"] != seeds[1]["seed"]
    assert [round(s["share"], 6) for s in seeds] == [0.5, 0.166667]
    assert refutable("run", COINS, "--fresh", "--seed", 1)[0] == 2
