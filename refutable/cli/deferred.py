"""Commands whose modules are imported when they are called, not when help lists them."""

from __future__ import annotations

import importlib
from typing import Any

import typer
from typer.core import TyperCommand

from refutable.cli.quiet import leaving_quietly

COMMANDS = {
    "new": ("starting", "Write a claim file that runs at once, to start from."),
    "run": ("running", "Decide claims: all of them, or those named."),
    "rerun": ("running", "Draw exactly one block again and print what it gave."),
    "report": ("running", "Write the reports from stored results; nothing is simulated."),
    "diff": ("running", "Show two runs side by side."),
    "onset": (
        "onsets",
        "Find from which value of a parameter on an expectation holds, with a stated error.",
    ),
    "map": (
        "onsets",
        "Decide in which cells of a plane an expectation holds, with one error for the whole.",
    ),
    "tightness": (
        "onsets",
        "Measure how tight a bound is: its ratio to what it bounds, and what constant suffices.",
    ),
    "list": ("listing", "List the claims."),
    "show": (
        "inspecting",
        "Show a claim: statement, prediction, data, intervals, controls, verdict and why.",
    ),
    "explain": ("inspecting", "Say in words what would change the verdict of a claim."),
    "plan": (
        "inspecting",
        "Say how much data and time a verdict will take, and what the cap could detect.",
    ),
    "status": ("inspecting", "Say which results are fresh, stale (and why) or missing."),
    "compare": ("guarding", "Compare stored results with the baseline."),
    "accept": ("guarding", "Make stored results the baseline, for a reason that is recorded."),
}
"""Name to its module in `refutable.cli` and the first line of its help, in the order of help."""


class Deferred(TyperCommand):
    """Stands for a command until it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Parse the arguments with the command itself."""
        return command(str(self.name)).make_context(info_name, args, parent, **extra)


def command(name: str) -> Any:
    """Return a command, as its module registers it."""
    return commands_of(COMMANDS[name][0])[name]


def commands_of(module: str) -> dict[str, Any]:
    """Return all commands of a module in `refutable.cli`, by name."""
    with leaving_quietly():
        loaded = importlib.import_module(f"refutable.cli.{module}")
    registered = typer.Typer(add_completion=False, rich_markup_mode=None)
    loaded.register(registered)
    return dict(typer.main.get_group(registered).commands)


def register(app: typer.Typer) -> None:
    """Add a stand-in for every command."""
    for name, (_, text) in COMMANDS.items():
        app.command(name, help=text, cls=Deferred)(_stand_in)


def _stand_in() -> None:
    """Nobody calls it: `Deferred` hands over before anything is parsed."""
