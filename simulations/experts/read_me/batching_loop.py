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
    Origin,
    Scope,
    Values,
    Verdict,
)

STEP_LIMIT = 1000
ROOM = 12
BACKLOGS = {"more tokens than fit": (9, 7, 5), "fewer tokens than fit": (3, 2, 0)}


def loop_stops(queues: Sequence[int], most: int, *, need_room: bool, need_tokens: bool) -> bool:
    """Run Algorithm 1's loop on queue lengths; say whether it stops within the step limit.

    As printed both tests are missing: the loop goes on while `most - scheduled >= 0`, and a whole
    queue is taken even if it is empty. `need_room` asks for > 0, `need_tokens` for a queue that
    is not empty.
    """
    queues, scheduled = list(queues), 0
    for _ in range(STEP_LIMIT):
        longest = max(range(len(queues)), key=queues.__getitem__)
        room = most - scheduled
        if (need_room and room <= 0) or (need_tokens and not queues[longest]) or room < 0:
            return True
        taken = min(room, queues[longest])
        queues[longest] -= taken
        scheduled += taken
    return False


def loops(cell: Cell, need_room: bool = False, need_tokens: bool = False) -> Values:
    """Whether the loop stops in the cell's backlog, as printed or partly repaired."""
    queues = BACKLOGS[cell.backlog]
    return {
        "stops": loop_stops(queues, ROOM, need_room=need_room, need_tokens=need_tokens),
        "repaired_stops": loop_stops(queues, ROOM, need_room=True, need_tokens=True),
    }


LOOP = Claim(
    id="read_me.batching-loop-as-printed",
    title="The printed batching loop comes to an end",
    source="Algorithm 1, condition of the else branch: MaxTokenLen - len(Scheduled) >= 0",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement="The loop of Algorithm 1, read literally, stops.",
    formula='"MaxTokenLen" - |"Scheduled"| >= 0',
    scope=Scope.AS_STATED,
    does_not_show="Anything about the authors' system, whose serving code is not published.",
    cells=Cells(backlog=tuple(BACKLOGS)),
    compute=loops,
    expect=(Exact("stops").equals(1), Exact("repaired_stops").equals(1)),
    controls=(
        BrokenWorld("only the full batch is tested for", change={"need_room": True}),
        BrokenWorld("only empty queues are tested for", change={"need_tokens": True}),
    ),
    expected=Verdict.REFUTED,
    why=(
        "Once the batch is full, or once every queue is empty, the printed conditions still hold "
        "and nothing more is taken, so the loop goes on for ever. With > 0 and a test for an "
        "empty queue, as is surely meant, it stops. Found by running it with a step limit. Read: "
        "a machine-converted copy of the paper; an error of conversion in one character of the "
        "condition cannot be excluded."
    ),
    notes=(
        "Another copy of the full text has a break on the line after the rest of a queue is "
        "taken. With it a full batch does end the loop; what stands is the case of fewer tokens "
        "than fit.",
    ),
)
