"""The grid of parameters: cells, and what varies with the effort."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from refutable.claims.records import Effort

Scalar = int | float | str | bool
T = TypeVar("T")
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

PREDICATE = "where"
"""The keyword of a filter that is a function of the cell; no parameter may have this name."""

CLOSE = 1e-9
"""Two floats of a filter and of a cell are the same up to this relative difference: 0.3 finds
0.1 * 3, which differs by 2e-16, and a grid has no two values as near as that on purpose."""


def plain(value: object) -> object:
    """Return a NumPy scalar as the number, text or truth value that it is, else the value."""
    return value.item() if isinstance(value, np.generic) else value


class Cell(Mapping[str, Scalar]):
    """One point of the grid, read as `cell.n` or `cell["n"]`.

    Parameters
    ----------
    parameters : mapping of str to int, float, str or bool
        In the order they are to be shown; NumPy's scalars become plain ones.

    Raises
    ------
    TypeError
        If a value is of another type: cells are seeds and file keys, so they stay plain.
    """

    __slots__ = ("_parameters", "canonical")
    _parameters: dict[str, Scalar]
    canonical: str  # for seeds and keys: JSON with sorted names

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        given = {name: plain(value) for name, value in parameters.items()}
        for name, value in given.items():
            _check_name(name)
            if not isinstance(value, int | float | str | bool):
                raise TypeError(
                    f"cell parameter {name}={value!r} is a {type(value).__name__}; "
                    "use an int, a float, a str or a bool"
                )
        object.__setattr__(self, "_parameters", given)
        object.__setattr__(self, "canonical", _CANONICAL.encode(given))

    def __getitem__(self, name: str) -> Scalar:
        return self._parameters[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self._parameters[name]
        except KeyError:
            have = ", ".join(self._parameters) or "no parameters"
            raise AttributeError(f"this cell has no {name!r}; it has {have}") from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a cell cannot be changed")

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __hash__(self) -> int:
        return hash(self.canonical)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and self.canonical == other.canonical

    def __repr__(self) -> str:
        return f"Cell({self.label})"

    def __reduce__(self) -> tuple[type[Cell], tuple[dict[str, Scalar]]]:
        return Cell, (self._parameters,)

    @property
    def label(self) -> str:
        """For people and for `--cell`: `n=200,ratio=0.6`."""
        return ",".join(f"{name}={value}" for name, value in self._parameters.items())

    def matches(self, where: Mapping[str, object]) -> bool:
        """Say whether every filter holds; several values mean any of them.

        Floats are compared up to `CLOSE`, everything else exactly. A parameter that the cell has
        not got matches nothing. The filter `where` is a function of the cell.
        """
        return all(self._holds(name, wanted) for name, wanted in where.items())

    def _holds(self, name: str, wanted: object) -> bool:
        if name == PREDICATE:
            return _says(wanted, self)
        return name in self._parameters and _one_of(self._parameters[name], wanted)


def _check_name(name: str) -> None:
    taken = {PREDICATE: "filters use the word"}
    if not name.startswith("_") and hasattr(Cell, name):
        taken[name] = f"cell.{name} is something else"
    if name in taken:
        raise TypeError(f"a cell parameter cannot be called {name!r}: {taken[name]}")


def _says(predicate: object, cell: Cell) -> bool:
    """Return a predicate's answer.

    Raises
    ------
    TypeError
        If it is no function, or answers something else than true or false: a forgotten `return`
        would leave out every cell.
    """
    if not callable(predicate):
        raise TypeError(f"{PREDICATE}={predicate!r}: give a function of the cell")
    answer = plain(predicate(cell))
    if not isinstance(answer, bool):
        raise TypeError(
            f"{PREDICATE}=... says {answer!r} of cell {cell.label}; return True or False"
        )
    return answer


def alternatives(wanted: object) -> tuple[object, ...]:
    """Return the values of a filter, of which a cell must have one."""
    several = wanted if isinstance(wanted, tuple | list | np.ndarray) else (wanted,)
    return tuple(plain(one) for one in several)


def _one_of(value: object, wanted: object) -> bool:
    return any(_same(value, one) for one in alternatives(wanted))


def _same(value: object, wanted: object) -> bool:
    a_float = isinstance(value, float) or isinstance(wanted, float)
    if a_float and isinstance(value, int | float) and isinstance(wanted, int | float):
        return math.isclose(value, wanted, rel_tol=CLOSE)
    return value == wanted


@dataclass(frozen=True, init=False)
class Cells:
    """A parameter grid: the full product of the given values, or an explicit list.

    Parameters
    ----------
    **axes : sequence of scalars
        `Cells(n=(100, 200), ratio=(0.6, 1.4))` has four cells; `np.arange(1, 5)` is an axis too.
        Without axes there is one cell without parameters. A cell given twice is there once.
        Cells are seeds, to the last bit: round what is computed, such as `np.geomspace`.

    Examples
    --------
    >>> from refutable import Cells
    >>> [cell.label for cell in Cells(n=(100, 200), ratio=(0.6, 1.4))]
    ['n=100,ratio=0.6', 'n=100,ratio=1.4', 'n=200,ratio=0.6', 'n=200,ratio=1.4']
    """

    cells: tuple[Cell, ...]

    def __init__(self, **axes: Any) -> None:
        values = [_as_tuple(name, axis) for name, axis in axes.items()]
        product = itertools.product(*values)
        cells = (Cell(dict(zip(axes, point, strict=True))) for point in product)
        object.__setattr__(self, "cells", tuple(dict.fromkeys(cells)))

    @classmethod
    def of(cls, *points: Mapping[str, Any]) -> Cells:
        """Return a grid of just these points."""
        grid = cls()
        cells = dict.fromkeys(Cell(point) for point in points)
        object.__setattr__(grid, "cells", tuple(cells))
        return grid

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def __add__(self, other: Cells) -> Cells:
        """Return the cells of both, without repeats."""
        return Cells.of(*dict.fromkeys((*self.cells, *other.cells)))


def _as_tuple(name: str, axis: object) -> tuple[Scalar, ...]:
    if isinstance(axis, str) or not hasattr(axis, "__iter__"):
        raise TypeError(f"Cells({name}=...): give a tuple of values, not {axis!r}")
    return tuple(axis)


@dataclass(frozen=True)
class ByEffort(Generic[T]):
    """A setting that grows with the effort."""

    smoke: T
    standard: T
    full: T

    def __getitem__(self, effort: Effort) -> T:
        return {
            Effort.SMOKE: self.smoke,
            Effort.STANDARD: self.standard,
            Effort.FULL: self.full,
        }[effort]


def at_effort(setting: T | ByEffort[T], effort: Effort) -> T:
    """Return the value of a setting at an effort, constant or not."""
    return setting[effort] if isinstance(setting, ByEffort) else setting
