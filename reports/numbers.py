"""Numbers as people read them."""

from __future__ import annotations

import math
import re
from typing import Any

_POWER = re.compile(r"-?\d[\d.]*e[+-]?\d+")
MINUS, INFINITY = "\u2212", "\u221e"


def number(value: float | bool | None, digits: int = 4) -> str:
    """Return a number with so many significant digits; an en dash where there is none."""
    if value is None:
        return "\u2013"
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isinf(value):
        return INFINITY if value > 0 else MINUS + INFINITY
    whole = float(value).is_integer() and abs(value) < 10**7
    text = f"{int(value)}" if whole else f"{value:.{digits}g}"
    return _typeset(text)


def _typeset(text: str) -> str:
    mantissa, mark, exponent = text.partition("e")
    mantissa = mantissa.replace("-", MINUS)
    if not mark:
        return mantissa
    return f"{mantissa}\u00d710{_superscript(int(exponent))}"


def _superscript(exponent: int) -> str:
    digits = str(exponent).replace("-", "\u207b")
    return digits.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def interval(ends: tuple[float | None, float | None], digits: int = 4) -> str:
    """Return `[low, high]`; None is an infinite end, written with a round bracket."""
    low, high = ends
    left = f"({MINUS}{INFINITY}" if low is None else f"[{number(low, digits)}"
    right = f"{INFINITY})" if high is None else f"{number(high, digits)}]"
    return f"{left}, {right}"


def relation(label: str) -> str:
    """Return a region's label with the signs of print: `>= 0.8` becomes `≥ 0.8`."""
    signs = label.replace(">=", "\u2265").replace("<=", "\u2264")
    return _POWER.sub(lambda found: _typeset(found[0]), signs).replace("-", MINUS)


def cell(values: dict[str, Any]) -> str:
    """Return `n=200, ratio=0.8163` for people; the exact values stay in the model."""
    return ", ".join(_parts(values))


def _parts(values: dict[str, Any]) -> list[str]:
    return [f"{name}={_value(value)}" for name, value in values.items()]


def parameters(check: dict[str, Any]) -> list[str]:
    """Return the parameters of a check's cell one by one, in the order of its label."""
    return sorted(_parts(check["cell"]), key=check["label"].find)


def _value(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def seconds(value: float | None) -> str:
    """Return a duration: `0.4 s`, `3 min 20 s`."""
    if value is None:
        return "\u2013"
    if value < 100:
        return f"{number(value, 2)} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def probability(value: float) -> str:
    """Return a probability with two digits, as a percentage where that reads better."""
    return f"{number(100 * value, 2)} %" if value >= 1e-3 else number(value, 2)
