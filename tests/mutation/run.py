"""Change one line of a module at a time and see whether its tests notice.

``python tests/mutation/run.py kernels sdp --sample 60`` tries 60 mutants of each, chosen by a fixed
seed, prints those that survive, and ends with exit code 1 where fewer are killed than wanted. No
file is touched: a mutant lives in the memory of a child process. Compiled loops are compiled anew,
because numba's cache does not see a changed constant.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parent))

from mutants import Mutant, Slip, mutant, slips
from targets import ROOT, TARGETS, Target

HEAVY = ("numpy", "scipy.stats", "scipy.optimize", "scipy.integrate", "pandas", "pytest",
         "hypothesis", "sklearn.mixture", "sympy", "pyarrow.parquet", "numba")  # fmt: skip
"""Imported once, before the children part; the project itself each child imports anew."""

PATIENCE, GRACE = 5.0, 20.0
"""A mutant hangs that takes so many times as long as the sound module, and so many seconds more."""


@dataclass(frozen=True)
class Trial:
    """A mutant of one module."""

    path: Path
    slip: Slip


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed source."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        package = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, self.path, loader=self, submodule_search_locations=package
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(self.path), "exec"), vars(module))


def module_name(path: Path) -> str:
    """Return the dotted name under which a file is installed."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    inside = parts if parts[0] == "refutable" else ("refutable", *parts)
    return ".".join(inside[:-1] if inside[-1] == "__init__" else inside)


def _child(path: Path, source: str, tests: list[str]) -> int:
    """Run the tests against a changed module; return pytest's exit code."""
    import pytest

    with tempfile.TemporaryDirectory() as cache:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = cache
        if "compiled(" in source:
            os.environ["NUMBA_CACHE_DIR"] = cache
            sys.modules["numba.core.config"].CACHE_DIR = cache
        sys.meta_path.insert(0, _Finder(module_name(path), path, source))
        options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
        return int(pytest.main([*options, "--hypothesis-seed=0", *tests]))


def _run(path: Path, source: str, tests: list[str], limit: float) -> tuple[bool, float]:
    """Return whether the tests pass, and the seconds they took; a hang counts as a failure."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        code = 1
        with contextlib.suppress(BaseException):
            code = _child(path, source, tests)
        os._exit(code)
    while time.monotonic() - started < limit:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0, time.monotonic() - started
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False, limit


def chosen(target: Target, sample: int, seed: int) -> list[Trial]:
    """Return the mutants of a target, at most `sample` of them (all if 0)."""
    every = [Trial(path, slip) for path in target.paths() for slip in slips(path.read_text())]
    if not sample or sample >= len(every):
        return every
    picked = sorted(random.Random(seed).sample(range(len(every)), sample))
    return [every[n] for n in picked]


def survivors(target: Target, trials: list[Trial]) -> Iterator[tuple[Path, Mutant]]:
    """Yield the mutants that the tests do not notice."""
    tests, path = target.test_paths(), target.paths()[0]
    sound, seconds = _run(path, path.read_text(), tests, 1800.0)
    if not sound:
        raise SystemExit(f"the tests of {path.parent.name} fail without any mutant")
    for trial in trials:
        changed = mutant(trial.path.read_text(), trial.slip)
        nearest = sorted(tests, key=lambda test: trial.path.stem not in Path(test).stem)
        if _run(trial.path, changed.source, nearest, PATIENCE * seconds + GRACE)[0]:
            yield trial.path, changed


def report(name: str, target: Target, sample: int, seed: int) -> bool:
    """Print the survivors of a target and its score; return whether it is as good as wanted."""
    trials, alive = chosen(target, sample, seed), 0
    for path, changed in survivors(target, trials):
        alive += 1
        print(f"survived {path.relative_to(ROOT)}:{changed.line}")
        print("\n".join(f"    {line}" for line in changed.change.splitlines()), flush=True)
    killed = len(trials) - alive
    share = killed / max(len(trials), 1)
    print(f"{name}: {killed} of {len(trials)} killed, {share:.0%} (wanted {target.wanted:.0%})")
    return share >= target.wanted


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all by default")
    parser.add_argument("--sample", type=int, default=60, help="mutants of each; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="chooses the sample")
    given = parser.parse_args()
    unknown = set(given.targets) - TARGETS.keys()
    if unknown:
        parser.error(f"unknown {', '.join(sorted(unknown))}: take some of {', '.join(TARGETS)}")
    for library in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(library)
    names = given.targets or list(TARGETS)
    good = [report(name, TARGETS[name], given.sample, given.seed) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
