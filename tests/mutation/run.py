"""Change one line of a module at a time and see whether its tests notice.

``python tests/mutation/run.py kernels sdp --sample 60`` tries 60 mutants of each, chosen by a fixed
seed, prints those that survive, and ends with exit code 1 where fewer are killed than wanted. Those
known to change nothing (`equivalents`) are not run; they are counted apart. A mutant meets the
tests that run its line (`reach`), the quick ones first. No file is touched: a mutant lives in the
memory of a child process. Compiled loops are compiled anew, because numba's cache does not see a
changed constant.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import pickle
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from equivalents import is_equivalent
from mutants import Mutant, Slip, mutant, slips
from reach import Only, Reach, Seen, span
from targets import ROOT, TARGETS, Target

HEAVY = ("numpy", "scipy.stats", "scipy.optimize", "scipy.integrate", "pandas", "hypothesis",
         "sklearn.mixture", "sympy", "pyarrow.parquet", "numba", "statsmodels.stats.weightstats",
         "typer.testing", "rich.table", "loky", "threadpoolctl", "pytest_benchmark.plugin",
         "xdist.plugin", "platformdirs.unix", "_hypothesis_pytestplugin")  # fmt: skip
"""Imported once, before the children part; the project itself each child imports anew."""

PATIENCE, GRACE = 3.0, 3.0
"""A mutant hangs where a test takes so many times the processor time that it takes on the sound
module, and so many seconds more."""
ASLEEP = 600.0
"""Seconds of the clock after which a child that waits for something hangs."""


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


def _child(path: Path, source: str, tests: list[str], plugins: list[object]) -> int:
    """Run the tests against a changed module; return pytest's exit code."""
    from hypothesis import HealthCheck, Phase, settings

    # that a test fails is enough: a smaller example of it is not looked for
    settings.register_profile(
        "mutant",
        deadline=None,
        max_examples=50,
        suppress_health_check=[HealthCheck.too_slow],
        phases=(Phase.explicit, Phase.generate),
    )
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = cache
        if "compiled(" in source:
            os.environ["NUMBA_CACHE_DIR"] = cache
            sys.modules["numba.core.config"].CACHE_DIR = cache
        sys.meta_path.insert(0, _Finder(module_name(path), path, source))
        options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist"]
        options += ["-c", "pyproject.toml", "--assert=plain"]
        drawn = ["--hypothesis-profile=mutant", "--hypothesis-seed=0"]
        return int(pytest.main([*options, *drawn, *tests], plugins))


def _run(path: Path, source: str, tests: dict[str, float]) -> bool:
    """Return whether the tests pass; a hang is a failure.

    Parameters
    ----------
    path : Path
    source : str
        What the module at `path` is taken to hold.
    tests : dict of str to float
        Their names, and the processor time that each takes on the sound module.
    """
    only = Only({test: PATIENCE * seconds + GRACE for test, seconds in tests.items()})
    return _apart(lambda: _child(path, source, only.files(), [only]))


def _watched(paths: list[Path], tests: list[str]) -> Seen:
    """Return which test runs which lines of sound modules.

    Raises
    ------
    SystemExit
        If a test fails, in its usual order or with the quick ones first.
    """
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder) / "seen"

        def look() -> int:
            reach = Reach(paths)
            code = _child(paths[0], paths[0].read_text(), tests, [reach])
            note.write_bytes(pickle.dumps(reach.seen()))
            return code

        if not _apart(look):
            raise SystemExit(f"the tests of {paths[0].parent.name} fail without any mutant")
        seen: Seen = pickle.loads(note.read_bytes())
    if not _run(paths[0], paths[0].read_text(), seen.timed(seen.seconds)):
        raise SystemExit(f"the tests of {paths[0].parent.name} fail in another order")
    return seen


def _apart(work: Callable[[], int]) -> bool:
    """Say whether work in a child process ends with 0."""
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        code = 1
        with contextlib.suppress(BaseException):
            code = work()
        os._exit(code)
    while time.monotonic() - started < ASLEEP:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def chosen(target: Target, sample: int, seed: int) -> list[Trial]:
    """Return the mutants of a target, at most `sample` of them (all if 0)."""
    every = [Trial(path, slip) for path in target.paths() for slip in slips(path.read_text())]
    if not sample or sample >= len(every):
        return every
    picked = sorted(random.Random(seed).sample(range(len(every)), sample))
    return [every[n] for n in picked]


def made(trials: list[Trial]) -> list[tuple[Path, Mutant]]:
    """Return the mutants, each with the module it is of."""
    return [(trial.path, mutant(trial.path.read_text(), trial.slip)) for trial in trials]


def survivors(target: Target, mutants: list[tuple[Path, Mutant]]) -> Iterator[tuple[Path, Mutant]]:
    """Yield the mutants that the tests do not notice; one that no test runs is not noticed."""
    seen = _watched(target.paths(), target.test_paths())
    for number, (path, changed) in enumerate(mutants, start=1):
        print(f"\r{number}/{len(mutants)}", end="", file=sys.stderr, flush=True)
        able = seen.tests(path, *span(path.read_text(), changed.line))
        if not able or _run(path, changed.source, able):
            yield path, changed


def report(name: str, target: Target, sample: int, seed: int) -> bool:
    """Print the survivors of a target and its score; return whether it is as good as wanted.

    The score is the share of those killed among all that change something.
    """
    every, alive = made(chosen(target, sample, seed)), 0
    able = [(path, one) for path, one in every if not is_equivalent(path.relative_to(ROOT), one)]
    for path, changed in survivors(target, able):
        alive += 1
        print(f"survived {path.relative_to(ROOT)}:{changed.line}")
        print("\n".join(f"    {line}" for line in changed.change.splitlines()), flush=True)
    killed, idle = len(able) - alive, len(every) - len(able)
    share = killed / max(len(able), 1)
    print(
        f"{name}: {len(every)} mutants, {idle} equivalent, {killed} killed, "
        f"{share:.1%} of {len(able)} (wanted {target.wanted:.0%})",
        flush=True,
    )
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
    gc.freeze()  # the children need not look through what they share
    names = given.targets or list(TARGETS)
    good = [report(name, TARGETS[name], given.sample, given.seed) for name in names]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
