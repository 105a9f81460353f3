"""Exit codes, and how a command ends with one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import typer

from claimcheck.errors import ClaimcheckError, MisuseError, StoreError, UnknownClaim
from claimcheck.records import Verdict
from claimcheck.results import ClaimResult

FINE, FAILED, MISUSE, INSUFFICIENT, STOPPED = 0, 1, 2, 3, 130


def exit_code(results: Sequence[ClaimResult], problems: int = 0) -> int:
    """Return 0 fine, 1 an unexpected verdict, 3 evidence insufficient.

    Parameters
    ----------
    results : sequence of ClaimResult
        Of the run.
    problems : int
        How many claims could not be registered; each counts as failed.
    """
    unexpected = [r for r in results if not r.as_expected]
    if problems or any(r.verdict != Verdict.UNDECIDED for r in unexpected):
        return FAILED
    return INSUFFICIENT if unexpected else FINE


def ending(command: Callable[..., int]) -> Callable[..., None]:
    """Make a command that returns its exit code end with it; our errors are one paragraph."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            code = command(*args, **kwargs)
        except KeyboardInterrupt:
            typer.echo("stopped; what was finished is stored", err=True)
            code = STOPPED
        except ClaimcheckError as error:
            typer.echo(f"error: {error}", err=True)
            misuse = isinstance(error, MisuseError | StoreError | UnknownClaim)
            code = MISUSE if misuse else FAILED
        raise typer.Exit(code)

    return run
