"""Exit codes, and how a command ends with one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer

from refutable.claims.records import Verdict
from refutable.cli.printing import apart, echo, echo_json
from refutable.errors import MisuseError, RefutableError, StoreError, UnknownClaim, text_of
from refutable.running.leaving import Leaving, staying
from refutable.running.whereabouts import located

if TYPE_CHECKING:
    from refutable.deciding.results import ClaimResult

FINE, FAILED, MISUSE, INSUFFICIENT, STOPPED = 0, 1, 2, 3, 130


class NothingLeft(MisuseError):
    """No claim is left to work on.

    Parameters
    ----------
    text : str
    **details : object
        What JSON says besides, such as the problems.
    """

    def __init__(self, text: str, **details: Any) -> None:
        super().__init__(text)
        self.details = details


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
    """Make a command that returns its exit code end with it.

    Our errors, and what the operating system says of a file, are one paragraph on standard error,
    and under `--json` an object with the key `error` on standard output.
    """

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        as_json = kwargs.get("as_json", False)
        with apart(as_json):
            try:
                with staying():
                    code = command(*args, **kwargs)
            except (KeyboardInterrupt, RefutableError, OSError, SystemExit, Leaving) as error:
                if isinstance(error, BrokenPipeError):  # whoever reads has read enough
                    raise
                code = _tell(error, as_json)
        raise typer.Exit(code)

    return run


def _tell(error: BaseException, as_json: bool) -> int:
    """Say what ended a command early; return the exit code."""
    details: dict[str, Any] = {}
    if isinstance(error, KeyboardInterrupt):
        code, text, details = STOPPED, "stopped; what was finished is stored", {"stopped": True}
    elif isinstance(error, OSError):
        code, text = MISUSE, _file_trouble(error)
    elif isinstance(error, SystemExit):  # a claim's own: commands end by returning a code
        code, text = FAILED, f"a claim ended the command: {located(error, '')}"
    else:
        misuse = isinstance(error, MisuseError | StoreError | UnknownClaim)
        code, text = MISUSE if misuse else FAILED, text_of(error)
    if isinstance(error, NothingLeft):
        details = error.details
    if as_json:
        echo_json({"error": text, **details})
    echo(text if code == STOPPED else f"error: {text}", err=True)
    return code


def _file_trouble(error: OSError) -> str:
    if error.filename is None:
        return str(error)
    return f"{error.filename} cannot be used: {error.strerror}. Choose another path."
