"""Fixtures of the benchmarks: what is timed in turns with ours, and kept with the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from threadpoolctl import threadpool_limits
from turns import Beside, Growth, Recorder


@pytest.fixture(scope="session")
def taken_names() -> set[tuple[str, ...]]:
    return set()


@pytest.fixture
def recorder(benchmark: Any, taken_names: set[tuple[str, ...]]) -> Iterator[Recorder]:
    """One per test; one BLAS thread, whose processor time is that of the clock on an idle core."""
    with threadpool_limits(1):
        yield Recorder(benchmark, taken_names)


@pytest.fixture
def beside(recorder: Recorder) -> Beside:
    """Ratios: `beside("peer", ours, theirs, *arguments)` times both in turns."""
    return Beside(recorder)


@pytest.fixture
def growth(recorder: Recorder) -> Growth:
    """Slopes: `growth("n", {size: call})` times the calls in turns."""
    return Growth(recorder)
