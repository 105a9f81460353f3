"""The entropy code: round trips at the edges of its model, sizes against entropies, tables."""

import math
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from refutable.solvers.quantization import ternary_codes, ternary_range
from refutable.solvers.ternary_codec import CodecError, decode, encode
from refutable.solvers.ternary_codec._sealing import sealed
from refutable.solvers.ternary_codec.entropy_bytes import LAYOUT
from refutable.solvers.ternary_codec.grouping import grouped, groups_of_rows, ungrouped
from refutable.solvers.ternary_codec.model import Model, independent_law, unpacked_model
from refutable.solvers.ternary_codec.rans import (
    LOW,
    MOST_PER_WORD,
    decode_groups,
    encode_groups,
)


def bits(trits):
    """Bits of a trit in the code."""
    return 8 * len(encode(trits, method="entropy")) / trits.size


def entropy(*chances):
    return -sum(p * math.log2(p) for p in chances)


def independent(rng, shape, p0):
    signs = rng.integers(0, 2, shape) * 2 - 1
    return (signs * (rng.random(shape) >= p0)).astype(np.int8)


@pytest.mark.parametrize(
    "shape", [(0, 0), (0, 7), (7, 0), (1, 1), (1, 5), (3, 4), (50, 1), (2, 999)]
)
@pytest.mark.parametrize("fill", [-1, 0, 1])
def test_constant_and_empty_matrices_come_back(shape, fill):
    trits = np.full(shape, fill, dtype=np.int8)
    back = decode(encode(trits, method="entropy"))
    assert back.shape == shape
    assert np.array_equal(back, trits)


@pytest.mark.parametrize(
    "trits",
    [
        np.tile([[1, -1]], (400, 77)),
        np.repeat([[-1], [0], [1]], 500, axis=0) * np.ones((1, 31)),
        np.eye(300),
        np.concatenate(
            [np.zeros((1, 40_000)), np.ones((1, 40_000)), -np.ones((1, 40_000))], axis=1
        ),
        np.arange(243 * 5).reshape(243, 5) % 3 - 1,
    ],
    ids=["alternating", "rows of one kind", "diagonal", "blocks", "ramp"],
)
def test_matrices_far_from_the_model_come_back(trits):
    assert np.array_equal(decode(encode(trits, method="entropy")), trits)


@pytest.mark.parametrize("p0", [1 / 3, 0.885, 0.99])
def test_independent_trits_take_their_entropy(p0):
    trits = independent(np.random.default_rng(0), (512, 2048), p0)
    counts = np.unique(trits, return_counts=True)[1] / trits.size
    assert entropy(*counts) < bits(trits) < 1.002 * entropy(*counts) + 0.002


def test_trits_that_depend_on_the_one_before_take_the_entropy_of_the_chain():
    rng = np.random.default_rng(1)
    step = rng.choice([0, 1, 2], p=[0.9, 0.08, 0.02], size=(400, 2500))
    trits = np.cumsum(step, axis=1) % 3 - 1
    assert entropy(0.9, 0.08, 0.02) < bits(trits) < 1.02 * entropy(0.9, 0.08, 0.02)
    shuffled = rng.permuted(trits, axis=1)
    assert bits(shuffled) == pytest.approx(math.log2(3), rel=0.01)


def test_rows_that_differ_take_the_mean_of_their_entropies():
    rng = np.random.default_rng(2)
    kinds = np.tile([0.5, 0.8, 0.95, 0.99], 100)
    trits = independent(rng, (400, 2500), kinds[:, None])
    each = np.mean([entropy(p, (1 - p) / 2, (1 - p) / 2) for p in (0.5, 0.8, 0.95, 0.99)])
    assert each < bits(trits) < each + 0.01
    pooled = entropy(kinds.mean(), *[(1 - kinds.mean()) / 2] * 2)
    assert bits(trits) < 0.85 * pooled


def test_rounded_weights_take_less_than_their_pooled_entropy():
    weights = np.random.default_rng(3).standard_normal((256, 4096))
    trits = ternary_codes(weights, *ternary_range(weights))
    counts = np.unique(trits, return_counts=True)[1] / trits.size
    assert bits(trits) < entropy(*counts) - 0.0015


GROUPS = arrays(np.uint8, st.integers(0, 60), elements=st.integers(0, 242))


@settings(deadline=None)
@given(GROUPS, st.integers(1, 3), st.integers(0, 99))
def test_any_groups_come_back_under_any_tables(groups, contexts, seed):
    rng = np.random.default_rng(seed)
    shares = rng.integers(1, 2**15, (3, 2)).astype(np.uint16)
    counts = rng.choice([1, 2, 2**16 - 1], (contexts, 243)).astype(np.uint16)
    tables = Model(shares, np.zeros(1, np.uint8), counts).tables()
    classes = rng.integers(0, 2, len(groups)).astype(np.uint8)
    state, words = encode_groups(groups, classes, tables)
    assert LOW <= state < LOW << 16
    assert np.array_equal(decode_groups(state, words, classes, tables), groups)


@given(st.integers(1, 2**16 - 2), st.integers(1, 2**16 - 2), st.integers(0, 3), st.integers(0, 99))
def test_every_group_has_a_slot_and_all_slots_are_taken(minus, plus, contexts, seed):
    shares = np.array([[min(minus, 2**16 - 1 - plus), plus]] * 2, dtype=np.uint16)
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 2 ** rng.integers(1, 17), (contexts, 243)).astype(np.uint16)
    tables = Model(shares, np.zeros(1, np.uint8), counts).tables()
    assert tables.frequencies.min() >= 1
    assert (tables.starts[..., 0] == 0).all()
    assert (tables.starts[..., -1] == 2**16).all()


def test_frequencies_are_those_of_independent_trits_without_a_lift():
    shares = np.array([[6000, 9000], [3000, 12_000]], dtype=np.uint16)
    law = independent_law(shares)
    assert law.sum(axis=1) == pytest.approx(1)
    trits = ungrouped(np.arange(243, dtype=np.uint8), 5 * 243).reshape(243, 5)
    chance = {-1: 3000 / 2**16, 0: 1 - 15_000 / 2**16, 1: 12_000 / 2**16}
    assert law[1] == pytest.approx([math.prod(chance[t] for t in row) for row in trits.tolist()])
    model = Model(shares, np.zeros(1, np.uint8), np.zeros((0, 243), np.uint16))
    expected = 1 + law[1] * (2**16 - 243)
    assert np.abs(model.tables().frequencies[0, 0] - expected).max() <= 1


def test_a_lift_alone_gives_the_counted_frequencies():
    counts = np.random.default_rng(4).integers(1, 2**16, (1, 243)).astype(np.uint16)
    shares = np.array([[6000, 9000]] * 2, dtype=np.uint16)
    found = Model(shares, np.zeros(1, np.uint8), counts).tables().frequencies[0, 0]
    expected = 1 + counts[0] / counts.sum() * (2**16 - 243)
    assert np.abs(found - expected).max() <= 1


def test_no_group_is_cheaper_than_the_bound_on_a_word():
    assert MOST_PER_WORD > 16 / math.log2(2**16 / (2**16 - 242)) > MOST_PER_WORD - 5
    zeros = np.zeros((1000, 10_000), dtype=np.int8)
    assert len(encode(zeros, method="entropy")) > zeros.size / 5 / MOST_PER_WORD * 2


@given(st.integers(0, 9), st.integers(0, 23))
def test_groups_begin_in_the_row_of_their_first_trit(rows, columns):
    first = np.arange(0, rows * columns, 5) // max(columns, 1)
    assert groups_of_rows(rows, columns).tolist() == np.bincount(first, minlength=rows).tolist()


@given(arrays(np.int8, st.integers(0, 40), elements=st.integers(-1, 1)))
def test_groups_are_numbers_to_the_base_three(trits):
    groups = grouped(trits)
    padded = np.append(trits, np.zeros(-trits.size % 5, np.int8)).reshape(-1, 5)
    assert groups.tolist() == ((padded + 1) @ [81, 27, 9, 3, 1]).tolist()
    assert np.array_equal(ungrouped(groups, trits.size), trits)


def stored_model(trits):
    data = encode(trits, method="entropy")
    _, _, contexts, kinds, rows, _, told, _ = LAYOUT.unpack_from(data)
    return data[LAYOUT.size + 4 :][:told], (rows, kinds, contexts)


def test_models_are_as_rich_as_the_matrix_needs():
    rng = np.random.default_rng(5)
    plain = independent(rng, (200, 3000), 0.8)
    chain = np.cumsum(rng.random((200, 3000)) < 0.1, axis=1) % 3 - 1
    rows = independent(rng, (200, 3000), np.tile([0.5, 0.9], 100)[:, None])
    found = [stored_model(trits)[1][1:] for trits in (plain, chain, rows)]
    assert found[0] == (1, 0)
    assert found[1] == (1, 3)
    assert found[2][0] > 1
    assert found[2][1] == 0


def packed(shares, classes=(), counts=()):
    parts = (np.array(shares, "<u2"), np.array(classes, "u1"), np.array(counts, "<u2"))
    return zlib.compress(b"".join(part.tobytes() for part in parts))


GOOD = [[5, 6], [5, 6]]


@pytest.mark.parametrize(
    ("data", "kinds", "contexts", "message"),
    [
        (b"", 1, 0, "another size"),
        (b"junk", 1, 0, "inflated"),
        (packed(GOOD)[:-1], 1, 0, "another size"),
        (packed(GOOD) + b"\0", 1, 0, "another size"),
        (packed(GOOD, [0]), 1, 0, "another size"),
        (packed(GOOD, counts=[1] * 242), 1, 1, "another size"),
        (packed([[5, 6], [0, 6]]), 1, 0, "no room"),
        (packed([[5, 6], [2**15, 2**15]]), 1, 0, "no room"),
        (packed([*GOOD, [1, 1]], [0, 1, 2]), 2, 0, "unknown classes"),
        (packed(GOOD, counts=[0] + [1] * 242), 1, 1, "never occur"),
    ],
)
def test_bad_models_are_refused(data, kinds, contexts, message):
    with pytest.raises(ValueError, match=message):
        unpacked_model(data, 3, kinds, contexts)


def test_models_come_back():
    for trits in (np.eye(40), np.arange(4000).reshape(4, 1000) % 7 % 3 - 1):
        data, (rows, kinds, contexts) = stored_model(trits)
        model = unpacked_model(data, rows, kinds, contexts)
        assert model.packed() == data
        assert (model.kinds, len(model.counts), len(model.classes)) == (kinds, contexts, rows)


def test_words_that_do_not_end_where_they_began_are_refused():
    model = Model(np.array(GOOD, np.uint16), np.zeros(1, np.uint8), np.zeros((0, 243), np.uint16))
    tables, classes = model.tables(), np.zeros(40, np.uint8)
    groups = np.arange(40, dtype=np.uint8)
    state, words = encode_groups(groups, classes, tables)
    assert decode_groups(state, words, classes, tables) is not None
    assert decode_groups(state, words[:-1], classes, tables) is None
    assert decode_groups(state, np.append(words, words[:1]), classes, tables) is None
    assert decode_groups(state + (1 << 40), words, classes, tables) is None
    assert decode_groups(state, words, classes[:-1], tables) is None


@pytest.mark.parametrize(
    ("contexts", "kinds", "counts"), [(0, 0, []), (2, 1, [1] * 486), (0, 65, [])]
)
def test_models_of_no_known_kind_are_refused(contexts, kinds, counts):
    """They would be read beyond the ends of their tables."""
    model = packed([[5, 6]] * (1 + kinds), [0] * 3 * (kinds > 1), counts)
    fields = LAYOUT.pack(b"TRIT", 2, contexts, kinds, 3, 5, len(model), LOW)
    with pytest.raises(CodecError, match=f"inconsistent: {contexts} contexts, {kinds} classes"):
        decode(sealed(fields, model))
