"""The words in which a claim is said: its verdict, its controls, what it still needs."""

from __future__ import annotations

from typing import Any

from refutable.reports import checked, numbers
from refutable.reports.claims import counted
from refutable.reports.text import count

Model = dict[str, Any]


def expectation_note(claim: Model) -> str:
    """Return whether a verdict is the expected one, in words; empty where that goes unsaid."""
    if claim["verdict"] == claim["expected"]:
        return "" if claim["verdict"] == "supported" else "as expected"
    if claim["as_expected"]:
        return "data must be brought"
    return f"expected: {claim['expected']}"


def controls_note(claim: Model) -> str:
    """Return `3 of 3 refuted`."""
    controls = claim["controls"]
    if not controls:
        return "\u2013"
    kept = counted(controls)
    refuted = sum(control["fate"] == "refuted" for control in kept)
    vain = len(controls) - len(kept)
    more = f", {vain} by logic" if vain else ""
    held = sum(control["fate"] == "supported" for control in claim["positive"])
    right = (
        f"; {held} of {len(claim['positive'])} right ones supported" if claim["positive"] else ""
    )
    return f"{refuted} of {len(kept)} refuted{more}{right}"


def controls_failed(controls: list[Model], wanted: str) -> bool:
    """Say whether a control that counts has not the fate that it must have."""
    return any(control["fate"] not in (wanted, "not run") for control in counted(controls))


def controls_line(controls: list[Model], wanted: str) -> str:
    """Return `3 of 3 refuted, as they must be`."""
    kept = counted(controls)
    held = sum(control["fate"] == wanted for control in kept)
    must = (
        ("as it must be" if len(kept) == 1 else "as they must be")
        if held == len(kept)
        else ("as all must be")
    )
    vain = len(controls) - len(kept)
    more = f"; {vain} more by logic alone" if vain else ""
    return f"{held} of {len(kept)} {wanted}, {must}{more}"


def what_it_takes(claim: Model) -> str:
    """Return what an undecided claim still needs."""
    open_checks = [check for check in claim["checks"] if check["status"] == "open"]
    if not open_checks:
        return f"{claim['reason']}. Run the same command again to go on."
    check = open_checks[0]
    if check["yes_or_no"]:
        return f"{_name(check)}: {checked.interval(check)}. Run the same command again to go on."
    return (
        f"{_name(check)}: the interval {numbers.interval(check['interval'])} after "
        f"{count(check['replicates'], 'replicate')} must lie inside or outside "
        f"{numbers.relation(check['region_label'])}; a larger effort draws more."
    )


def _name(check: Model) -> str:
    return f"{check['functional']} at {check['label']}" if check["label"] else check["functional"]


def figure_text(claim: Model) -> str:
    """Return the alternative text of a claim's figure: it says the result."""
    decided = [check for check in claim["checks"] if check["status"] != "shown"]
    inside = sum(check["status"] == "inside" for check in decided)
    controls = counted(claim["controls"])
    out = sum(control["fate"] == "refuted" for control in controls)
    lie = "lies inside its" if len(decided) == 1 else "lie inside their"
    region = "region" if len(decided) == 1 else "regions"
    are = "is" if len(controls) == 1 else "are"
    return (
        f"Figure of {claim['id']}, {claim['verdict']}: {inside} of "
        f"{count(len(decided), 'interval')} {lie} acceptance {region}; {out} of "
        f"{count(len(controls), 'control')} {are} refuted. The numbers are in the tables beside it."
    )
