"""Runs the command where some libraries are not installed."""

import subprocess
import sys

HIDE = """
import sys
from importlib.machinery import PathFinder
HIDDEN, sys.argv = sys.argv[1].split(","), ["refutable", *sys.argv[2:]]
class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.split(".")[0] in HIDDEN else super().find_spec(name, path, target)
    @classmethod
    def find_distributions(cls, *context):
        found = super().find_distributions(*context)
        return (d for d in found if d.name.replace("scikit-learn", "sklearn") not in HIDDEN)
sys.meta_path[sys.meta_path.index(PathFinder)] = Without
from refutable.cli import main
main()
"""


def without(libraries, *arguments):
    """Return exit code, standard output and standard error of the command in its own process."""
    command = [sys.executable, "-c", HIDE, ",".join(libraries), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr
