"""Ternary matrices as bytes: header, row offsets, 16-bit codewords, and a checksum over all.

Little endian. Header: magic, version, log2 of the dictionary size, longest entry, the p0 it was
built for, rows, columns, codewords, CRC-32 of everything else. Then R + 1 offsets of 32 bits and
the codewords.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from refutable.solvers.argument_checks import inside
from refutable.solvers.ternary_codec.dictionary import Dictionary, build_dictionary
from refutable.solvers.ternary_codec.kernels import Parsed, Trits, checked_trits, parse, unparse

MAGIC = b"TRIT"
VERSION = 1
_FIELDS = struct.Struct("<4sBBBxdQQQ")
_CHECKSUM = struct.Struct("<I")
HEADER_BYTES = _FIELDS.size + _CHECKSUM.size


class CodecError(ValueError):
    """Bytes that are no whole and intact ternary matrix."""


def encode(trits: Trits, p0: float | None = None) -> bytes:
    """Compress a ternary matrix.

    Parameters
    ----------
    trits
        (R, C) of -1, 0 and +1, of any shape, empty ones included.
    p0
        Share of zeros to build the dictionary for; that of the matrix, to two digits, by default.

    Returns
    -------
    bytes
        What `decode` turns back into the same matrix.

    Raises
    ------
    ValueError
        If the matrix holds anything else, or p0 is not usable.
    """
    codes = checked_trits(trits)
    dictionary = build_dictionary(_usual_p0(codes) if p0 is None else inside("p0", p0, 0, 1))
    parsed = parse(codes, dictionary)
    if parsed.words.size >= 1 << 32:
        raise ValueError("trits needs 2^32 codewords or more: split the matrix")
    body = parsed.offsets.astype("<u4").tobytes() + parsed.words.astype("<u2").tobytes()
    fields = _FIELDS.pack(
        MAGIC,
        VERSION,
        dictionary.size.bit_length() - 1,
        dictionary.most_pairs,
        dictionary.p0,
        *codes.shape,
        parsed.words.size,
    )
    return fields + _CHECKSUM.pack(zlib.crc32(body, zlib.crc32(fields))) + body


def decode(data: bytes | bytearray | memoryview) -> Trits:
    """Return the ternary matrix (R, C) of int8 that `encode` compressed.

    Raises
    ------
    CodecError
        If the data are no bytes, or are truncated, prolonged, corrupt, or of another kind or
        version.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise CodecError(f"data must be bytes, as encode(...) returns them: {type(data).__name__}")
    data = bytes(data)  # no copy of bytes; a memoryview may have items of any size
    magic, version, log_size, most_pairs, p0, rows, columns, count = _header(data)
    if magic != MAGIC:
        raise CodecError("data is no compressed ternary matrix: it does not begin with 'TRIT'")
    if version != VERSION:
        raise CodecError(f"data has version {version}, this reads {VERSION}: use a newer release")
    expected = HEADER_BYTES + 4 * (rows + 1) + 2 * count
    if len(data) != expected:
        what = "truncated" if len(data) < expected else "too long"
        raise CodecError(f"data is {what}: {len(data)} bytes instead of {expected}")
    _check_sum(data)
    try:
        dictionary = build_dictionary(p0, 1 << log_size, most_pairs)
        return unparse(_body(data, rows, columns, dictionary), columns, dictionary)
    except ValueError as error:
        raise CodecError(f"data is inconsistent: {error}") from None


def _header(data: bytes) -> tuple[bytes, int, int, int, float, int, int, int]:
    if len(data) < HEADER_BYTES:
        raise CodecError(
            f"data is truncated: {len(data)} bytes, the header alone has {HEADER_BYTES}"
        )
    return _FIELDS.unpack_from(data)


def _check_sum(data: bytes) -> None:
    (stored,) = _CHECKSUM.unpack_from(data, _FIELDS.size)
    view = memoryview(data)
    found = zlib.crc32(view[HEADER_BYTES:], zlib.crc32(view[: _FIELDS.size]))
    if stored != found:
        raise CodecError("data is corrupt: its checksum does not match")


def _body(data: bytes, rows: int, columns: int, dictionary: Dictionary) -> Parsed:
    offsets = np.frombuffer(data, "<u4", rows + 1, HEADER_BYTES).astype(np.int64)
    words = np.frombuffer(data, "<u2", offset=HEADER_BYTES + 4 * (rows + 1))
    if rows * columns > 2 * dictionary.most_pairs * words.size:
        raise ValueError("too few codewords for its shape")
    return Parsed(words.astype(np.uint16), offsets)


def _usual_p0(codes: Trits) -> float:
    # two digits, so that similar matrices share a dictionary; away from 0 and 1, where a single
    # pair could be too improbable to have an entry
    # (an empty matrix needs no codeword: any p0 will do, and 0.885 is that of the released code)
    share = 1 - np.count_nonzero(codes) / codes.size if codes.size else 0.885
    return float(np.clip(round(share, 2), 0.05, 0.99))
