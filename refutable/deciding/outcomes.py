"""What `simulate` and `compute` give back: checked columns, and their plain JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.errors import OutcomeError, printable

_EXACT = (Fraction, Decimal)
_LARGEST = np.iinfo(np.int64).max


def check_simulated(returned: object, size: int) -> Columns:
    """Return the columns of a simulated block of `size` replicates.

    Parameters
    ----------
    returned : object
        What `simulate` returned.
    size : int
        How many replicates were asked for.

    Returns
    -------
    dict of str to ndarray, shape (size,) or (size, L)

    Raises
    ------
    OutcomeError
        If it is no mapping, has no columns or no rows, has another number of rows, or holds
        NaN, infinities or things that are not numbers.
    """
    columns = {name: np.asarray(values) for name, values in _mapping(returned).items()}
    for name, values in columns.items():
        _check_rows(name, values, size)
        _check_numbers(name, values)
    return columns


def check_computed(returned: object) -> Columns:
    """Return the columns of a deterministic claim, each with one row.

    Numbers, booleans, strings, `Fraction`, `Decimal` and arrays of them are allowed.

    Raises
    ------
    OutcomeError
        As `check_simulated`.
    """
    columns = {name: _one_row(value) for name, value in _mapping(returned).items()}
    for name, values in columns.items():
        if values.size == 0:
            raise OutcomeError(f"outcome {name!r} is empty; return at least one value.")
        _check_numbers(name, values)
    return columns


def _mapping(returned: object) -> Mapping[str, Any]:
    if not isinstance(returned, Mapping):
        raise OutcomeError(
            f"a {type(returned).__name__} was returned; return a dict from outcome names "
            "to arrays with one row per replicate."
        )
    if not returned:
        raise OutcomeError("no outcome was returned; return a dict with at least one column.")
    columns = {}
    for name, values in returned.items():
        if not isinstance(name, str):
            raise OutcomeError(f"the name {name!r} of an outcome is no text; name it by a str.")
        if not name or printable(name) != name:
            raise OutcomeError(f"the name {printable(repr(name))} of an outcome cannot be shown.")
        if _masked(values):
            raise OutcomeError(
                f"outcome {name!r} is a masked array, and what lies under a mask would count; "
                "return the mask as a bool column of its own, and values that may count."
            )
        columns[str.__str__(name)] = values
    return columns


def _masked(values: object) -> bool:
    several = values if isinstance(values, list | tuple) else (values,)
    return any(isinstance(one, np.ma.MaskedArray) for one in several)


def _one_row(value: object) -> NDArray[Any]:
    flat = np.asarray(value)
    if flat.dtype == object or isinstance(value, _EXACT):
        flat = np.asarray(value, dtype=object)
    return flat[np.newaxis]


def _check_rows(name: str, values: NDArray[Any], size: int) -> None:
    if values.ndim not in (1, 2) or values.shape[0] != size:
        raise OutcomeError(
            f"outcome {name!r} has shape {values.shape}, but {size} replicates were asked for; "
            f"return shape ({size},), or ({size}, L) for a ladder of L sizes."
        )
    if values.size == 0:
        raise OutcomeError(f"outcome {name!r} has no rows; return one row per replicate.")


def _check_numbers(name: str, values: NDArray[Any]) -> None:
    if values.dtype.kind in "biuU":
        if values.dtype.kind == "u" and values.max(initial=0) > _LARGEST:
            raise OutcomeError(f"outcome {name!r} holds integers above 2**63 - 1; return floats.")
        return
    if values.dtype.names is not None:
        raise OutcomeError(
            f"outcome {name!r} is a structured array; return one column for each of its fields "
            f"({', '.join(map(printable, values.dtype.names))})."
        )
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):  # a longdouble beyond what is stored
            bad = int(np.count_nonzero(~np.isfinite(values.astype(np.float64))))
        if bad:
            raise OutcomeError(
                f"outcome {name!r} holds {bad} NaN or infinite values of {values.size}; "
                "encode a failed replicate as an outcome of its own, such as a bool column."
            )
        return
    if values.dtype == object and all(_exact_number(v) for v in values.flat):
        if all(not isinstance(v, Decimal) or v.is_finite() for v in values.flat):
            return
        raise OutcomeError(f"outcome {name!r} holds a Decimal that is NaN or infinite.")
    raise OutcomeError(
        f"outcome {name!r} has dtype {values.dtype}; use float, int or bool "
        "(a deterministic claim may also return str, Fraction or Decimal)."
    )


def _exact_number(value: object) -> bool:
    return isinstance(value, int | Fraction | Decimal) and not isinstance(value, bool)


def encode(columns: Columns) -> dict[str, Any]:
    """Return columns as JSON values that give back the same bits."""
    return {name: _encode_one(values) for name, values in columns.items()}


def _encode_one(values: NDArray[Any]) -> dict[str, Any]:
    if values.dtype == object:
        return {
            "kind": "exact",
            "shape": list(values.shape),
            "values": [str(v) for v in values.flat],
        }
    kind = {"b": "bool", "i": "int", "u": "int", "f": "float", "U": "str"}[values.dtype.kind]
    flat = values.ravel()
    plain = flat.astype(np.int8) if kind == "bool" else flat
    if kind == "float":
        plain = plain.astype(np.float64)
    return {"kind": kind, "shape": list(values.shape), "values": plain.tolist()}


_DTYPES: dict[str, Any] = {"bool": np.bool_, "int": np.int64, "float": np.float64, "str": np.str_}


def decode(stored: Mapping[str, Any]) -> Columns:
    """Return what `encode` was given."""
    return {name: _decode_one(column) for name, column in stored.items()}


def _decode_one(column: Mapping[str, Any]) -> NDArray[Any]:
    shape, values = tuple(column["shape"]), column["values"]
    if column["kind"] == "exact":
        parsed = np.empty(len(values), dtype=object)
        parsed[:] = [_exact(text) for text in values]
        return parsed.reshape(shape)
    return np.asarray(values, dtype=_DTYPES[column["kind"]]).reshape(shape)


def _exact(text: str) -> Fraction | Decimal:
    return Fraction(text) if "/" in text else Decimal(text)
