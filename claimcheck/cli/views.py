"""What the commands print for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from claimcheck.claim import OWN
from claimcheck.progress import STYLES, verdict_text
from claimcheck.prospects import Prospect, total_seconds
from claimcheck.results import CheckResult, ClaimResult


def verdict_table(results: Sequence[ClaimResult]) -> RenderableType:
    """Return the table of verdicts and a line of totals."""
    table = Table(title="Verdicts", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("verdict", overflow="fold")
    table.add_column("controls refuted")
    table.add_column("replicates", justify="right")
    table.add_column("why", overflow="fold", ratio=1)
    for result in sorted(results, key=lambda r: r.claim):
        refuted = sum(control.fate == "refuted" for control in result.controls)
        table.add_row(
            Text(result.claim),
            verdict_text(result),
            f"{refuted} of {len(result.controls)}",
            str(result.replicates),
            Text(result.reason),
        )
    return Group(table, Text(totals(results), "bold"))


def totals(results: Sequence[ClaimResult]) -> str:
    """Return `3 claims: 2 supported, 1 refuted; all as expected`."""
    counts = {v: sum(r.verdict == v for r in results) for v in STYLES}
    parts = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    odd = sum(not result.as_expected for result in results)
    expected = f"{odd} not as expected" if odd else "all as expected"
    return f"{len(results)} claims: {parts or 'none'}; {expected}"


def check_table(checks: Sequence[CheckResult], title: str) -> Table:
    """Return the numbers of a claim or a control."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("functional", "cell", "estimate", "interval", "region", "predicted", "status"):
        table.add_column(name, overflow="fold")
    table.add_column("replicates", justify="right")
    for check in checks:
        cell = ", ".join(f"{name}={value}" for name, value in check.cell.items())
        table.add_row(
            Text(check.functional),
            Text(cell),
            number(check.estimate),
            f"[{number(check.interval[0])}, {number(check.interval[1])}]",
            check.region_label,
            number(check.predicted),
            Text(check.status + (f" ({check.detail})" if check.detail else "")),
            str(check.replicates),
        )
    return table


def plan_table(claim: str, found: list[Prospect]) -> RenderableType:
    """Return what to expect of a claim."""
    table = Table(title=claim, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("check", "cell", "region", "decides", "the cap detects"):
        table.add_column(name, overflow="fold")
    for name in ("replicates", "seconds"):
        table.add_column(name, justify="right")
    for p in found:
        check = Text(f"{p.functional}" + (f" ({p.group})" if p.group != OWN else ""))
        chances = f"inside {p.supported:.0%}, outside {p.refuted:.0%}"
        row = (check, Text(p.cell), p.region, chances, p.detects)
        table.add_row(*row, f"{p.replicates:.0f}", f"{p.seconds:.2g}")
    return Group(table, Text(f"about {total_seconds(found):.2g} s on one worker", "bold"))


def number(value: float | None) -> str:
    """Return a number as people read it, a dash for none."""
    return "-" if value is None else f"{value:.5g}"


def claim_view(record: dict[str, Any], result: ClaimResult | None) -> RenderableType:
    """Return everything `claimcheck show` says."""
    parts: list[RenderableType] = [Text(record["id"], "bold"), *_statement(record)]
    if result is None:
        parts.append(Text("not run yet: claimcheck run " + record["id"], "yellow"))
        return Group(*parts)
    parts.append(Text.assemble("Verdict: ", verdict_text(result), f". {result.reason}."))
    parts.append(
        Text(f"Effort {result.effort}, seed {result.seed}, {result.replicates} replicates")
    )
    parts.append(check_table(result.checks, "Expectations"))
    for control in result.controls:
        title = f"Control ({control.kind}): {control.name} -> {control.fate}"
        parts.append(check_table(control.checks, title))
    parts += [Text(f"To see it again: {f.command}", "red") for f in result.failures]
    return Group(*parts)


def _statement(record: dict[str, Any]) -> list[Text]:
    lines = {
        "Paper": record["paper"]["citation"],
        "Source": record["source"],
        "Statement": record["statement"],
        "Formula": record["formula"],
        "Scope": f"{record['scope']}; evidence: {record['evidence']}",
        "Assumes": "; ".join(record["assumptions"]),
        "Does not show": record["does_not_show"],
        "Expected": record["expected"] + (f": {record['why']}" if record["why"] else ""),
    }
    return [Text.assemble((f"{name}: ", "bold"), text) for name, text in lines.items() if text]
