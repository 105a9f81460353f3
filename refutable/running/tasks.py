"""One task: draw one block. Runs in any process; carries seeds and parameters, never arrays."""

from __future__ import annotations

import functools
import shlex
import time
from dataclasses import dataclass
from typing import Any

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.claim import OWN, Claim, World
from refutable.claims.records import Effort
from refutable.deciding import seeds
from refutable.deciding.outcomes import check_computed, check_simulated, encode
from refutable.errors import MisuseError, NeedsData, RefutableError, text_of
from refutable.running import redraw
from refutable.running.interrupt import by_the_user
from refutable.running.leaving import staying
from refutable.running.limits import time_limit
from refutable.running.live import LIVE
from refutable.running.machine import kernels
from refutable.running.registry import Source, claims_of
from refutable.running.whereabouts import located
from refutable.threads import one_blas_thread


@dataclass(frozen=True)
class Task:
    """Everything it takes to draw a block again, anywhere.

    Parameters
    ----------
    source : Source
        Where the claim is loaded from.
    claim, world : str
        Ids.
    cell : Cell
    block : int
        Index, from 0.
    seed : int
        Of the suite.
    allowance : float
        Seconds that a check may take of whether the block comes from its seed alone.
    anywhere : bool
        Whether the cell may lie off the claim's grid.
    size : int
        Replicates, if not as many as the claim's; 0 for the claim's.
    """

    source: Source
    claim: str
    world: str
    cell: Cell
    block: int
    seed: int
    allowance: float = 0.0
    anywhere: bool = False
    size: int = 0

    @property
    def command(self) -> str:
        """The one command that repeats it, to be pasted into a shell."""
        if self.source.kind == LIVE:
            return ""  # it is in no file that a command could read
        words = ["refutable", "rerun"]
        of_file = self.source.kind == "file"
        words += [self.source.place, "--claim", self.claim] if of_file else [self.claim]
        words += ["--cell", self.cell.label] if self.cell.label else []
        words += ["--block", str(self.block)]
        words += ["--anywhere"] if self.anywhere else []
        words += ["--size", str(self.size)] if self.size else []
        words += [] if self.world == OWN else ["--world", self.world]
        return shlex.join([*words, "--seed", str(self.seed)])


@dataclass(frozen=True)
class Drawn:
    """A finished block: encoded columns, or what went wrong.

    `checked` says that it was drawn again; `suspect` that `error` is why it is no evidence;
    `machine` which kernels it was drawn with.
    """

    outcome: dict[str, Any] | None
    seconds: float
    error: str = ""
    needs_data: bool = False
    checked: bool = False
    suspect: bool = False
    machine: str = ""


def draw(task: Task, seconds: float = 0.0) -> Drawn:
    """Draw a block; whatever its author's code raises is told, not thrown.

    Parameters
    ----------
    task : Task
    seconds : float
        Time limit; 0 for none.
    """
    start = time.perf_counter()
    try:
        with one_blas_thread(), staying(), time_limit(seconds):
            return _drawn(task, start)
    except NeedsData as missing:
        return Drawn(None, time.perf_counter() - start, text_of(missing), needs_data=True)
    except BaseException as error:
        if by_the_user(error):
            raise
        return Drawn(None, time.perf_counter() - start, said(error, task.source))


def _drawn(task: Task, start: float) -> Drawn:
    claim = load(task.source, task.claim)
    world = world_of(claim, task.world)
    draw = functools.partial(_columns, task, world)
    columns, doubt = (draw(task.block), "") if world.computed else redraw.once(draw, task.block)
    outcome = encode(columns)
    seconds = time.perf_counter() - start
    checked = not doubt and seconds <= task.allowance
    if checked:
        read = _read(claim, world)
        few = world.computed or redraw.COST * seconds > task.allowance
        probes = 0 if few else redraw.PROBES
        doubt = redraw.check(draw, task.cell, task.block, columns, read, probes)
    kept = None if doubt else outcome
    return Drawn(kept, seconds, doubt, checked=checked, suspect=bool(doubt), machine=kernels())


def _read(claim: Claim, world: World) -> set[str]:
    """Return the names of the columns that an expectation reads."""
    theories = claim.theories if world.name == OWN else ()
    every = [*world.expect, *(e for control in theories for e in control.expect)]
    return {name for expectation in every for name in expectation.functional.outcomes}


def _columns(task: Task, world: World, block: int) -> Columns:
    if world.compute is not None:
        return check_computed(world.compute(task.cell))
    if world.simulate is None:
        raise RefutableError(f"world {world.name!r} has nothing to simulate")
    rng = seeds.generator(task.seed, task.claim, task.cell, block)
    size = task.size or world.size
    return check_simulated(world.simulate(task.cell, rng, size), size)


def said(error: BaseException, source: Source) -> str:
    """Return an error of an author's code in words; one of ours speaks for itself."""
    return text_of(error) if isinstance(error, RefutableError) else located(error, source.module)


@functools.lru_cache(maxsize=4096)
def load(source: Source, claim_id: str) -> Claim:
    """Return a claim from where it was found."""
    for claim in claims_of(source.load()):
        if claim.id == claim_id:
            return claim
    raise RefutableError(f"{source.place} no longer holds the claim {claim_id!r}")


def world_of(claim: Claim, key: str) -> World:
    """Return a claim's world by its key.

    Raises
    ------
    MisuseError
        If it has none of that key or name.
    """
    shown = (claim.drawn(effort) for effort in Effort)  # a larger grid may have all its cells
    worlds = (*claim.worlds(Effort.FULL), *(world for world in shown if world))
    for world in worlds:
        if key in (world.key, world.name):
            return world
    names = ", ".join(dict.fromkeys(repr(world.name) for world in worlds))
    raise MisuseError(f"claim {claim.id!r} has no world {key!r}; it has {names}")
