"""Which test runs which lines of a module, so that a mutant meets only those that can notice it."""

from __future__ import annotations

import ast
import inspect
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

IMPORT = ""
"""Stands for all tests: what runs while modules are imported, every one of them may notice."""


@dataclass
class Reach:
    """A plug-in of pytest that notes the lines that each test runs.

    Parameters
    ----------
    paths : list of Path
        The modules. Lines of compiled functions are not seen: see `Seen.tests`.
    """

    paths: list[Path]
    lines: dict[str, dict[str, set[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    seconds: dict[str, float] = field(default_factory=dict)
    who: str = IMPORT

    def __post_init__(self) -> None:
        self.files = {str(path) for path in self.paths}
        sys.settrace(self.trace)

    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        """Note a line; frames of other files are left alone."""
        file = frame.f_code.co_filename
        if file not in self.files:
            return None
        inside = frame.f_code.co_flags & inspect.CO_OPTIMIZED  # of a function, not of a module
        self.lines[self.who if inside else IMPORT][file].add(frame.f_lineno)
        return self.trace

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Give what a fixture runs to all tests of the file: they may share it."""
        return (yield from self._as(item, str(item.path)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Give what a test runs to the test."""
        return (yield from self._as(item, name_of(item)))

    def _as(self, item: pytest.Item, who: str) -> Iterator[None]:
        self.who, started = who, time.process_time()
        sys.settrace(self.trace)
        try:
            return (yield)
        finally:
            self.who = IMPORT
            taken = time.process_time() - started
            self.seconds[name_of(item)] = self.seconds.get(name_of(item), 0.0) + taken

    def seen(self) -> Seen:
        """Return what was noted, as plain values."""
        lines = {who: dict(files) for who, files in self.lines.items()}
        return Seen(lines, self.seconds)


@dataclass(frozen=True)
class Seen:
    """Lines of each file by test, test file or `IMPORT`; the processor time of every test."""

    lines: dict[str, dict[str, set[int]]]
    seconds: dict[str, float]

    def tests(self, path: Path, first: int, last: int) -> dict[str, float]:
        """Return the tests that run one of these lines, the quick ones first, with their time."""
        wanted = set(range(first, last + 1))
        who = {w for w, files in self.lines.items() if wanted & files.get(str(path), set())}
        if IMPORT in who or "compiled(" in path.read_text():
            found = list(self.seconds)
        else:
            found = [t for t in self.seconds if t in who or _file_of(t) in who]
        return self.timed(found)

    def timed(self, tests: Iterable[str]) -> dict[str, float]:
        """Return tests with their time, the quick ones first."""
        return {test: self.seconds[test] for test in sorted(tests, key=self.seconds.__getitem__)}


@dataclass(frozen=True)
class Only:
    """A plug-in of pytest that runs these tests, in this order, of all that are collected.

    Parameters
    ----------
    seconds : dict of str to float
        Name of a test to the processor time that it may take; the process ends when it is used up.
    """

    seconds: dict[str, float]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        place = {test: number for number, test in enumerate(self.seconds)}
        able = [item for item in items if name_of(item) in place]
        items[:] = sorted(able, key=lambda item: place[name_of(item)])

    def files(self) -> list[str]:
        """Return the files that the tests are in."""
        return list(dict.fromkeys(map(_file_of, self.seconds)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Let no test run on for ever."""
        signal.setitimer(signal.ITIMER_PROF, self.seconds[name_of(item)])
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)


def name_of(item: pytest.Item) -> str:
    """Return a test's name, with the whole path of its file."""
    return f"{item.path}::{item.nodeid.partition('::')[2]}"


def _file_of(test: str) -> str:
    return test.partition("::")[0]


def span(source: str, line: int) -> tuple[int, int]:
    """Return the first and last line of the innermost statement that begins on a line."""
    begins = [
        n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.stmt) and n.lineno == line
    ]
    return line, max((n.end_lineno or line for n in begins), default=line)
