"""The ternary codes against general compressors on the same trits, packed five to a byte.

On independent trits, Huffman coding of such bytes (zstandard) comes within 4% of the entropy and so
packs better than QMoE's dictionary; the dictionary's gain is that every codeword has 16 bits and
every row can be decoded by itself. The entropy code has the tables of Huffman without the whole
bits, and one for each kind of row.
"""

import lzma
import zlib
from functools import partial

import numpy as np
import pytest
import zstandard
from refutable.solvers.quantization import ternary_codes, ternary_range
from refutable.solvers.ternary_codec import (
    build_dictionary,
    decode,
    encode,
    expected_codewords,
    markov_rate,
    pair_law,
)
from refutable.solvers.ternary_codec.grouping import grouped, ungrouped

P0 = 0.885


def matrix():
    """An independent ternary matrix of the shape of an expert of switch-large-128."""
    u = np.random.default_rng(0).random((1024, 4096))
    return (u >= P0).astype(np.int8) - 2 * (u >= (1 + P0) / 2).astype(np.int8)


def rounded():
    """Gaussian weights rounded as QMoE rounds: the largest of a row sets how many become 0."""
    weights = np.random.default_rng(1).standard_normal((1024, 4096))
    return ternary_codes(weights, *ternary_range(weights))


MATRICES = {"independent": matrix(), "rounded": rounded()}
TRITS = MATRICES["independent"]
"""0.630 bits of entropy for a trit."""


def peer(compress, decompress):
    """A general compressor on bytes of five trits; packing and unpacking, by our loops, count."""

    def encoded(trits):
        return compress(grouped(trits.ravel()).tobytes())

    def decoded(data, shape):
        return ungrouped(np.frombuffer(decompress(data), np.uint8), shape[0] * shape[1])

    return encoded, decoded


def ours(method):
    return (lambda trits: encode(trits, method=method)), (lambda data, shape: decode(data))


METHODS = {
    "entropy code": ours("entropy"),
    "QMoE's dictionary": ours("dictionary"),
    "zlib -9": peer(lambda data: zlib.compress(data, 9), zlib.decompress),
    "lzma": peer(lzma.compress, lzma.decompress),
    "zstandard -1": peer(lambda data: zstandard.compress(data, 1), zstandard.decompress),
    "zstandard -3": peer(lambda data: zstandard.compress(data, 3), zstandard.decompress),
    "zstandard -19": peer(lambda data: zstandard.compress(data, 19), zstandard.decompress),
}


def report(benchmark, data):
    seconds = benchmark.stats.stats.min if benchmark.stats else 1.0
    benchmark.extra_info["million weights per second"] = round(TRITS.size / seconds / 1e6, 1)
    benchmark.extra_info["bits per weight"] = round(8 * len(data) / TRITS.size, 4)
    benchmark.extra_info["compression over bf16"] = round(2 * TRITS.size / len(data), 2)


@pytest.mark.benchmark(group="compress 4 million trits")
@pytest.mark.parametrize("trits", MATRICES)
@pytest.mark.parametrize("method", METHODS)
def test_compress(benchmark, method, trits):
    compress, _ = METHODS[method]
    data = benchmark.pedantic(compress, args=(MATRICES[trits],), rounds=2, warmup_rounds=1)
    report(benchmark, data)


@pytest.mark.benchmark(group="decompress 4 million trits")
@pytest.mark.parametrize("trits", MATRICES)
@pytest.mark.parametrize("method", METHODS)
def test_decompress(benchmark, method, trits):
    compress, decompress = METHODS[method]
    data = compress(MATRICES[trits])
    arguments = (data, TRITS.shape)
    back = benchmark.pedantic(decompress, args=arguments, rounds=3, warmup_rounds=1)
    assert np.array_equal(back.ravel(), MATRICES[trits].ravel())
    report(benchmark, data)


def size(method, trits="independent"):
    return len(METHODS[method][0](MATRICES[trits]))


def test_size_of_the_dictionary_is_the_predicted_one_and_lies_between_those_of_peers():
    rate = markov_rate(build_dictionary(P0), pair_law(P0))
    words = 1024 * expected_codewords(rate, 2048)[-1]
    found = len(encode(TRITS, P0))
    assert found == pytest.approx(2 * words + 4 * 1025, rel=2e-3)
    assert size("zlib -9") > found > size("zstandard -19")


@pytest.mark.parametrize("trits", MATRICES)
def test_the_entropy_code_is_denser_than_every_peer(trits):
    assert size("entropy code", trits) < min(size(m, trits) for m in METHODS if m != "entropy code")


def test_the_entropy_code_is_within_a_hundredth_of_the_entropy():
    counts = np.unique(TRITS, return_counts=True)[1] / TRITS.size
    assert 8 * size("entropy code") / TRITS.size < 1.01 * -(counts @ np.log2(counts))


@pytest.mark.benchmark(group="encode 4 million independent trits")
@pytest.mark.parametrize("method", ["entropy code", "QMoE's dictionary"])
def test_encoding_is_faster_than_compressors_of_like_density(beside, method):
    for other in ("zlib -9", "lzma", "zstandard -19"):
        assert beside(other, METHODS[method][0], METHODS[other][0], TRITS, turns=3) > 2


@pytest.mark.benchmark(group="decode 4 million independent trits")
@pytest.mark.parametrize("method", ["entropy", "dictionary"])
def test_decoding_is_faster_than_encoding_and_than_unpacking_in_numpy(beside, method):
    packed = grouped(TRITS.ravel())

    def unpack():
        digits = packed[:, None] // np.array([81, 27, 9, 3, 1]) % 3
        return digits.astype(np.int8).ravel()[: TRITS.size].reshape(TRITS.shape) - 1

    data = encode(TRITS, P0 if method == "dictionary" else None, method=method)
    decoding = partial(decode, data)
    assert beside("unpacking in NumPy", decoding, unpack) > 1
    assert beside("encoding", decoding, partial(encode, TRITS, method=method)) > 1
