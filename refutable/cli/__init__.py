"""The command line."""

from __future__ import annotations

from refutable.cli.quiet import leave_threads_behind, leaving_quietly


def main() -> None:
    """Run the command.

    Exit codes: 0 fine, 1 an unexpected verdict, 2 misuse, 3 evidence insufficient, 130 stopped.
    """
    with leaving_quietly():
        from refutable.cli.app import app
    try:
        app()
    finally:
        leave_threads_behind()


__all__ = ["main"]
