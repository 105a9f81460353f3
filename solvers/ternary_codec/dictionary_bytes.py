"""Ternary matrices as 16-bit codewords of QMoE's dictionary, every row to be read by itself.

Little endian. Header: magic, version, log2 of the dictionary size, longest entry, the p0 it was
built for, rows, columns, codewords, CRC-32 of everything else. Then R + 1 offsets of 32 bits and
the codewords.
"""

from __future__ import annotations

import struct

import numpy as np
from refutable.solvers.ternary_codec._sealing import (
    MAGIC,
    CodecError,
    check_shape,
    opened,
    sealed,
    unpacked,
)
from refutable.solvers.ternary_codec.dictionary import Dictionary, build_dictionary
from refutable.solvers.ternary_codec.kernels import Parsed, Trits, parse, unparse

VERSION = 1
LAYOUT = struct.Struct("<4sBBBxdQQQ")


def encode(codes: Trits, p0: float | None) -> bytes:
    """Return the bytes of a checked matrix (R, C), with the dictionary for a checked p0."""
    dictionary = build_dictionary(_usual_p0(codes) if p0 is None else p0)
    parsed = parse(codes, dictionary)
    if parsed.words.size >= 1 << 32:
        raise ValueError("trits needs 2^32 codewords or more: split the matrix")
    body = parsed.offsets.astype("<u4").tobytes() + parsed.words.astype("<u2").tobytes()
    book = (dictionary.size.bit_length() - 1, dictionary.most_pairs, dictionary.p0)
    fields = LAYOUT.pack(MAGIC, VERSION, *book, *codes.shape, parsed.words.size)
    return sealed(fields, body)


def decode(data: bytes) -> Trits:
    """Return the matrix (R, C); raise CodecError or ValueError if the bytes are none."""
    log_size, most_pairs, p0, rows, columns, count = unpacked(LAYOUT, data)
    expected = LAYOUT.size + 4 + 4 * (rows + 1) + 2 * count
    if len(data) != expected:
        what = "truncated" if len(data) < expected else "too long"
        raise CodecError(f"data is {what}: {len(data)} bytes instead of {expected}")
    body = opened(data, LAYOUT.size)
    check_shape(rows, columns)
    dictionary = build_dictionary(p0, 1 << log_size, most_pairs)
    return unparse(_parsed(body, rows, columns, dictionary), columns, dictionary)


def _parsed(body: memoryview, rows: int, columns: int, dictionary: Dictionary) -> Parsed:
    offsets = np.frombuffer(body, "<u4", rows + 1).astype(np.int64)
    words = np.frombuffer(body, "<u2", offset=4 * (rows + 1))
    if rows * columns > 2 * dictionary.most_pairs * words.size:
        raise ValueError("too few codewords for its shape")
    return Parsed(words.astype(np.uint16), offsets)


def _usual_p0(codes: Trits) -> float:
    # two digits, so that similar matrices share a dictionary; away from 0 and 1, where a single
    # pair could be too improbable to have an entry
    # (an empty matrix needs no codeword: any p0 will do, and 0.885 is that of the released code)
    share = 1 - np.count_nonzero(codes) / codes.size if codes.size else 0.885
    return float(np.clip(round(share, 2), 0.05, 0.99))
