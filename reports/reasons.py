"""Why a claim has its verdict, in words."""

from __future__ import annotations

from refutable.reports import numbers

from refutable.claims.records import Verdict
from refutable.deciding.results import CheckResult, ClaimResult

_TELLING = {str(Verdict.REFUTED): "outside", str(Verdict.UNDECIDED): "open"}
"""Verdict to the status of the check that it rests on."""


def reason(result: ClaimResult) -> str:
    """Return the stored reason; where it rests on a yes or a no, what was compared with what.

    Parameters
    ----------
    result : ClaimResult
        Of any age: older ones give such a check as an interval from 0 to 1.
    """
    status = _TELLING.get(result.verdict)
    check = next((check for check in result.checks if check.status == status), None)
    if check is None or not check.yes_or_no or not check.detail:
        return result.reason
    return _compared(check)


def _compared(check: CheckResult) -> str:
    at = f" at {numbers.cell(check.cell)}" if check.cell else ""
    return f"{check.functional}{at}: {check.detail}"
