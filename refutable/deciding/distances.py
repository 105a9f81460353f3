"""How far a control lies from its region: a near miss, or a straw man.

Two units: half-widths of the interval that the run ended with, which say how much more evidence
there was than it took, and margins of the claim, which say how false the control is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from refutable.deciding.results import CheckResult, ControlResult


def measured(control: ControlResult, own: Iterable[CheckResult]) -> ControlResult:
    """Return a control with its distances; None where there is no such number.

    Of several checks the one counts that refuted it most clearly: a control needs no more.

    Parameters
    ----------
    control : ControlResult
    own : iterable of CheckResult
        The claim's own checks, whose regions have the margins.
    """
    own = tuple(own)
    half_widths = [half_widths_off(check) for check in control.checks if _decides(check)]
    margins = [margins_off(check, own) for check in control.checks if _decides(check)]
    return ControlResult(
        control.name, control.kind, control.fate, control.checks, _most(half_widths), _most(margins)
    )


def distance(control: ControlResult) -> str:
    """Return how far it lies from its region in words, empty where there is no such number."""
    units = (
        ("half-widths of its interval", control.half_widths),
        ("margins of the claim", control.margins),
    )
    said = [f"{value:.3g} {unit}" for unit, value in units if value is not None]
    return f"{' or '.join(said)} off" if said else ""


def off(check: CheckResult) -> float | None:
    """Return how far its estimate lies outside the region; 0 within, None without an estimate."""
    if check.estimate is None or check.yes_or_no:
        return None
    lower, upper = check.region
    return max(lower - check.estimate, check.estimate - upper, 0.0)


def half_widths_off(check: CheckResult) -> float | None:
    """Return that in half-widths of the interval; None where it has no width or no end."""
    half = (check.interval[1] - check.interval[0]) / 2
    return _in_units(off(check), half)


def margins_off(check: CheckResult, own: Iterable[CheckResult]) -> float | None:
    """Return that in margins of the claim: half the width of its narrowest region for it.

    None where the claim's region of this functional has one end only. Of regions in several cells
    that of the same cell counts, or else the narrowest.
    """
    alike = [c for c in own if c.functional == check.functional and _decides(c)]
    there = [c for c in alike if c.cell == check.cell] or alike
    halves = [(c.region[1] - c.region[0]) / 2 for c in there]
    return _in_units(off(check), min(halves, default=math.inf))


def _decides(check: CheckResult) -> bool:
    return check.status != "shown"


def _in_units(distance: float | None, unit: float) -> float | None:
    known = distance is not None and math.isfinite(distance)
    return distance / unit if known and distance is not None and 0 < unit < math.inf else None


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
