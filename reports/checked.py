"""The words in which tables say a check: what was found, and where it must lie."""

from __future__ import annotations

from typing import Any

from refutable.reports import numbers
from refutable.reports.claims import beside
from refutable.reports.merging import is_computed
from refutable.reports.text import grouped

Model = dict[str, Any]

_YES_OR_NO = {(1.0, 1.0): "yes", (0.0, 0.0): "no"}


def interval(check: Model) -> str:
    """Return the interval, or the computed values; in words where the check is a yes or a no."""
    if check["yes_or_no"]:
        return str(check["detail"]) or _YES_OR_NO.get(tuple(check["interval"]), "not yet known")
    low, high = check["interval"]
    if not is_computed(check) or low is None or high is None:
        return numbers.interval(check["interval"])
    least, largest = numbers.number(low), numbers.number(high)
    return least if least == largest else f"{least} to {largest}"


def found_in(checks: list[Model]) -> str:
    """Return the head of the column that says what was found: intervals only where there are."""
    numeric = [check for check in checks if not check["yes_or_no"]]
    if not numeric:
        return "Comparison"
    return "Values" if all(map(is_computed, numeric)) else "Interval"


def region(check: Model) -> str:
    """Return the region; in words where the check is a yes or a no."""
    if not check["yes_or_no"] or check["region"] != [1.0, None]:
        return numbers.relation(check["region_label"])
    return "proved" if check["functional"].startswith("identity ") else "reproduced"


def cells(checks: list[Model]) -> list[list[str]]:
    """Return checks that stand behind one row, as rows of a table of words."""
    return [
        [
            check["functional"],
            check["label"] or "\u2013",
            interval(check),
            grouped(check["replicates"]),
            check["detail"] or "\u2013",
        ]
        for check in checks
    ]


def losses(claim: Model) -> list[list[str]]:
    """Return the losses behind the slopes of a claim and of its controls, as rows of a table."""
    named = [("the claim", check) for check in claim["checks"]]
    named += [(c["name"], check) for c in beside(claim) for check in c["checks"]]
    return [
        [
            name,
            check["label"] or "–",
            numbers.number(rung["size"]),
            numbers.number(rung["loss"]),
            numbers.number(rung["relative_error"], 2),
            numbers.number(rung["curve"]),
        ]
        for name, check in named
        for rung in check["ladder"]
    ]
