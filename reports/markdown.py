"""The Markdown summary of a run and the annotations of its worst findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from refutable.reports import grounds, totals, troubles, wording
from refutable.reports.attention import attention
from refutable.reports.text import count, grouped, one_line

Model = dict[str, Any]

LIMIT = 900_000
"""Bytes; step summaries of continuous integration are cut or refused above a megabyte."""

MOST_ANNOTATIONS = 10
_SPECIAL = "\\`*_{}[]()<>#+!|~@$&:"
_ENTITIES = {ord(character): f"&#{ord(character)};" for character in _SPECIAL}


def escaped(text: str, limit: int = 300) -> str:
    """Return text as one line of Markdown in which nothing is markup."""
    return one_line(text, limit).translate(_ENTITIES)


def summary(model: Model, limit: int = LIMIT) -> str:
    """Return a run as Markdown of less than `limit` bytes.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    limit : int
        Rows of the verdict table that would exceed it are left out, and counted.
    """
    head = "\n".join(_head(model))
    rows = list(_rows(model))
    room = limit - len(head.encode()) - 400
    kept = _that_fit(rows, room)
    rest = len(rows) - len(kept)
    more = [f"\nand {count(rest, 'claim')} more in report.json\n"] if rest else []
    return "\n".join([head, *kept, *more, *(["\n</details>\n"] if rows else [])])


def _that_fit(rows: list[str], room: int) -> list[str]:
    used, kept = 0, []
    for row in rows:
        used += len(row.encode()) + 1
        if used > room:
            break
        kept.append(row)
    return kept


def _head(model: Model) -> Iterator[str]:
    found = model["summary"]
    yield "## refutable\n"
    yield f"**{escaped(totals.headline(found))}**"
    yield escaped(totals.judgement(found, model["unfinished"], model["problems"])) + "\n"
    yield escaped(grounds.basis(model), 2000) + "\n"
    yield from _attention(model)
    if found["claims"]:
        yield "<details><summary>All verdicts</summary>\n"
        yield "| Claim | Verdict | Scope | Evidence | Controls | Replicates |"
        yield "|---|---|---|---|---|---:|"


def _attention(model: Model, most: int = 50) -> Iterator[str]:
    unexpected = attention(model["claims"])
    if not unexpected and not model["problems"] and not model["unfinished"]:
        return
    yield "### What needs attention\n"
    for claim in unexpected[:most]:
        note = escaped(wording.expectation_note(claim))
        name, reason = escaped(claim["id"]), escaped(claim["reason"])
        yield f"- **{claim['graded']}** {name} ({note}): {reason}"
    if len(unexpected) > most:
        yield f"- and {count(len(unexpected) - most, 'further claim')}"
    for problem in model["problems"][:most]:
        name = escaped(troubles.name(problem))
        yield f"- **not registered** {name}: {escaped(problem['text'])}"
    for one in model["unfinished"][:most]:
        yield f"- **unfinished** {escaped(one['claim'])}: {totals.begun(one['blocks'])}"
    yield ""


def _rows(model: Model) -> Iterator[str]:
    for claim in model["claims"]:
        note = wording.expectation_note(claim)
        cells = (
            escaped(claim["id"]),
            f"{claim['graded']}{f' ({escaped(note)})' if note else ''}",
            escaped(claim["scope"] or ""),
            escaped(claim["evidence"] or ""),
            wording.controls_note(claim),
            grouped(claim["replicates"]),
        )
        yield f"| {' | '.join(cells)} |"


def notices(model: Model) -> str:
    """Return workflow commands for at most ten findings, worst first, one a line.

    Parameters
    ----------
    model : dict
        As `refutable.reports.model.build` returns it.
    """
    lines = [*map(_problem, model["problems"]), *map(_annotation, attention(model["claims"]))]
    shown = lines if len(lines) <= MOST_ANNOTATIONS else lines[: MOST_ANNOTATIONS - 1]
    rest = len(lines) - len(shown)
    said = f"{count(rest, 'further finding')} in the report"
    more = [_command("warning", "refutable", said)]
    return "".join(f"{line}\n" for line in [*shown, *(more if rest else [])])


def _problem(problem: Model) -> str:
    title = f"not registered: {troubles.name(problem)}"
    return _command("error", title, problem["text"])


def _annotation(claim: Model) -> str:
    level = "warning" if claim["verdict"] in ("undecided", "not run") else "error"
    title = f"{claim['id']}: {claim['verdict']} ({wording.expectation_note(claim)})"
    return _command(level, title, f"{claim['reason']} [{claim['command']}]", _file(claim))


def _file(claim: Model) -> str:
    place = claim["place"] or ""
    ours = place.removeprefix("refutable.")
    return f"{ours.replace('.', '/')}.py" if ours.startswith("simulations.") else ""


def _command(level: str, title: str, text: str, file: str = "") -> str:
    where = f"file={_property(file)}," if file else ""
    return f"::{level} {where}title={_property(one_line(title, 120))}::{_message(text)}"


def _message(text: str) -> str:
    return _replaced(one_line(text, 1000), (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")))


def _property(text: str) -> str:
    return _replaced(_message(text), ((":", "%3A"), (",", "%2C")))


def _replaced(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text
