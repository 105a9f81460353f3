"""What all versions of the bytes share: they begin with a name and a version, and hold a checksum.

The first bytes are fields that the version lays out, then the CRC-32 of everything else.
"""

from __future__ import annotations

import struct
import zlib

MAGIC = b"TRIT"
_CHECKSUM = struct.Struct("<I")

LONGEST = (1 << 63) - 1
"""Rows and columns are kept in 64 bits, but arrays have signed sizes."""


class CodecError(ValueError):
    """Bytes that are no whole and intact ternary matrix."""


def sealed(fields: bytes, body: bytes) -> bytes:
    """Return fields, checksum and body."""
    return fields + _CHECKSUM.pack(zlib.crc32(body, zlib.crc32(fields))) + body


def opened(data: bytes, size: int) -> memoryview:
    """Return the body behind fields of `size` bytes; raise CodecError if they do not fit."""
    view = memoryview(data)
    (stored,) = _CHECKSUM.unpack_from(data, size)
    body = view[size + _CHECKSUM.size :]
    if stored != zlib.crc32(body, zlib.crc32(view[:size])):
        raise CodecError("data is corrupt: its checksum does not match")
    return body


def unpacked(layout: struct.Struct, data: bytes) -> tuple[int, ...]:
    """Return the fields behind name and version; raise CodecError if the data are shorter."""
    whole = layout.size + _CHECKSUM.size
    if len(data) < whole:
        raise CodecError(f"data is truncated: {len(data)} bytes, the header alone has {whole}")
    return layout.unpack_from(data)[2:]


def check_shape(rows: int, columns: int) -> None:
    """Raise CodecError for a shape that no array has."""
    if max(rows, columns) > LONGEST:
        raise CodecError(f"data is inconsistent: no matrix has {rows} rows and {columns} columns")
