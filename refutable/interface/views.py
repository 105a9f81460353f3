"""What the commands print for people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from refutable.claims.claim import OWN
from refutable.claims.describe import counted
from refutable.claims.mathematics import plain
from refutable.claims.records import Verdict
from refutable.deciding.distances import distance
from refutable.deciding.prospects import Prospect, total_seconds
from refutable.deciding.quoting import quoted
from refutable.deciding.results import CheckResult, ClaimResult
from refutable.running.progress import STYLES, Said, verdict_text


def verdict_table(
    results: Sequence[ClaimResult], left: int = 0, problems: int = 0
) -> RenderableType:
    """Return the table of verdicts and a line of totals."""
    if not results:
        return Said(totals(results, left, problems), "bold")
    table = Table(title="Verdicts", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    table.add_column("controls refuted")
    table.add_column("replicates", justify="right")
    table.add_column("why", overflow="fold", ratio=1)
    for result in sorted(results, key=lambda r: r.claim):
        table.add_row(
            Said(result.claim),
            verdict_text(result),
            _controls_refuted(result),
            str(result.replicates),
            Said(result.reason),
        )
    return Group(table, Said(totals(results, left, problems), "bold"))


def _controls_refuted(result: ClaimResult) -> str:
    if result.verdict in (Verdict.FAILED, Verdict.NOT_RUN):
        return "-"
    refuted = sum(control.fate == "refuted" for control in result.counted)
    vain = len(result.controls) - len(result.counted)
    more = f", {vain} by logic" if vain else ""
    held = sum(control.fate == "supported" for control in result.positive)
    right = f"; {held} of {len(result.positive)} right" if result.positive else ""
    return f"{refuted} of {len(result.counted)}{more}{right}"


def totals(results: Sequence[ClaimResult], left: int = 0, problems: int = 0) -> str:
    """Return `3 claims: 2 supported, 1 supported (approximate); all as expected`.

    Parameters
    ----------
    results : sequence of ClaimResult
        Of the claims that are decided.
    left : int
        How many are not.
    problems : int
        How many could not be tried.
    """
    order = {str(verdict): place for place, verdict in enumerate(STYLES)}
    counts = Counter((order[r.verdict], r.graded) for r in results)
    parts = ", ".join(f"{count} {graded}" for (_, graded), count in sorted(counts.items()))
    odd = sum(not result.as_expected for result in results)
    said = [f"{odd} not as expected"] if odd else []
    said += [f"{counted(left, 'claim')} not decided"] if left else []
    said += [f"{counted(problems, 'problem')}, see above"] if problems else []
    first = f"{counted(len(results), 'claim')}: {parts or 'none decided'}"
    return "; ".join([first, *(said or ["all as expected"])])


def check_table(checks: Sequence[CheckResult], title: str) -> Table:
    """Return the numbers of a claim or a control."""
    table = Table(
        title=Said(title, "table.title"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in ("functional", "cell", "estimate", "interval", "region", "predicted", "status"):
        table.add_column(name, overflow="fold")
    table.add_column("replicates", justify="right")
    for check in checks:
        cell = ", ".join(f"{name}={value}" for name, value in check.cell.items())
        numbers = ("", "", "", "") if _in_words(check) else _numbers(check)
        used = str(check.replicates)
        table.add_row(Said(check.functional), Said(cell), *map(Said, numbers), _fate(check), used)
    return table


def grounds(checks: Sequence[CheckResult]) -> list[Text]:
    """Say on what the error probability of each functional stands, once for each ground."""
    found: dict[str, list[str]] = {}
    for check in checks:
        names = found.setdefault(check.guarantee.label, [])
        names += [] if check.functional in names else [check.functional]
    return [
        Said.assemble(("Ground of ", "bold"), ", ".join(names), f": {label}")
        for label, names in found.items()
    ]


def _in_words(check: CheckResult) -> bool:
    return check.yes_or_no and bool(check.detail)


def _numbers(check: CheckResult) -> tuple[str, str, str, str]:
    low, high = check.interval
    interval = f"[{number(low)}, {number(high)}]"
    return number(check.estimate), interval, check.region_label, number(check.predicted)


def _fate(check: CheckResult) -> Text:
    if _in_words(check):
        return Said(check.detail)
    return Said(check.status + (f" ({check.detail})" if check.detail else ""))


def plan_table(claim: str, found: list[Prospect]) -> RenderableType:
    """Return what to expect of a claim."""
    table = Table(
        title=Said(claim, "table.title"), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for name in ("check", "cell", "region", "taken for true", "decides", "the cap detects"):
        table.add_column(name, overflow="fold")
    for name in ("replicates", "seconds"):
        table.add_column(name, justify="right")
    for p in found:
        check = Said(f"{p.functional}" + (f" ({p.group})" if p.group != OWN else ""))
        row = (check, Said(p.cell), Said(p.region), p.truth, _chances(p), p.detects)
        table.add_row(*row, _expected(p), f"{p.seconds:.2g}")
    return Group(table, Said(_plan_time(found), "bold"), *_plan_notes(found))


def _chances(p: Prospect) -> str:
    unsaid = "edge: the pilot cannot tell" if p.edge else "inside if every replicate is"
    known = f"inside {p.supported:.0%}, outside {p.refuted:.0%}"
    lines = [unsaid if math.isnan(p.supported) else ("edge: " if p.edge else "") + known]
    lines += [f"inside {c.supported:.0%} {c.where} ({number(c.at)})" for c in p.power]
    return "\n".join(lines + ([] if p.needs is None else [_needed(p.needs, p.cap)]))


def _needed(count: int, cap: int) -> str:
    beyond = f", more than the cap of {cap:,}" if count > cap else ""
    return f"{count:,} replicates like the pilot's decide{beyond}"


def _expected(p: Prospect) -> str:
    return f"up to {p.cap}" if p.edge else f"{p.replicates:.0f}"


def _plan_time(found: list[Prospect]) -> str:
    edge = ", an edge counted at its cap" if any(p.edge for p in found) else ""
    return f"about {total_seconds(found):.2g} s on one worker{edge}"


def _plan_notes(found: list[Prospect]) -> list[Text]:
    """Say which numbers are not exact."""
    ways = sorted({p.how for p in found} - {"exact", "computed"})
    return [Said("Not exact, but computed from: " + "; ".join(ways))] if ways else []


def number(value: float | None) -> str:
    """Return a number as people read it, a dash for none."""
    return "-" if value is None else f"{value:.5g}"


def not_yet(blocks: int, command: str) -> str:
    """Return what is said of a claim without a verdict, and the command that decides it."""
    stored = f"{counted(blocks, 'block')} stored, no verdict yet" if blocks else "not run yet"
    return f"{stored}: {command}"


def claim_view(record: dict[str, Any], result: ClaimResult | None) -> RenderableType:
    """Return everything `refutable show` says in paragraphs and tables."""
    told = quoted(record, result)
    parts: list[RenderableType] = [Said(record["id"], "bold"), *_statement(told)]
    if result is None:
        return Group(*parts)
    parts.append(Said.assemble("Verdict: ", verdict_text(result), f". {result.reason}."))
    parts.append(
        Said(
            f"Effort {result.effort}, seed {result.seed}, {counted(result.replicates, 'replicate')}"
        )
    )
    parts.append(check_table(result.checks, "Expectations"))
    parts += grounds(result.checks)
    for control in result.controls:
        far = f", {distance(control)}" if distance(control) else ""
        title = f"Control ({control.kind}): {control.name} -> {control.fate}{far}"
        parts.append(check_table(control.checks, title))
    for control in result.positive:
        title = f"Positive control ({control.kind}): {control.name} -> {control.fate}"
        parts.append(check_table(control.checks, title))
    return Group(*parts)


def repeats(result: ClaimResult) -> list[str]:
    """Return a line per failed block with the command that repeats it.

    They are to be printed as they are: a line that a table has folded cannot be pasted.
    """
    return [f"{result.claim}, to see it again: {f.command}" for f in result.failures]


def _statement(record: dict[str, Any]) -> list[Text]:
    origin = "; ".join(
        filter(None, (record["origin"], record["basis"] and f"basis: {record['basis']}"))
    )
    lines = {
        "Title": record["title"],
        "Paper": record["paper"]["citation"],
        "Source": record["source"],
        "Origin": origin,
        "Statement": record["statement"],
        "Formula": record["formula"],
        "Scope": f"{record['scope']}; evidence: {record['evidence']}",
        "Assumes": "; ".join(record["assumptions"]),
        "Does not show": record["does_not_show"],
        "Measured": " ".join(record["notes"]),
        "Expected": record["expected"] + (f": {record['why']}" if record["why"] else ""),
    }
    said = {
        name: text if name == "Formula" else plain(text) for name, text in lines.items() if text
    }
    return [Said.assemble((f"{name}: ", "bold"), text) for name, text in said.items()]
