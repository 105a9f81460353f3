"""Symbolic identities: whether an expression vanishes on its whole domain."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from refutable.extras import Library

if TYPE_CHECKING:
    import sympy
else:
    sympy = Library("sympy")  # starts slowly, and only the extra `suite` brings it

Points = Sequence[object]

PROVED = "proved"
OPEN = "open"
DIGITS = 50
"""Decimal digits of the evaluation at a point."""
DEFAULT_POINTS = ("1/2", "2", "3/7", "5")
MOST_POINTS = 256


def vanishes(expr: sympy.Expr, **ranges: Points) -> str:
    """Say whether a SymPy expression is identically zero.

    Parameters
    ----------
    expr : sympy.Expr
        Usually the difference of the two sides of an identity. Declare what is known of its symbols
        (``positive=True``, ``integer=True``): simplification may use it.
    **ranges : sequence
        For a symbol's name, the rational points (numbers or strings such as ``"1/3"``) at which
        to try a refutation; a few default points that suit the symbol's assumptions otherwise.

    Returns
    -------
    str
        ``"proved"`` if SymPy simplifies it to zero; ``"refuted at {point}: {value}"`` if its value
        at a rational point is not zero, exactly or to many more digits than the working
        precision loses; ``"open"`` if neither succeeded.

    Raises
    ------
    ValueError
        If a range names no symbol of the expression or is empty.
    """
    expr = sympy.sympify(expr)
    symbols = sorted(expr.free_symbols, key=lambda symbol: symbol.name)
    unknown = set(ranges) - {symbol.name for symbol in symbols}
    if unknown and symbols:
        raise ValueError(f"ranges name no symbol of the expression: {sorted(unknown)}")
    # points first: a counterexample is cheap, and no simplification can overrule it
    for point in itertools.islice(_grid(symbols, ranges), MOST_POINTS):
        value = _value(expr, point)
        if value is not None and not _negligible(value):
            return f"refuted at {_shown(point)}: {sympy.N(value, 12)}"
    return PROVED if _simplifies_to_zero(expr) else OPEN


def _simplifies_to_zero(expr: sympy.Expr) -> bool:
    steps = (sympy.expand, sympy.simplify, lambda e: sympy.simplify(e.rewrite(sympy.gamma)))
    return any(step(expr) == 0 for step in steps)


def _grid(
    symbols: Sequence[sympy.Symbol], ranges: dict[str, Points]
) -> Iterator[dict[sympy.Symbol, sympy.Expr]]:
    axes = [_points(symbol, ranges.get(symbol.name)) for symbol in symbols]
    return (dict(zip(symbols, point, strict=True)) for point in itertools.product(*axes))


def _points(symbol: sympy.Symbol, given: Points | None) -> list[sympy.Expr]:
    points = [
        sympy.nsimplify(p, rational=True) for p in (DEFAULT_POINTS if given is None else given)
    ]
    if given is not None and not points:
        raise ValueError(f"the range of {symbol.name} is empty")
    if given is None and symbol.is_integer:
        points = [sympy.Integer(p) for p in (2, 3, 5)]
    return points


def _value(expr: sympy.Expr, point: dict[sympy.Symbol, sympy.Expr]) -> sympy.Expr | None:
    """Return the expression's value, or None where it has no finite one."""
    exact = expr.subs(point).doit()
    if exact.is_Rational:
        return exact
    value = sympy.N(exact, DIGITS)
    return value if value.is_number and value.is_finite else None


def _negligible(value: sympy.Expr) -> bool:
    if value.is_Rational:
        return bool(value == 0)
    return bool(abs(value) < sympy.Float(10) ** (-DIGITS // 2))


def _shown(point: dict[sympy.Symbol, sympy.Expr]) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in point.items()) or "(no symbols)"
