"""Whether everything that a claim draws is read, and everything that it reads is drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from refutable.claims.cells import PREDICATE, Cell, alternatives
from refutable.claims.claim import Claim, World
from refutable.claims.expectations import Expectation, Printed, Symbolic
from refutable.claims.maps import shown_on, unread
from refutable.claims.records import Effort, Evidence

Problems = Iterator[tuple[str, str]]
Worlds = tuple[World, ...]
Grids = dict[Effort, Worlds]
SHOWN = 6
"""Cells named in a message."""


def problems(claim: Claim) -> Problems:
    """Yield (problem, mend) for filters that find nothing and cells that nobody reads."""
    grids = {effort: claim.worlds(effort) for effort in Effort}
    for effort, worlds in _different(grids).items():
        own = worlds[0]
        for world in worlds:
            yield from _world(world, effort)
        for control in claim.theories:
            for expectation in control.expect:
                yield from _selects(expectation, own, effort, f" of control {control.name!r}")
                yield from _fits(expectation, own, f" of control {control.name!r}")
        yield from _unread(claim, effort, worlds)
    yield from _values(claim, grids)


def _different(grids: Grids) -> Grids:
    """Leave out the efforts that have the grids of a smaller one."""
    found: Grids = {}
    for effort, worlds in grids.items():
        if not any(_same(worlds, known) for known in found.values()):
            found[effort] = worlds
    return found


def _same(some: Worlds, others: Worlds) -> bool:
    return all(a.cells == b.cells for a, b in zip(some, others, strict=True))


def _world(world: World, effort: Effort) -> Problems:
    if not world.cells:
        yield f"world {world.name!r} has no cells at effort {effort}.", "Give at least one."
    if world.cells and not any(expectation.decides for expectation in world.expect):
        yield (
            f"no expectation with a region speaks of a cell of {world.name!r} at effort {effort}.",
            "Widen `at` or `judged_by`, or give it an expectation of its own.",
        )
    for expectation in world.expect:
        yield from _selects(expectation, world, effort, f" of {world.name!r}")
        yield from _fits(expectation, world, f" of {world.name!r}")


def _selects(expectation: Expectation, world: World, effort: Effort, whose: str) -> Problems:
    if world.cells and not any(expectation.selects(cell) for cell in world.cells):
        yield (
            f"{expectation.functional.label}{whose} selects no cell at effort {effort} "
            f"with {dict(expectation.functional.where)}.",
            f"The cells are: {_named(world.cells)}.",
        )


def _fits(expectation: Expectation, world: World, whose: str) -> Problems:
    """Yield what is wrong with a functional of computed, or of random, values."""
    functional = expectation.functional
    if world.computed and functional.evidence is Evidence.STATISTICAL:
        yield (
            f"{functional.label}{whose} is estimated from replicates, and `compute` gives one "
            "value, so nothing could ever decide it.",
            "Let `compute` return that number itself and use "
            f"Exact({functional.outcomes[0]!r}) (ExactSlope for the order of a ladder), or give "
            "`simulate`.",
        )
    if not world.computed and isinstance(functional, Printed | Symbolic):
        yield (
            f"{functional.label}{whose} is one computed answer, but what is simulated is random.",
            "Give `compute`; or expect Mean, Probability, ... of it within a region.",
        )


def _unread(claim: Claim, effort: Effort, worlds: Worlds) -> Problems:
    """Yield the cells that would be there for nothing; what is only shown, or a control's, counts.

    A broken world that inherits the claim's grid draws what is judged there, and no more. A grid
    over two numbers is read by its map (`refutable.claims.maps`).
    """
    own, *broken = worlds
    theories = [e for control in claim.theories for e in control.expect]
    given = {control.name for control in claim.other_worlds if control.cells is not None}
    inherited = [e for world in broken if world.name not in given for e in world.expect]
    readers = {own.name: [*claim.expect, *theories, *inherited]}
    readers |= {world.name: list(world.expect) for world in broken if world.name in given}
    for world in worlds:
        left = unread(world.cells, readers[world.name]) if world.name in readers else []
        if left and not (world is own and shown_on(claim)):
            yield (
                f"no expectation reads {len(left)} of the {len(world.cells)} cells of "
                f"{world.name!r} at effort {effort}: {_named(left)}.",
                "Leave them out of the grid, or draw them: e.g. Mean(...).shown().",
            )


def _values(claim: Claim, grids: Grids) -> Problems:
    """Yield the values of filters that no grid of the claim has at any effort."""
    worlds = itertools.chain(*grids.values())
    cells = list(dict.fromkeys(cell for world in worlds for cell in world.cells))
    theories = [e for control in claim.theories for e in control.expect]
    broken = [control.expect or () for control in claim.other_worlds]
    for expectation in [*claim.expect, *theories, *itertools.chain(*broken)]:
        for name, wanted in expectation.functional.where.items():
            for value in alternatives(wanted) if name != PREDICATE else ():
                if not any(cell.matches({name: value}) for cell in cells):
                    yield (
                        f"{expectation.functional.label} asks for {name}={value!r}, "
                        "which no cell has at any effort.",
                        f"The cells are: {_named(cells)}.",
                    )


def _named(cells: Iterable[Cell]) -> str:
    labels = [cell.label for cell in cells]
    more = f", and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return ", ".join(labels[:SHOWN]) + more
