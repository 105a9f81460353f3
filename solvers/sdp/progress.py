"""When an iterative solver has to stop, and what it tells on the way.

Every iterative solver takes ``time_limit`` and ``callback``. Whichever ends it, the result still
holds a feasible solution and a bound that are true; its status says what ended it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypedDict

from refutable.solvers.argument_checks import nonnegative, refuse


class Stop(Enum):
    """What ended a solver before its tolerance or budget did."""

    TIME_LIMIT = "time limit"
    CALLBACK = "callback"


@dataclass(frozen=True)
class Progress:
    """What a solver knows while it runs.

    Attributes
    ----------
    method : str
        The method that runs.
    iteration : int
        Its iterations so far.
    seconds : float
        Since the call.
    value, bound : float
        The best feasible value and the best bound so far; infinite before there is one.
    gap : float
        Relative gap of the two, as the result states it.
    """

    method: str
    iteration: int
    seconds: float
    value: float
    bound: float
    gap: float

    def in_units(self, unit: float) -> Progress:
        """Return the same for points measured in a unit ``1 / unit`` times as large."""
        return replace(self, value=self.value * unit**2, bound=self.bound * unit**2)


Callback = Callable[[Progress], object]
"""Called now and then; what it returns stops the solver when it is true."""


class Limits(TypedDict):
    """What a solver hands to its parts: the time that is left, and whom to tell."""

    time_limit: float | None
    callback: Callback | None


class Clock:
    """Counts the seconds of one call and remembers what stopped it.

    Parameters
    ----------
    time_limit : float or None
        Seconds of wall-clock time, at least 0; None for no limit.
    callback : callable or None
        Called with each `Progress`.

    Raises
    ------
    ValueError
        When the limit is negative or no number, or the callback cannot be called.
    """

    def __init__(self, time_limit: float | None, callback: Callback | None) -> None:
        if time_limit is not None:
            time_limit = nonnegative("time_limit", time_limit)
        if callback is not None and not callable(callback):
            refuse("callback", callback, "a function of one argument, or None")
        self.time_limit, self.callback = time_limit, callback
        self.started = time.perf_counter()
        self.stopped: Stop | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return time.perf_counter() - self.started

    def over(self, reserve: float = 0.0) -> bool:
        """Whether something stopped the solver, or the limit is less than `reserve` seconds off."""
        limit = float("inf") if self.time_limit is None else self.time_limit
        if self.stopped is None and self.seconds + reserve >= limit:
            self.stopped = Stop.TIME_LIMIT
        return self.stopped is not None

    def tell(self, method: str, iteration: int, value: float, bound: float, gap: float) -> None:
        """Call the callback, and remember when it wants an end."""
        if self.callback is None or self.stopped is not None:
            return
        if self.callback(Progress(method, iteration, self.seconds, value, bound, gap)):
            self.stopped = Stop.CALLBACK

    @property
    def rest(self) -> Limits:
        """Limits for a part that is called now; its progress counts the seconds from here on."""
        left = None if self.time_limit is None else max(self.time_limit - self.seconds, 0.0)
        return {"time_limit": left, "callback": None if self.callback is None else self._pass_on}

    def _pass_on(self, progress: Progress) -> object:
        assert self.callback is not None
        if self.callback(replace(progress, seconds=self.seconds)):
            self.stopped = Stop.CALLBACK
        return self.stopped
