"""Times of ours and of peers within one process, taken in turns: the fixtures `beside`, `growth`.

Every turn times each side once, every other turn in the opposite order, so that a machine that
slows down slows all of them. A turn gives one ratio (or one slope); what is recorded is the mean
over the turns and Student's 95 % interval of it, for ratios on their logarithms. Turns count as
independent, which load that outlasts several of them is not.

Times are of the processor unless the clock is asked for: what else runs does not enter. A short
call is repeated within a turn until it takes `LEAST` seconds.
"""

from __future__ import annotations

import itertools
import math
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

Call = Callable[..., object]
Clock = Callable[[], float]
Side = Callable[[], float]
"""Measures once and returns seconds per unit of work."""

BESIDE, GROWTH = "beside", "growth"
"""Where rows lie in the extra info of a benchmark; `ratios.py` reads them there."""

LEAST = 0.02
"""Seconds: some ten thousand times what reading the clock costs."""

MOST = 100_000
"""Calls within a turn at most, for calls that take less than the clock can tell."""


def student(values: Sequence[float] | np.ndarray) -> tuple[float, float, float]:
    """Return the mean and the ends of its 95 % interval, infinite for a single value."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, -math.inf, math.inf
    error = float(np.std(values, ddof=1)) / math.sqrt(len(values))
    radius = float(stats.t.ppf(0.975, len(values) - 1)) * error
    return mean, mean - radius, mean + radius


def slope_weights(sizes: Sequence[float]) -> np.ndarray:
    """Return by what to weigh log times for the slope of a line through them over log sizes."""
    logs = np.log(sizes)
    return np.asarray((logs - logs.mean()) / ((logs - logs.mean()) ** 2).sum())


class PerCall:
    """Measures seconds per call, over as many calls as take `LEAST`; warm from the start."""

    def __init__(self, call: Call, clock: Clock = time.process_time) -> None:
        self.call, self.timer = call, timeit.Timer(call, timer=clock)
        self.timer.timeit(1)  # compiles, loads and fills caches
        self.number = min(math.ceil(LEAST / max(self.timer.timeit(1), LEAST / MOST)), MOST)

    def __call__(self) -> float:
        return self.timer.timeit(self.number) / self.number


def in_turns(sides: Sequence[Side], turns: int) -> np.ndarray:
    """Return measurements by turn and side; the sides change their order with every turn."""
    found = np.empty((turns, len(sides)))
    orders = itertools.cycle((range(len(sides)), range(len(sides))[::-1]))
    for turn, order in zip(range(turns), orders, strict=False):
        for side in order:
            found[turn, side] = sides[side]()
    return found


class Recorder:
    """Keeps what a test measured in the extra info of its benchmark.

    ``taken`` holds what other tests of the run have recorded: two rows by the same names could not
    be told apart in the next run.
    """

    def __init__(self, benchmark: Any, taken: set[tuple[str, ...]]) -> None:
        self.benchmark, self.taken, self.shown = benchmark, taken, False

    def show(self, side: PerCall) -> None:
        """Run the benchmark itself, once in a test, so that the run lists it."""
        if not self.shown:
            self.benchmark.pedantic(side.call, rounds=1, iterations=side.number)
        self.shown = True

    def keep(self, where: str, name: str, row: dict[str, Any]) -> None:
        """Add a row under a name.

        Raises
        ------
        ValueError
            If another row of this file has the same name in the same group.
        """
        bench = self.benchmark
        file, test = bench.fullname.split("::")[0], bench.name.partition("[")[0]
        key = (file, bench.group or test, bench.param or "", where, name)
        if key in self.taken:
            raise ValueError(f"{name!r} is recorded twice in {key[1]!r}: give one another name")
        self.taken.add(key)
        bench.extra_info.setdefault(where, []).append(row)


class Beside:
    """Time a peer in turns with ours, record the ratio of their times, and return it."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def __call__(
        self,
        peer: str,
        ours: Call,
        theirs: Call,
        *arguments: Any,
        work: tuple[float, float] = (1, 1),
        turns: int = 7,
        clock: Clock = time.process_time,
    ) -> float:
        """Return how many times as long as ours the peer takes.

        Both are called with the same arguments, and do ``work`` units of the same work in a call.
        """
        one, other = (PerCall(partial(call, *arguments), clock) for call in (ours, theirs))
        self.recorder.show(one)
        return self.measured(peer, lambda: one() / work[0], lambda: other() / work[1], turns)

    def measured(self, peer: str, ours: Side, theirs: Side, turns: int = 7) -> float:
        """Do the same for sides that measure themselves, in a test that runs its benchmark."""
        times = in_turns((ours, theirs), turns)
        ratio, low, high = np.exp(student(np.log(times[:, 1] / times[:, 0]))).tolist()
        row = {"peer": peer, "ratio": ratio, "interval": _finite(low, high), "rounds": turns}
        self.recorder.keep(BESIDE, peer, row)
        return float(ratio)


class Growth:
    """Time calls of several sizes in turns, record the slope of log time, and return it."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def __call__(
        self,
        parameter: str,
        calls: Mapping[float, Call],
        of: str = "",
        turns: int = 7,
        clock: Clock = time.process_time,
    ) -> float:
        """Return the power of the parameter with which the time of calls, by its value, grows.

        ``of`` says what was called, where a test records more than one slope.
        """
        sides = {size: PerCall(call, clock) for size, call in calls.items()}
        self.recorder.show(sides[max(sides)])
        times = in_turns(list(sides.values()), turns)
        slope, low, high = student(np.log(times) @ slope_weights(list(calls)))
        row = {"of": of, "parameter": parameter, "sizes": list(calls), "slope": slope}
        self.recorder.keep(GROWTH, f"{of} {parameter}", {**row, "interval": _finite(low, high)})
        return slope


def _finite(low: float, high: float) -> list[float] | None:
    return [low, high] if math.isfinite(high) else None
