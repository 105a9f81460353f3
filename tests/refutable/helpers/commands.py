"""Runs the command, in this process or in one of its own."""

import subprocess
import sys

import example_claims
from typer.testing import CliRunner

from refutable.cli.app import app

EXAMPLE = example_claims.__file__


def refutable(*arguments):
    """Run the command in this process; return exit code, standard output and standard error."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


def fresh(*arguments):
    """Run the command in a process of its own, where changed files are read again."""
    command = [sys.executable, "-m", "refutable", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr
