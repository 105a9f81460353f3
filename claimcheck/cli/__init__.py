"""The command line."""

from claimcheck.cli.app import main

__all__ = ["main"]
