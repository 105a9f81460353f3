"""Numbers and ranges as they are written after options."""

from __future__ import annotations

import numpy as np

from refutable.errors import MisuseError


def number(text: str, option: str) -> int | float:
    """Return a number, whole where it is written so.

    Raises
    ------
    MisuseError
        If it is none.
    """
    plain = text.replace("_", "")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    raise MisuseError(f"{option} {text}: give a number.")


def values_of(text: str) -> tuple[str, tuple[float, ...]]:
    """Return a parameter and its values: `n=50,100` or `ratio=0.6:1.4:20`, with `:log` if wanted.

    Raises
    ------
    MisuseError
        If it is written otherwise.
    """
    name, sign, rest = text.partition("=")
    if not sign or not rest:
        raise MisuseError(f"--over {text}: write name=1,2,3 or name=from:to:number.")
    if ":" not in rest:
        return name, tuple(number(part, f"--over {name}") for part in rest.split(","))
    parts = rest.split(":")
    if len(parts) not in (3, 4) or parts[3:] not in ([], ["log"]):
        raise MisuseError(f"--over {text}: write from:to:number, or from:to:number:log.")
    low, high = (number(part, f"--over {name}") for part in parts[:2])
    many = int(number(parts[2], f"--over {name}"))
    space = np.geomspace if parts[3:] else np.linspace
    raw = space(low, high, many).tolist()
    whole = isinstance(low, int) and isinstance(high, int)
    values = [round(value) if whole else float(f"{value:.6g}") for value in raw]
    return name, tuple(dict.fromkeys(values))
