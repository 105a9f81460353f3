"""The commands, thin: they parse, call, print and exit."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from refutable._version import __version__
from refutable.cli import deferred
from refutable.cli.printing import echo_json


class Commands(TyperGroup):
    """The commands; options that cannot be read are told in JSON too, where that is asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Note whether JSON is asked for."""
        ctx.meta["refutable.json"] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is named."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            said = getattr(error, "format_message", None)  # the parser's own, whoever ships it
            if said is not None and ctx.meta["refutable.json"]:
                echo_json({"error": said()})
            raise


app = typer.Typer(
    cls=Commands,
    name="refutable",
    help="Turns theorems of machine-learning papers into checks that can fail, and decides them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
deferred.register(app)


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        typer.echo(f"refutable {__version__}")
        raise typer.Exit
