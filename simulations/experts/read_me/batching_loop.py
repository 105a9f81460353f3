"""The loop of Algorithm 1, read literally and run with a step limit."""

from __future__ import annotations

from collections.abc import Sequence

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    MendedWorld,
    Origin,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

STEP_LIMIT = 1000
QUEUES = (5, 3, 2)
"""Tokens that wait for each expert: 10 in all."""


def loop_stops(
    queues: Sequence[int], most: int, *, need_tokens: bool = False, breaks: bool = True
) -> bool:
    """Run Algorithm 1's loop on queue lengths; say whether it stops within the step limit.

    A queue shorter than the room left is taken whole, even if it is empty; of a longer one the
    rest is taken, and the loop breaks. `need_tokens` asks for a queue that is not empty, which
    the paper does not; without `breaks` the loop goes on after the rest of a queue.
    """
    queues, scheduled = list(queues), 0
    for _ in range(STEP_LIMIT):
        longest = max(range(len(queues)), key=queues.__getitem__)
        room = most - scheduled
        if need_tokens and not queues[longest]:
            return True
        taken = min(room, queues[longest])
        if queues[longest] >= room and breaks:
            return True
        queues[longest] -= taken
        scheduled += taken
    return False


def loops(cell: Cell, need_tokens: bool = False, breaks: bool = True) -> Values:
    """Whether the loop stops with the cell's budget, as printed, repaired or damaged."""
    return {"stops": loop_stops(QUEUES, cell.budget, need_tokens=need_tokens, breaks=breaks)}


LOOP = Claim(
    id="read_me.batching-loop-as-printed",
    title="The printed batching loop comes to an end",
    source="Algorithm 1, lines 7 to 17",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="The loop of Algorithm 1, read literally, stops, with 10 tokens waiting and a budget "
    "of 8 to 12.",
    formula='"len"(E) < "MaxTokenLen" - |"Scheduled"|',
    scope=Scope.AS_STATED,
    does_not_show="Anything about the authors' system, whose serving code is not published.",
    cells=Cells(budget=(8, 9, 10, 11, 12)),
    compute=loops,
    expect=(Exact("stops").equals(1),),
    controls=(
        BrokenWorld(
            "no break after the rest of a queue",
            change={"breaks": False},
            at={"budget": (8, 9, 10)},
        ),
    ),
    positive=(
        RightTheory("it stops if enough tokens wait", Exact("stops", budget=(8, 9, 10)).equals(1)),
        MendedWorld("an empty queue ends the loop", change={"need_tokens": True}),
    ),
    expected=Verdict.REFUTED,
    why=(
        "The loop ends where the longest queue fills what is left of the budget. When fewer tokens "
        "wait than the budget takes, all queues are drained one by one, and an empty queue is then "
        "shorter than the room left, is taken, and changes nothing: the loop goes on for ever. A "
        "test for an empty queue, as is surely meant, ends it. Found by running it with a step "
        "limit, budgets 8 to 10 stop and 11 and 12 do not."
    ),
    notes=(
        "The printed lines index the queues by k, the variable of an earlier loop, where the "
        "longest queue is meant; read so, only the last queue is ever scheduled. It is read here "
        "as the longest queue.",
    ),
)
