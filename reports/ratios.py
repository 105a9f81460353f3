"""How close a bound is: what was found, as a share of what was claimed."""

from __future__ import annotations

import math

from refutable.deciding.results import CheckResult


def tightness(check: CheckResult) -> dict[str, float | None] | None:
    """Return estimate / bound of a one-sided check with its Monte Carlo standard error.

    None where a ratio says nothing: two-sided regions, a bound of zero, and probabilities, whose
    bounds are thresholds rather than predicted values.
    """
    bound = _bound(check)
    if bound is None or check.estimate is None:
        return None
    error = check.standard_error
    return {
        "bound": bound,
        "ratio": check.estimate / bound,
        "standard_error": None if error is None else error / abs(bound),
    }


def _bound(check: CheckResult) -> float | None:
    low, high = check.region
    one_sided = math.isinf(low) != math.isinf(high)
    if not one_sided or check.functional.startswith("P(") or check.yes_or_no:
        return None
    bound = high if math.isinf(low) else low
    return bound if bound != 0 else None
