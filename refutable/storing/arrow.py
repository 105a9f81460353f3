"""NumPy arrays as Arrow columns, and tables whose columns agree in type.

`pyarrow.array` imports pandas wherever it is installed, which takes longer than all the rest of a
small run; so arrays are built from their buffers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def arrow_column(parts: Sequence[NDArray[Any]]) -> Any:
    """Return arrays, one after the other, as an Arrow column with one entry per row.

    Parameters
    ----------
    parts : sequence of ndarray, each of shape (rows,) or (rows, ...)
        Numbers, booleans or text; anything else is written as text. Where one of them has more
        than one axis, the column is of lists, as long as each row is.

    Returns
    -------
    pyarrow.Array
    """
    import pyarrow as pa  # only needed here; loads slowly

    flat = _flat(np.concatenate([part.ravel() for part in parts]))
    if all(part.ndim == 1 for part in parts):
        return flat
    lengths = [np.full(len(part), part.size // max(len(part), 1)) for part in parts]
    ends = np.cumsum(np.concatenate([[0], *lengths]), dtype=np.int32)
    return pa.ListArray.from_arrays(_plain(ends), flat)


def plain_column(entries: Sequence[object]) -> NDArray[Any]:
    """Return plain values as one array: of numbers where all are numbers, else of text."""
    kinds = {type(entry) for entry in entries}
    if kinds <= {bool} or kinds <= {str} or kinds <= {int, float}:
        values = np.asarray(entries)
        if values.dtype.kind in "bifU":
            return values
    return np.array([str(entry) for entry in entries], dtype=object)


def concatenated(tables: Sequence[Any]) -> Any:
    """Return tables one below the other; a row is null where its table has no such column.

    A column of several types becomes one of numbers (booleans count 0 and 1), of lists where one
    of them has lists, and of text where one of them has text.
    """
    import pyarrow as pa

    named: dict[str, list[Any]] = {}
    for table in tables:
        for field in table.schema:
            named.setdefault(field.name, []).append(field.type)
    wanted = {name: _common(types) for name, types in named.items() if len(set(types)) > 1}
    return pa.concat_tables([_cast(table, wanted) for table in tables], promote_options="default")


def _flat(values: NDArray[Any]) -> Any:
    kind = values.dtype.kind
    if kind == "b":
        return _bits(values)
    if kind in "iuf":
        return _plain(values)
    return _text(str(entry) for entry in values.tolist())


def _plain(values: NDArray[Any]) -> Any:
    import pyarrow as pa

    native = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    kind = pa.from_numpy_dtype(native.dtype)
    return pa.Array.from_buffers(kind, native.size, [None, pa.py_buffer(native)])


def _bits(values: NDArray[Any]) -> Any:
    import pyarrow as pa

    packed = np.packbits(values, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), values.size, [None, pa.py_buffer(packed)])


def _text(entries: Iterable[str]) -> Any:
    import pyarrow as pa

    coded = [entry.encode("utf-8", "backslashreplace") for entry in entries]
    ends = np.cumsum([0, *map(len, coded)], dtype=np.int64)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(coded))]
    return pa.Array.from_buffers(pa.large_string(), len(coded), buffers).cast(pa.string())


def _common(types: Sequence[Any]) -> Any:
    import pyarrow as pa

    inner = [kind.value_type if pa.types.is_list(kind) else kind for kind in types]
    plain = pa.string() if any(pa.types.is_string(kind) for kind in inner) else pa.float64()
    if len(set(inner)) == 1:
        plain = inner[0]
    return pa.list_(plain) if any(pa.types.is_list(kind) for kind in types) else plain


def _cast(table: Any, wanted: dict[str, Any]) -> Any:
    for place, field in enumerate(table.schema):
        if field.name in wanted and field.type != wanted[field.name]:
            column = _as(table.column(place).combine_chunks(), wanted[field.name])
            table = table.set_column(place, field.name, column)
    return table


def _as(column: Any, kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_list(kind) and not pa.types.is_list(column.type):
        each = np.arange(len(column) + 1, dtype=np.int32)
        column = pa.ListArray.from_arrays(_plain(each), column)
    return column.cast(kind)
