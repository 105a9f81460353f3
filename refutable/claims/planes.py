"""Where in a plane of two parameters a claim holds, as its author asks it."""

from __future__ import annotations

import ast
import itertools
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from refutable.claims.cells import Cell, Scalar
from refutable.claims.onsets import ERROR, Holds, check_draws
from refutable.errors import MisuseError

Predicted = Callable[[Cell], bool] | str | None
"""Where theory says that it holds: a function of the cell, or words such as `ratio >= 1`."""


@dataclass(frozen=True, kw_only=True)
class Map:
    """A grid of two parameters whose every cell is to be decided.

    Parameters
    ----------
    over : mapping of two names to values
        The horizontal parameter first; values ascend.
    holds : Expectation, str, int or None
        As in `Onset`.
    at : mapping
        As in `Onset`.
    predicted : callable (cell) -> bool or str, optional
        Where theory says that it holds; an expression may use the parameters of the cell, numbers,
        ``+ - * / **``, comparisons, and ``sqrt``, ``log``, ``exp``, ``min``, ``max``.
    budget : int, optional
        Replicates; by default what a quarter of the cells would take at the claim's cap.
    block : int, optional
        Replicates of a block, if not as many as the claim's.
    alpha : float
        Error probability of the whole map: that any cell is wrongly said to hold or to fail.

    Raises
    ------
    MisuseError
        If there are not two parameters with two ascending values each, or `alpha` is not in (0, 1).
    """

    over: Mapping[str, tuple[float, ...]]
    holds: Holds = None
    at: Mapping[str, Scalar] = field(default_factory=dict)
    predicted: Predicted = None
    budget: int | None = None
    alpha: float = ERROR
    block: int | None = None

    def __post_init__(self) -> None:
        axes = {name: tuple(values) for name, values in self.over.items()}
        if len(axes) != 2:
            raise MisuseError(f"over={list(axes)}: a map is of two parameters.")
        for name, values in axes.items():
            if len(values) < 2 or any(b <= a for a, b in itertools.pairwise(values)):
                raise MisuseError(f"over: {name}={values} needs two or more ascending values.")
        check_draws(self.alpha, self.budget, self.block)
        if isinstance(self.predicted, str):
            expression(self.predicted, (*axes, *self.at))
        object.__setattr__(self, "over", axes)
        object.__setattr__(self, "at", dict(self.at))

    @property
    def names(self) -> tuple[str, str]:
        """The horizontal parameter and the vertical one."""
        first, second = self.over
        return first, second

    def cells(self) -> tuple[Cell, ...]:
        """Return the cells, row by row of the vertical parameter."""
        x, y = self.names
        return tuple(Cell({**self.at, x: a, y: b}) for b in self.over[y] for a in self.over[x])

    def theory(self) -> Callable[[Cell], bool] | None:
        """Return whether theory says that it holds, as a function of the cell."""
        if not isinstance(self.predicted, str):
            return self.predicted
        return expression(self.predicted, (*self.over, *self.at))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "exp": math.exp,
    "min": min,
    "max": max,
}
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def expression(text: str, names: tuple[str, ...]) -> Callable[[Cell], bool]:
    """Return a comparison such as `ratio >= 1 + 1 / sqrt(n)` as a function of the cell.

    Raises
    ------
    MisuseError
        If it is no comparison, or holds anything but parameters, numbers and known functions.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise MisuseError(f"{text!r} cannot be read: {error.msg}.") from error
    if not isinstance(tree, ast.Compare):
        raise MisuseError(f"{text!r} is no comparison; write for instance 'ratio >= 1'.")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in (*names, *_FUNCTIONS):
            known = ", ".join((*names, *_FUNCTIONS))
            raise MisuseError(f"{text!r}: {node.id!r} is not known; there are {known}.")
    _check(tree, text)
    return lambda cell: bool(_value(tree, cell))


def _check(node: ast.expr, text: str) -> None:
    """Refuse what `_value` cannot compute."""
    allowed = (
        *(ast.Compare, ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Constant, ast.Load),
        *(ast.USub, *_BINARY, *_COMPARE),
    )
    for inner in ast.walk(node):
        plain = not isinstance(inner, ast.Call) or (
            isinstance(inner.func, ast.Name) and inner.func.id in _FUNCTIONS and not inner.keywords
        )
        if not isinstance(inner, allowed) or not plain:
            raise MisuseError(f"{text!r}: {ast.unparse(inner)!r} is not allowed there.")
        if isinstance(inner, ast.Constant) and not isinstance(inner.value, int | float):
            raise MisuseError(f"{text!r}: {inner.value!r} is no number.")


def _value(node: ast.expr, cell: Cell) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return cell[node.id]
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, cell)
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](_value(node.left, cell), _value(node.right, cell))
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        return _FUNCTIONS[name](*(_value(argument, cell) for argument in node.args))
    if isinstance(node, ast.Compare):
        sides = [_value(side, cell) for side in (node.left, *node.comparators)]
        pairs = zip(node.ops, sides, sides[1:], strict=False)
        return all(_COMPARE[type(op)](a, b) for op, a, b in pairs)
    raise TypeError(f"{ast.dump(node)} was not checked")
