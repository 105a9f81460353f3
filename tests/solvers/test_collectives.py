"""All-to-all schedules: the same data, fewer messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.solvers.collectives import (
    coordinated,
    copies_between,
    direct,
    hierarchical,
    round_trip,
)

GRIDS = st.integers(1, 24).flatmap(
    lambda p: st.tuples(st.just(p), st.sampled_from([d for d in range(1, p + 1) if p % d == 0]))
)


def payload_of(ranks, width=2, seed=0):
    return np.random.default_rng(seed).integers(0, 1 << 40, (ranks, ranks, width))


def tag(blocks):
    """Expert e marks what it saw: row e of the blocks gets times (e + 2) plus e."""
    ids = np.arange(len(blocks))[:, None, None]
    return blocks * (ids + 2) + ids


def test_direct_is_the_transpose():
    payload = payload_of(7)
    exchange = direct(payload)
    assert np.array_equal(exchange.delivered, payload.transpose(1, 0, 2))
    assert (exchange.messages == 6).all()
    assert (exchange.volume == 6).all()


@given(GRIDS)
def test_hierarchical_delivers_the_same_with_counted_messages(grid):
    ranks, group = grid
    exchange = hierarchical(payload_of(ranks), group)
    nodes = ranks // group
    assert np.array_equal(exchange.delivered, direct(payload_of(ranks)).delivered)
    assert (exchange.messages.sum(axis=0) == group - 1 + nodes - 1).all()
    assert (exchange.volume.sum(axis=0) == (group - 1) * nodes + (nodes - 1) * group).all()


@given(GRIDS)
def test_coordinated_equals_the_round_trip_when_copies_agree(grid):
    ranks, slicing = grid
    groups = ranks // slicing
    own = np.random.default_rng(1).integers(0, 1 << 30, (groups, ranks, 3))
    tokens = np.repeat(own, slicing, axis=0)
    exchange = coordinated(tokens, slicing, tag)
    assert np.array_equal(exchange.delivered, round_trip(tokens, tag).delivered)
    assert exchange.messages.tolist() == [
        [groups - 1] * ranks,
        [groups - 1] * ranks,
        [slicing - 1] * ranks,
    ]


def test_round_trip_shows_every_expert_its_own_tokens():
    tokens = payload_of(5)
    expected = tokens * (np.arange(5) + 2)[None, :, None] + np.arange(5)[None, :, None]
    assert np.array_equal(round_trip(tokens, tag).delivered, expected)


def test_coordinated_needs_replicated_tokens():
    tokens = payload_of(8)
    same = coordinated(tokens, 4, tag).delivered == round_trip(tokens, tag).delivered
    assert not same.all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"^payload\b"):
        direct(np.zeros((2, 3, 1)))
    with pytest.raises(ValueError, match=r"^payload\b"):
        direct(np.full((2, 2, 1), np.nan))
    with pytest.raises(ValueError, match=r"^group\b"):
        hierarchical(payload_of(6), 4)
    with pytest.raises(ValueError, match=r"^slicing\b"):
        coordinated(payload_of(6), 5, tag)
    with pytest.raises(ValueError, match=r"^transform\b"):
        round_trip(payload_of(3), lambda blocks: blocks[:1])


@pytest.mark.parametrize("shape", [(6,), (3, 6), (2, 3, 6)])
def test_copies_are_counted_one_by_one(shape):
    rng = np.random.default_rng(len(shape))
    homes, targets = rng.integers(0, 4, shape), rng.integers(0, 4, (*shape, 2))
    counted = np.zeros((*shape[:-1], 4, 4), dtype=int)
    for at in np.ndindex(shape):
        for target in targets[at]:
            counted[(*at[:-1], homes[at], target)] += 1
    assert np.array_equal(copies_between(homes, targets, 4), counted)


def test_copies_name_the_argument_of_the_wrong_shape():
    with pytest.raises(ValueError, match=r"^targets has shape \(5, 2\): give shape"):
        copies_between(np.zeros(4, dtype=int), np.zeros((5, 2), dtype=int), 2)
