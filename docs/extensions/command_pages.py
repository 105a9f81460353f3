"""The reference of the command, written from what the command's parser knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from refutable.cli.deferred import COMMANDS, command

MARK = "<!-- commands -->"


def reference() -> str:
    """Return every command with its arguments and options, as Markdown."""
    return "\n".join(line for name in COMMANDS for line in section(name))


def section(name: str) -> Iterator[str]:
    """Yield the lines of one command."""
    found = command(name)
    context = found.context_class(found, info_name=f"refutable {name}")
    yield f"## {name}\n\n{_sentence(found.help)}\n"
    yield f"```text\n{' '.join([context.info_name, *found.collect_usage_pieces(context)])}\n```\n"
    yield "| option | means |\n| --- | --- |"
    records = (parameter.get_help_record(context) for parameter in found.params)
    yield from (row(*record) for record in records if record and record[0].startswith("-"))
    yield ""


def row(names: str, text: str) -> str:
    """Return a line of the table of options."""
    return f"| `{_sentence(names)}` | {_sentence(text)} |"


def _sentence(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", r"\|")


def fill(app: Any, docname: str, source: list[str]) -> None:
    """Put the reference in the place of its mark."""
    del app, docname
    if MARK in source[0]:
        source[0] = source[0].replace(MARK, reference())


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx to ask for it."""
    app.connect("source-read", fill)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
