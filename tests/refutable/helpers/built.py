"""Wheels, and bare environments to install them into."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

from packaging.requirements import Requirement

TREE = Path(__file__).parents[3]
NO_SOURCES = (".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "public")


def run(command, place=None):
    """Run a command that must succeed; return what it printed."""
    command = [str(word) for word in command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def copy_of_the_tree(folder):
    """Copy what a clone holds; a build in the tree itself would leave its modules there."""
    return shutil.copytree(TREE, folder, ignore=shutil.ignore_patterns(*NO_SOURCES))


def wheel_of(source, folder):
    """Return the wheel of a source tree, built with the setuptools of this environment."""
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder)
    run([sys.executable, "-m", "pip", "wheel", *options, source])
    (wheel,) = folder.glob("*.whl")
    return wheel


def files_in(wheel):
    """Return the names of the files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def distributions_for(wheel, *extras):
    """Return the distributions that a wheel asks for with these extras, and what those ask for."""
    metadata = next(name for name in files_in(wheel) if name.endswith(".dist-info/METADATA"))
    lines = zipfile.Path(wheel, metadata).read_text().splitlines()
    asked = [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]
    found, waiting = {}, _applicable(asked, extras)
    while waiting:
        one = waiting.pop()
        if one.name not in found:
            found[one.name] = importlib.metadata.distribution(one.name)
            waiting += _applicable(found[one.name].requires or (), one.extras)
    return list(found.values())


def _applicable(texts, extras):
    worlds = [{"extra": extra} for extra in ("", *extras)]
    every = [Requirement(text) for text in texts]
    return [one for one in every if not one.marker or any(map(one.marker.evaluate, worlds))]


class Environment:
    """An environment that holds the given distributions, by links, and what is installed later."""

    def __init__(self, folder, distributions):
        venv.create(folder, with_pip=False)
        self.python = folder / "bin" / "python"
        (self.site,) = folder.glob("lib/python*/site-packages")
        for distribution in distributions:
            tops = {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}
            for top in tops:
                if not (self.site / top).exists():
                    (self.site / top).symlink_to(Path(distribution.locate_file(top)).resolve())

    def install(self, *wheels):
        """Install wheels as they are."""
        self._pip("install", "--no-deps", "--no-index", *wheels)

    def uninstall(self, name):
        """Remove a distribution."""
        self._pip("uninstall", "--yes", name)

    def _pip(self, *arguments):
        run([sys.executable, "-m", "pip", "--python", self.python, *arguments])

    def imports(self, name, place):
        """Say whether a module can be imported."""
        command = [self.python, "-c", f"import {name}"]
        return subprocess.run(command, cwd=place, capture_output=True, check=False).returncode == 0

    def verdicts(self, *names, place):
        """Return claim id to verdict of a run that must be green."""
        words = ("-m", "refutable", "run", *names, "--json", "--workers", 1, "--store", place / "s")
        results = json.loads(run([self.python, *words], place))["results"]
        return {result["claim"]: result["verdict"] for result in results}
