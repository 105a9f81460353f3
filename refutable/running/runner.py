"""The loop that keeps workers busy until every claim is decided."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from refutable.deciding.results import ClaimResult
from refutable.deciding.trial import BlockKey
from refutable.errors import RefutableError, StoreError
from refutable.running.backends import Backend
from refutable.running.interrupt import Interrupt
from refutable.running.job import Job
from refutable.running.registry import Problem
from refutable.running.tasks import Drawn
from refutable.storing.store import Store

MOST_BREAKDOWNS = 3
"""How often the workers may die under a block before it is given up: the first time it may be
another block's doing; after that it flies alone, and is tried again once."""


AHEAD = 8
"""How many rounds per worker may be drawn before they are needed, where a worker is idle: enough
that one slow block does not hold up the others, and drawn in vain only when a verdict is near."""

RESTART_SECONDS = 20.0
"""How long a back end may be without workers before it is started anew."""

GRACE = 60.0
"""Seconds that a worker may need to start, on top of twice the time limit of a block."""


class Progress(Protocol):
    """Told of what happens; never asked."""

    def begin(self, jobs: Sequence[Job]) -> None:
        """Hear that the run begins."""

    def advanced(self, job: Job) -> None:
        """Hear that a block of this claim was looked at."""

    def finished(self, job: Job, result: ClaimResult) -> None:
        """Hear that a claim has its verdict."""

    def note(self, text: str) -> None:
        """Hear something that a person should know."""


@dataclass(frozen=True)
class Flight:
    """A block on its way."""

    job: Job
    key: BlockKey
    since: float


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Parameters
    ----------
    results : tuple of ClaimResult
        Of the claims that have a verdict, in the order of the jobs.
    problems : tuple of Problem
        One per claim that could not be tried.
    left : int
        Claims that an interruption left without a verdict.
    """

    results: tuple[ClaimResult, ...]
    problems: tuple[Problem, ...] = ()
    left: int = 0


@dataclass
class Runner:
    """Draws blocks until every job is done, and stores each as it comes.

    Parameters
    ----------
    store : Store
        Opened for writing.
    backend : Backend
    progress : Progress
    block_seconds : float
        Time limit of a block.
    interrupt : Interrupt
    """

    store: Store
    backend: Backend
    progress: Progress
    block_seconds: float = 900.0
    interrupt: Interrupt = field(default_factory=Interrupt)
    _flights: dict[Future[Drawn], Flight] = field(default_factory=dict)
    _executor: Executor | None = None
    _dead_since: float | None = None

    def run(self, jobs: Sequence[Job]) -> Ended:
        """Decide every job; after an interruption, those that are decided.

        Jobs are served in the given order, so put the longest first.
        """
        self.progress.begin(jobs)
        results: dict[int, ClaimResult] = {}
        waiting = list(jobs)
        with self.interrupt.watching():
            try:
                problems = self._resume(waiting)
                self._serve(waiting, results)
            finally:
                self._stop_executor()
        found = tuple(results[id(job)] for job in jobs if id(job) in results)
        return Ended(found, tuple(problems), len(waiting))

    def _resume(self, waiting: list[Job]) -> list[Problem]:
        """Take what is stored; a claim whose blocks cannot be read is left out, and told."""
        problems = []
        for job in list(waiting):
            try:
                job.resume(self.store)
            except StoreError as error:
                waiting.remove(job)
                problems.append(Problem(job.source.place, str(error), job.claim.id))
                self.progress.note(str(error))
        return problems

    def _serve(self, waiting: list[Job], results: dict[int, ClaimResult]) -> None:
        while True:
            self._conclude(waiting, results)
            if not self.interrupt.asked:
                self._fill(waiting)
            if self._flights:
                self._collect()
            elif self.interrupt.asked or not waiting:
                return

    def _conclude(self, waiting: list[Job], results: dict[int, ClaimResult]) -> None:
        for job in [job for job in waiting if job.trial.done]:
            waiting.remove(job)
            self._cancel(job)
            results[id(job)] = job.conclude(self.store)
            self.progress.finished(job, results[id(job)])

    def _cancel(self, job: Job) -> None:
        for future, flight in list(self._flights.items()):
            if flight.job is job and future.cancel():
                del self._flights[future]
                job.in_flight.discard(flight.key)

    def _fill(self, waiting: list[Job]) -> None:
        room = self._room() - len(self._flights)
        for ahead in (0, AHEAD * self.backend.workers):
            for job in waiting:
                for key in job.wanted(ahead):
                    if room <= 0 or not self._may_fly(job, key) or not self._submit(job, key):
                        return
                    room -= 1

    def _room(self) -> int:
        return 1 if self.backend.workers == 1 else 2 * self.backend.workers

    def _may_fly(self, job: Job, key: BlockKey) -> bool:
        """Let a block under which workers died before fly alone, so that the culprit is known."""
        if any(f.job.attempts[f.key] for f in self._flights.values()):
            return False
        return not (job.attempts[key] and self._flights)

    def _submit(self, job: Job, key: BlockKey) -> bool:
        """Send a block on its way; say whether the back end took it."""
        if self._executor is None:
            self._executor = self._start_executor()
        try:
            future = self._executor.submit(self.backend.draw, job.task(key), self.block_seconds)
        except Exception as error:
            self._refused(job, key, f"{type(error).__name__}: {error}")
            return False
        job.in_flight.add(key)
        self._flights[future] = Flight(job, key, time.monotonic())
        return True

    def _refused(self, job: Job, key: BlockKey, why: str) -> None:
        """Count a refusal against what is on its way, or else against the block itself.

        A block that is refused again and again is given up with the others of its round, so
        that a back end for no claim costs each claim a few attempts, and ends in a verdict.
        """
        if not self._flights:
            job.attempts[key] += 1
        self._broken(why)
        if job.attempts[key] >= MOST_BREAKDOWNS:
            for asked in list(job.wanted(0)):
                job.fail(asked, f"the back end {self.backend.name} did not take it: {why}")

    def _collect(self) -> None:
        finished, _ = wait(self._flights, timeout=1.0, return_when=FIRST_COMPLETED)
        for future in finished:
            flight = self._flights.get(future)
            if flight is None:
                continue
            trouble = _trouble(future)
            if trouble:
                self._broken(trouble)
                return
            del self._flights[future]
            flight.job.finish(flight.key, future.result(), self.store)
            self.progress.advanced(flight.job)
        if not finished:
            self._watch_the_workers()
        self._watch_the_clock()

    def _watch_the_workers(self) -> None:
        """Start anew when a back end that restarts its own workers has none left."""
        if self._executor is None or self.backend.alive(self._executor):
            self._dead_since = None
            return
        self._dead_since = self._dead_since or time.monotonic()
        if time.monotonic() - self._dead_since > RESTART_SECONDS:
            self._dead_since = None
            self._broken("the back end has no workers left")

    def _watch_the_clock(self) -> None:
        """End workers that are beyond the reach of their own time limit."""
        patience = 2 * self.block_seconds + GRACE
        oldest = min((f.since for f in self._flights.values()), default=time.monotonic())
        if self.block_seconds > 0 and time.monotonic() - oldest > patience:
            why = f"a block gave no sign of life for {patience:g} s"
            if len(self._flights) == 1:  # nobody else can be to blame
                (flight,) = self._flights.values()
                self._flights.clear()
                flight.job.in_flight.discard(flight.key)
                flight.job.fail(flight.key, why)
            self._broken(why)

    def _broken(self, why: str) -> None:
        """Workers died or hang: keep what is finished, start anew, and count against the rest."""
        for future, flight in list(self._flights.items()):
            flight.job.in_flight.discard(flight.key)
            if future.done() and not _trouble(future):
                flight.job.finish(flight.key, future.result(), self.store)
                continue
            flight.job.attempts[flight.key] += 1
            if flight.job.attempts[flight.key] >= MOST_BREAKDOWNS:
                flight.job.fail(flight.key, f"the workers died {MOST_BREAKDOWNS} times: {why}")
        self._flights.clear()
        self.progress.note(f"workers were started again ({why})")
        self._stop_executor()

    def _start_executor(self) -> Executor:
        try:
            return self.backend.start()
        except Exception as error:
            raise RefutableError(
                f"The back end {self.backend.name} cannot be started: {type(error).__name__}: "
                f"{error}. What was finished is stored; run the same command again."
            ) from error

    def _stop_executor(self) -> None:
        if self._executor is not None:
            self.backend.stop(self._executor)
            self._executor = None


def _trouble(future: Future[Drawn]) -> str:
    """Return what kept a finished task from giving a block: the workers, never the claim."""
    if future.cancelled():
        return "a task was cancelled by the back end"
    error = future.exception()
    return f"{type(error).__name__}: {error}" if error is not None else ""
