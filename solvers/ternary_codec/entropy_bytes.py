"""Ternary matrices near the entropy of their rows: a model of the matrix and one coded number.

Little endian. Header: magic, version, contexts of the lift, classes of rows, rows, columns, bytes
of the model, last state of the coder, CRC-32 of everything else. Then the model and the 16-bit
words. The matrix can have 15,000 trits for a word at most, so that no header
makes the decoder ask for more memory.
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
from refutable.solvers.ternary_codec.grouping import (
    Bytes,
    group_count,
    grouped,
    groups_of_rows,
    signs_of_rows,
    ungrouped,
)
from refutable.solvers.ternary_codec.kernels import Trits
from refutable.solvers.ternary_codec.model import (
    CONTEXTS,
    MOST_CLASSES,
    Model,
    candidates,
    row_classes,
    unpacked_model,
)
from refutable.solvers.ternary_codec.rans import (
    LOW,
    MOST_PER_WORD,
    count_groups,
    decode_groups,
    encode_groups,
)

VERSION = 2
LAYOUT = struct.Struct("<4sBBBxQQQQ")


def encode(codes: Trits) -> bytes:
    """Return the bytes of a checked matrix (R, C)."""
    rows, columns = codes.shape
    if not codes.size:
        return sealed(LAYOUT.pack(MAGIC, VERSION, 0, 1, rows, columns, 0, LOW), b"")
    groups = grouped(codes.ravel())
    model = _model(codes, groups)
    state, words = encode_groups(groups, _spread(model, columns), model.tables())
    told = model.packed()
    shape = (len(model.counts), model.kinds, rows, columns)
    fields = LAYOUT.pack(MAGIC, VERSION, *shape, len(told), state)
    return sealed(fields, told + words.astype("<u2").tobytes())


def decode(data: bytes) -> Trits:
    """Return the matrix (R, C); raise CodecError or ValueError if the bytes are none."""
    contexts, kinds, rows, columns, told, state = unpacked(LAYOUT, data)
    body = opened(data, LAYOUT.size)
    check_shape(rows, columns)
    if contexts not in CONTEXTS or not 1 <= kinds <= MOST_CLASSES:
        raise CodecError(f"data is inconsistent: {contexts} contexts, {kinds} classes")
    if not rows * columns:
        if len(body):
            raise CodecError(f"data is too long: {len(body)} bytes for an empty matrix")
        return np.empty((rows, columns), dtype=np.int8)
    if told > len(body) or (len(body) - told) % 2:
        raise CodecError(f"data is truncated: {len(body)} bytes, the model alone has {told}")
    words = np.frombuffer(body, "<u2", offset=told).astype(np.uint16)
    if group_count(rows * columns) > MOST_PER_WORD * (len(words) + 1):
        raise CodecError(f"data is truncated: {len(words)} words for {rows * columns} trits")
    model = unpacked_model(bytes(body[:told]), rows, kinds, contexts)
    groups = None
    if LOW <= state < LOW << 16:
        groups = decode_groups(state, words, _spread(model, columns), model.tables())
    if groups is None:
        raise CodecError("data is inconsistent: its words do not code its groups")
    return ungrouped(groups, rows * columns).reshape(rows, columns)


def _model(codes: Trits, groups: Bytes) -> Model:
    """Return the model with which model and words are shortest."""
    rows, columns = codes.shape
    signs = np.empty((rows, 2), dtype=np.int64)
    signs_of_rows(codes, signs)
    classes = row_classes(signs)
    begun = np.repeat(classes, groups_of_rows(rows, columns))
    counted = count_groups(groups, begun, int(classes.max()) + 1)
    return min(candidates(signs, columns, classes, counted), key=lambda found: found[1])[0]


def _spread(model: Model, columns: int) -> Bytes:
    """Return the class of each group, that of the row in which it begins."""
    return np.repeat(model.classes, groups_of_rows(len(model.classes), columns))
