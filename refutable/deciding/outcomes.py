"""What `simulate` and `compute` give back: checked columns, and their plain JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.errors import OutcomeError

_EXACT = (Fraction, Decimal)


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
    for name, values in returned.items():
        if isinstance(values, np.ma.MaskedArray):
            raise OutcomeError(
                f"outcome {name!r} is a masked array, and what lies under a mask would count; "
                "return the mask as a bool column of its own, and values that may count."
            )
    return returned


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
        return
    if values.dtype.kind == "f":
        bad = int(np.count_nonzero(~np.isfinite(values)))
        if bad:
            raise OutcomeError(
                f"outcome {name!r} holds {bad} NaN or infinite values of {values.size}; "
                "encode a failed replicate as an outcome of its own, such as a bool column."
            )
        return
    if values.dtype == object and all(isinstance(v, int | Fraction | Decimal) for v in values.flat):
        if all(not isinstance(v, Decimal) or v.is_finite() for v in values.flat):
            return
        raise OutcomeError(f"outcome {name!r} holds a Decimal that is NaN or infinite.")
    raise OutcomeError(
        f"outcome {name!r} has dtype {values.dtype}; use float, int or bool "
        "(a deterministic claim may also return str, Fraction or Decimal)."
    )


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
