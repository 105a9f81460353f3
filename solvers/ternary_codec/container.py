"""Ternary matrices as bytes, in one of two ways, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from refutable.solvers.argument_checks import inside, one_of
from refutable.solvers.ternary_codec import dictionary_bytes, entropy_bytes
from refutable.solvers.ternary_codec._sealing import MAGIC, CodecError
from refutable.solvers.ternary_codec.kernels import Trits, checked_trits

__all__ = ["CodecError", "Method", "decode", "encode"]

Method = Literal["dictionary", "entropy"]
"""`dictionary`: QMoE's, whose rows can be read by themselves. `entropy`: near that of the rows."""

READERS: dict[int, Callable[[bytes], Trits]] = {
    dictionary_bytes.VERSION: dictionary_bytes.decode,
    entropy_bytes.VERSION: entropy_bytes.decode,
}


def encode(trits: Trits, p0: float | None = None, *, method: Method = "dictionary") -> bytes:
    """Compress a ternary matrix.

    Parameters
    ----------
    trits
        (R, C) of -1, 0 and +1, of any shape, empty ones included.
    p0
        Share of zeros to build the dictionary for; that of the matrix, to two digits, by default.
    method
        `dictionary` or `entropy`. Of independent trits, 0.885 of them 0, one takes 0.745 bits with
        the first and 0.630 with the second, which is their entropy.

    Returns
    -------
    bytes
        What `decode` turns back into the same matrix.

    Raises
    ------
    ValueError
        If the matrix holds anything else, p0 is not usable, or it is given without a dictionary.
    """
    codes = checked_trits(trits)
    book = None if p0 is None else inside("p0", p0, 0, 1)
    if one_of("method", method, get_args(Method)) == "dictionary":
        return dictionary_bytes.encode(codes, book)
    if book is not None:
        raise ValueError(f"p0={book}: give none with method='entropy', which counts for itself")
    return entropy_bytes.encode(codes)


def decode(data: bytes | bytearray | memoryview) -> Trits:
    """Return the ternary matrix (R, C) of int8 that `encode` compressed, by either method.

    A checksum betrays every accident. Bytes that somebody made up with a right one are either
    refused or give some matrix, whose size is bounded by theirs: 14 trits for a byte with a
    dictionary, 7500 without.

    Raises
    ------
    CodecError
        If the data are no bytes, or are truncated, prolonged, corrupt, or of another kind or
        version.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise CodecError(f"data must be bytes, as encode(...) returns them: {type(data).__name__}")
    data = bytes(data)  # no copy of bytes; a memoryview may have items of any size
    if len(data) <= len(MAGIC):
        raise CodecError(f"data is truncated: {len(data)} bytes, the header alone has more")
    if not data.startswith(MAGIC):
        raise CodecError("data is no compressed ternary matrix: it does not begin with 'TRIT'")
    version = data[len(MAGIC)]
    if version not in READERS:
        known = " and ".join(map(str, READERS))
        raise CodecError(f"data has version {version}, this reads {known}: use a newer release")
    try:
        return READERS[version](data)
    except CodecError:
        raise
    except ValueError as error:
        raise CodecError(f"data is inconsistent: {error}") from None
