"""Checks as the rows of a table: computed values of many cells in one row, and no empty columns.

What is computed has values and no interval; sixteen identities that must all hold to the same
tolerance are one fact, the worst of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from refutable.reports import numbers
from refutable.reports.text import count, grouped

from refutable.claims.records import Evidence

Model = dict[str, Any]

MOST = {"own": 16, "control": 8}
"""Rows of a table; the figure shows a grid, and the rest is behind the table or in checks.csv."""
SMALL = 1e-3
"""A tolerance of so small a share of the prediction makes a check an identity."""
NEAR = "the predicted value, to its tolerance"
FEWEST = 3
"""Checks that become one row; two are read as fast as their summary."""


def is_computed(check: Model) -> bool:
    """Say whether a check has computed values, the least and the largest, and no interval."""
    return not check["yes_or_no"] and check["evidence"] != Evidence.STATISTICAL


def rows(checks: Sequence[Model]) -> list[Model]:
    """Return checks in their order, those merged that say one thing of many cells.

    Returns
    -------
    list of dict
        Checks of the model with `members`, those that one stands for, and `said`, its words then.
    """
    made: list[Model] = []
    for _, members in groupby(checks, key=_kind):
        found = list(members)
        if len(found) >= FEWEST and _is_one_fact(found):
            made.append(_merged(found))
        else:
            made += [{**check, "members": [], "said": ""} for check in found]
    return made


def _is_one_fact(found: list[Model]) -> bool:
    if all(map(_is_identity, found)):
        return True
    low, high = found[0]["region"]
    if not all(map(is_computed, found)) or None in map(_worst, found):
        return False
    same = all(check["interval"] == [low, low] for check in found)
    return same if low == high else (low is None) != (high is None)


def _worst(check: Model) -> float | None:
    low, high = check["interval"]
    worst: float | None = high if check["region"][0] is None else low
    return worst


def shown(checks: Sequence[Model], kind: str) -> tuple[list[Model], list[Model]]:
    """Return the rows that a table shows, and the checks behind them and after them.

    Parameters
    ----------
    checks : sequence of dict
        Of the model.
    kind : str
        `own`, or `control`, whose tables are shorter.
    """
    every, most = rows(checks), MOST[kind]
    if len(every) > most:  # what decides against a claim is never cut off
        every = sorted(every, key=lambda row: row["status"] in ("inside", "shown"))
    behind = [check for row in every[:most] for check in row["members"]]
    return every[:most], behind + [c for row in every[most:] for c in row["members"] or [row]]


def _kind(check: Model) -> tuple[object, ...]:
    must = NEAR if _is_identity(check) else check["region_label"]
    return check["functional"], must, check["status"], is_computed(check)


def _is_identity(check: Model) -> bool:
    """Say whether a computed value must be the predicted one but for a small tolerance."""
    low, high = check["region"]
    if not is_computed(check) or None in (low, high, check["predicted"], *check["interval"]):
        return False
    held: bool = high - low <= 2 * SMALL * abs(check["predicted"])
    return held


def _off(check: Model) -> float:
    """Return how far the values are from the predicted one."""
    off: float = max(abs(end - check["predicted"]) for end in check["interval"])
    return off


def _merged(found: list[Model]) -> Model:
    if _is_identity(found[0]):
        off = max(map(_off, found))
        near = f"within {numbers.number(off, 2)} of it" if off else "equal to it"
        return {**_common(found), "region_label": NEAR, "said": f"{near} in {_tried(found)}"}
    upper = found[0]["region"][0] is None
    worst = (max if upper else min)(map(_worst, found))  # type: ignore[type-var]
    low, high = found[0]["region"]
    bound = "" if low == high else "at most " if upper else "at least "
    said = f"{bound}{numbers.number(worst, 2)} in {_tried(found)}"
    return {**_common(found), "said": said}


def _common(found: list[Model]) -> Model:
    """Return the row of several checks, but for what it says."""
    return {
        **found[0],
        "predicted": None,
        "estimate": None,
        "standard_error": None,
        "cell": {},
        "label": _cells(found),
        "replicates": sum(check["replicates"] for check in found),
        "tightness": None,
        "detail": "",
        "members": found,
    }


def _tried(found: list[Model]) -> str:
    tried = sum(check["replicates"] for check in found)
    return count(tried, "instance") if tried > len(found) else count(len(found), "cell")


def _cells(found: list[Model]) -> str:
    """Return `16 cells: n=2 to 64, d=1, 2`."""
    values: dict[str, list[Any]] = {}
    for check in found:
        for name, value in check["cell"].items():
            seen = values.setdefault(name, [])
            if value not in seen:
                seen.append(value)
    spans = [f"{name}={_span(seen)}" for name, seen in values.items() if len(seen) > 1]
    return f"{grouped(len(found))} cells{': ' * bool(spans)}{', '.join(spans)}"


def _span(values: list[Any]) -> str:
    known = [value for value in values if isinstance(value, int | float)]
    if len(known) == len(values) > 3:
        return f"{numbers.number(min(known))} to {numbers.number(max(known))}"
    shown = [numbers.number(v) if isinstance(v, int | float) else str(v) for v in values[:3]]
    return "/".join(shown) + "/\u2026" * (len(values) > 3)
