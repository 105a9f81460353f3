"""The commands, thin: they parse, call, print and exit."""

from __future__ import annotations

import typer

from claimcheck import __version__
from claimcheck.cli import guarding, inspecting, running

app = typer.Typer(
    name="claimcheck",
    help="Turns theorems of machine-learning papers into checks that can fail, and decides them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (running, inspecting, guarding):
    module.register(app)


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if version:
        typer.echo(f"claimcheck {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command.

    Exit codes: 0 fine, 1 an unexpected verdict, 2 misuse, 3 evidence insufficient, 130 stopped.
    """
    app()
