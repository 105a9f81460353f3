"""The variable-to-fixed code: round trips, refusal of bad bytes, and the exact rate."""

import heapq
import itertools
import math
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from refutable.solvers.ternary_codec import (
    CodecError,
    build_dictionary,
    cut_ties,
    decode,
    dictionary_bytes,
    encode,
    entropy_bytes,
    expected_codewords,
    fresh_start_length,
    markov_rate,
    pair_law,
    parse,
    retied,
    tunstall_length,
    unparse,
    variance_of_codewords,
)

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=70)
TRITS = arrays(np.int8, SHAPES, elements=st.integers(-1, 1), fill=st.just(0))


def source(rng, shape, p0):
    signs = rng.integers(0, 2, shape) * 2 - 1
    return (signs * (rng.random(shape) >= p0)).astype(np.int8)


METHODS = pytest.mark.parametrize("method", ["dictionary", "entropy"])


@METHODS
@settings(deadline=None)
@given(trits=TRITS)
def test_any_matrix_comes_back(trits, method):
    back = decode(encode(trits, method=method))
    assert back.dtype == np.int8
    assert back.shape == trits.shape
    assert np.array_equal(back, trits)


@pytest.mark.parametrize("p0", [0.05, 0.33, 0.885, 0.99])
@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1), (3, 27), (2, 28), (2, 29)])
@pytest.mark.parametrize("fill", [-1, 0, 1])
def test_constant_and_empty_matrices_come_back(p0, shape, fill):
    trits = np.full(shape, fill, dtype=np.int8)
    assert np.array_equal(decode(encode(trits, p0)), trits)


def test_numbers_of_any_type_are_taken_if_they_are_trits():
    trits = np.array([[1.0, 0.0, -1.0]])
    assert decode(encode(trits)).tolist() == [[1, 0, -1]]
    assert (
        decode(encode(np.asfortranarray(np.eye(3, dtype=np.int64)))).tolist() == np.eye(3).tolist()
    )


SAMPLE = encode(source(np.random.default_rng(0), (9, 41), 0.8), 0.885)
MARKOV = np.cumsum(source(np.random.default_rng(1), (60, 83), 0.6), axis=1) % 3 - 1
SAMPLES = [SAMPLE, encode(decode(SAMPLE), method="entropy"), encode(MARKOV, method="entropy")]


@given(st.sampled_from(SAMPLES), st.data())
def test_truncated_bytes_are_refused(sample, data):
    with pytest.raises(CodecError, match="truncated|checksum"):
        decode(sample[: data.draw(st.integers(0, len(sample) - 1))])


@given(st.sampled_from(SAMPLES), st.data())
def test_changed_bytes_are_refused(sample, data):
    changed = bytearray(sample)
    changed[data.draw(st.integers(0, len(sample) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CodecError):
        decode(bytes(changed))


LAYOUTS = {1: dictionary_bytes.LAYOUT, 2: entropy_bytes.LAYOUT}


def resealed(data):
    """Give changed bytes a valid checksum: only consistency can betray them."""
    size = LAYOUTS[data[4]].size
    head, body = bytes(data[:size]), bytes(data[size + 4 :])
    return head + struct.pack("<I", zlib.crc32(body, zlib.crc32(head))) + body


@settings(deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_forged_checksums_never_crash(sample, data):
    forged = bytearray(sample)
    at = data.draw(st.integers(5, len(sample) - 1))
    forged[at] ^= data.draw(st.integers(1, 255))
    try:
        decode(resealed(forged))
    except CodecError:
        return


EDGES = [0, 1, 2, 3, 41, 255, 2**15, 2**32 - 1, 2**32, 2**48, 2**61, 2**63 - 1, 2**63, 2**64 - 1]


def forged_headers():
    """Every field of both headers set to every edge that it holds, checksums right."""
    for sample in SAMPLES:
        layout = LAYOUTS[sample[4]]
        for field in range(2, len(layout.unpack_from(sample))):
            for value in EDGES:
                fields = list(layout.unpack_from(sample))
                if value == fields[field]:
                    continue
                fields[field] = value
                try:
                    head = layout.pack(*fields)
                except struct.error:
                    continue
                yield resealed(head + sample[layout.size :])


def test_forged_headers_are_refused_before_memory_is_taken():
    forged = list(forged_headers())
    assert len(forged) > 90
    tracemalloc.start()
    try:
        for data in forged:
            with pytest.raises(CodecError, match="^data"):
                decode(data)
        assert tracemalloc.get_traced_memory()[1] < 40e6  # a dictionary takes 15 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("version", "shape"),
    [
        # a dictionary's rows have offsets, so that their number shows in the length
        (1, (0, 2**63)),
        (1, (0, 2**64 - 1)),
        (2, (0, 2**63)),
        (2, (2**64 - 1, 0)),
    ],
)
def test_shapes_that_no_array_has_are_refused(shape, version):
    layout = LAYOUTS[version]
    middle = {1: (16, 14, 0.885, *shape, 0), 2: (0, 1, *shape, 0, 1 << 32)}[version]
    offsets = b"\0\0\0\0" if version == 1 else b""
    with pytest.raises(CodecError, match="^data is inconsistent: no matrix has"):
        decode(resealed(layout.pack(b"TRIT", version, *middle) + b"\0\0\0\0" + offsets))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "truncated"),
        (SAMPLE + b"\0", "too long"),
        (b"JUNK" + SAMPLE[4:], "no compressed ternary matrix"),
        (SAMPLE[:4] + b"\x07" + SAMPLE[5:], "version 7"),
        (SAMPLE[:-1] + b"\xff", "checksum"),
    ],
)
def test_bad_bytes_say_what_is_wrong(data, message):
    with pytest.raises(CodecError, match=message):
        decode(data)


@pytest.mark.parametrize("data", [None, list(SAMPLE), "TRIT", 3, np.frombuffer(SAMPLE, np.uint8)])
def test_what_is_no_bytes_is_refused(data):
    with pytest.raises(CodecError, match=r"^data\b"):
        decode(data)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_every_kind_of_bytes_is_taken(kind):
    assert np.array_equal(decode(kind(SAMPLE)), decode(SAMPLE))


def test_views_with_scattered_items_are_taken():
    every_second = memoryview(b"".join(bytes([byte, 0]) for byte in SAMPLE))[::2]
    assert np.array_equal(decode(every_second), decode(SAMPLE))


def listed_dictionary(p0, size, most_pairs):
    """The released construction, with whole sequences in a Python heap."""
    trit = [p0] + [(1 - p0) / 2] * 2
    chances = [a * b for a in trit for b in trit]
    offers, found = [(-1.0, [])], []
    while len(found) < size and offers:
        chance, sequence = heapq.heappop(offers)
        if sequence:
            found.append(sequence)
        if len(sequence) < most_pairs:
            for symbol, factor in enumerate(chances):
                heapq.heappush(offers, (chance * factor, [*sequence, symbol]))
    return found


@pytest.mark.parametrize(
    ("p0", "size", "most"), [(0.885, 1 << 16, 14), (0.885, 4096, 14), (0.5, 700, 3), (0.6, 9, 1)]
)
def test_dictionary_is_that_of_the_plain_construction(p0, size, most):
    book = build_dictionary(p0, size, most)
    rank = {0: 0, -1: 1, 1: 2}
    sequences = [
        [rank[t[2 * j]] + 3 * rank[t[2 * j + 1]] for j in range(length)]
        for t, length in zip(book.trits[1:].tolist(), book.lengths[1:], strict=True)
    ]
    assert sequences == listed_dictionary(p0, size, most)


def slow_parse(row, book):
    """Longest match by looking sequences up in a set."""
    entries = {
        tuple(t[: 2 * n]): v
        for v, (t, n) in enumerate(zip(book.trits[1:].tolist(), book.lengths[1:], strict=True))
    }
    row, words = [*row, *[0] * (len(row) % 2)], []
    while row:
        length = next(n for n in range(len(row), 0, -2) if tuple(row[:n]) in entries)
        words.append(entries[tuple(row[:length])])
        row = row[length:]
    return words


@settings(deadline=None, max_examples=30)
@given(TRITS)
def test_parse_is_greedy(trits):
    book = build_dictionary(0.7, 300, 5)
    parsed = parse(trits, book)
    rows = np.split(parsed.words, parsed.offsets[1:-1]) if len(trits) else []
    assert [list(row) for row in rows] == [slow_parse(row, book) for row in trits.tolist()]
    assert np.array_equal(unparse(parsed, trits.shape[1], book), trits)


def enumerated_codewords(book, law, pairs, power=1):
    """Expected power of the codewords of a row by running over all rows."""
    symbols = np.stack(np.unravel_index(np.arange(9**pairs), (9,) * pairs), axis=1)
    trits = np.stack([symbols // 3 - 1, symbols % 3 - 1], axis=2).reshape(len(symbols), -1)
    return (
        np.prod(law[symbols], axis=1)
        @ parse(trits.astype(np.int8), book).per_row.astype(float) ** power
    )


@pytest.mark.parametrize(("p0", "q0"), [(0.885, 0.885), (0.5, 0.885), (0.7, 0.3)])
def test_expected_codewords_equal_enumeration(p0, q0):
    book, law = build_dictionary(p0, 60, 3), pair_law(q0)
    expected = expected_codewords(markov_rate(book, law), 6)
    assert expected[0] == 0
    for pairs in range(1, 7):
        assert expected[pairs] == pytest.approx(enumerated_codewords(book, law, pairs), rel=1e-10)


@pytest.mark.parametrize(("p0", "q0"), [(0.885, 0.885), (0.5, 0.885), (0.7, 0.3)])
def test_variance_of_codewords_equals_enumeration(p0, q0):
    book, law = build_dictionary(p0, 60, 3), pair_law(q0)
    variance = variance_of_codewords(markov_rate(book, law), 6)
    for pairs in range(1, 7):
        mean, square = (enumerated_codewords(book, law, pairs, power) for power in (1, 2))
        assert variance[pairs] == pytest.approx(square - mean**2, rel=1e-9, abs=1e-12)


def test_rate_of_endless_rows_is_the_slope_of_finite_ones():
    book, law = build_dictionary(0.8, 500, 6), pair_law(0.8)
    rate = markov_rate(book, law)
    expected = expected_codewords(rate, 400)
    assert 1 / (expected[400] - expected[399]) == pytest.approx(rate.mean_pairs, rel=1e-9)
    assert rate.joint.sum(axis=(1, 2)) == pytest.approx(np.ones(len(rate.states)))
    assert rate.stationary.sum() == pytest.approx(1)
    assert fresh_start_length(book, law) > rate.mean_pairs


def test_released_code_on_its_own_source():
    rate = markov_rate(build_dictionary(), pair_law(0.885))
    assert len(rate.states) == 3
    assert rate.mean_pairs == pytest.approx(10.8829, abs=5e-5)
    rows = source(np.random.default_rng(1), (4000, 128), 0.885)
    counts = parse(rows, build_dictionary()).per_row
    expected = expected_codewords(rate, 64)[64]
    assert abs(counts.mean() - expected) < 4.5 * counts.std() / math.sqrt(len(counts))


def sequences(book):
    """The entries as tuples of trits."""
    return [tuple(t[: 2 * n]) for t, n in zip(book.trits.tolist(), book.lengths, strict=True)][1:]


def chance(entry, p0):
    """Probability of an entry, from its trits."""
    nonzero = np.count_nonzero(entry)
    return p0 ** (len(entry) - nonzero) * ((1 - p0) / 2) ** nonzero


@pytest.mark.parametrize(("p0", "size", "most"), [(0.885, 3000, 6), (0.5, 300, 4), (1 / 3, 50, 3)])
def test_ties_are_the_sequences_as_probable_as_the_last_entry(p0, size, most):
    book = build_dictionary(p0, size, most)
    ties, entries = cut_ties(book), sequences(book)
    least = chance(entries[-1], p0)
    assert ties.taken == sum(chance(e, p0) == pytest.approx(least) for e in entries)
    pairs = list(itertools.product((-1, 0, 1), repeat=2))
    may_grow = [e for e in [(), *entries] if len(e) < 2 * most]
    tied = [(*e, *pair) for e in may_grow for pair in pairs]
    tied = sorted(e for e in tied if chance(e, p0) == pytest.approx(least))
    before = [(), *entries]
    listed = [(*before[p], *pairs[s]) for p, s in zip(ties.parents, ties.last, strict=True)]
    assert sorted(listed) == tied
    found = sorted((pairs[first], seq) for first, seq in zip(ties.first, listed, strict=True))
    assert found == [(seq[:2], seq) for seq in tied]


@given(st.integers(0, 20))
@settings(deadline=None, max_examples=8)
def test_retied_books_are_books(seed):
    book, law = build_dictionary(0.885, 3000, 6), pair_law(0.885)
    rng = np.random.default_rng(seed)
    other = retied(book, rng.random(len(cut_ties(book).parents)))
    entries = sequences(other)
    assert len(set(entries)) == other.size == book.size
    assert {entry[:-2] for entry in entries} <= {(), *entries}
    assert set(sequences(book)[: book.size - cut_ties(book).taken]) <= set(entries)
    assert fresh_start_length(other, law) == pytest.approx(fresh_start_length(book, law))
    trits = source(rng, (40, 31), 0.8)
    assert np.array_equal(unparse(parse(trits, other), 31, other), trits)


def test_the_released_choice_among_the_ties_gives_the_released_book():
    book = build_dictionary(0.885, 3000, 6)
    ties, entries = cut_ties(book), set(sequences(book))
    paths = [[], *map(list, sequences(book))]
    taken = [
        (*paths[p], s // 3 - 1, s % 3 - 1) in entries
        for p, s in zip(ties.parents, ties.last.tolist(), strict=True)
    ]
    assert set(sequences(retied(book, ~np.array(taken)))) == entries


def test_tunstall_lies_between_entropy_and_greedy():
    law = pair_law(0.885)
    entropy = -(law @ np.log2(law)) / 2
    capped, free = tunstall_length(law, 1 << 16, 14), tunstall_length(law, 1 << 16)
    greedy = markov_rate(build_dictionary(), law).bits_per_weight()
    assert entropy < 8 / free < 8 / capped < greedy < 1


def test_tunstall_of_one_split_and_of_none():
    law = pair_law(0.5)
    assert tunstall_length(law, 9) == pytest.approx(1)
    assert tunstall_length(law, 17) == pytest.approx(1 + law.max())
    assert tunstall_length(law, 1 << 12, 1) == pytest.approx(1)


BOOK = build_dictionary(0.5, 9, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: encode(np.zeros(3)), r"^trits\b"),
        (lambda: encode(np.array([[2]])), r"^trits\b"),
        (lambda: encode(np.array([[0.5]])), r"^trits\b"),
        (lambda: encode(np.array([["a"]])), r"^trits\b"),
        (lambda: encode(np.zeros((1, 1)), 1.0), r"^p0\b"),
        (lambda: encode(np.zeros((1, 1)), 0.5, method="entropy"), r"^p0=0.5: give none"),
        (lambda: encode(np.zeros((1, 1)), method="huffman"), r"^method="),
        (lambda: build_dictionary(0.5, 8), r"^size\b"),
        (lambda: build_dictionary(0.5, 9, 0), r"^most_pairs\b"),
        (lambda: build_dictionary(0.5, 9), "^p0=0.5: give a number farther"),
        (lambda: markov_rate(BOOK, np.ones(9)), r"^law\b"),
        (lambda: retied(BOOK, [0.0]), "^priority has shape"),
        (lambda: retied(BOOK, [np.nan] * 4), "^priority has NaN"),
        (
            lambda: expected_codewords(markov_rate(BOOK, pair_law(0.5)), -1),
            r"^pairs\b",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
