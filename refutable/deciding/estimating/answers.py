"""Yes or no: agreement with a printed number, and identities (kernel (d))."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refutable.claims.arrays import Columns
from refutable.claims.cells import Cell
from refutable.claims.expectations import Printed, Symbolic
from refutable.deciding.estimating.base import Accumulator, Look, start
from refutable.deciding.guarantee import Guarantee, computed
from refutable.deciding.kernels import deterministic
from refutable.deciding.kernels.interval import Interval
from refutable.errors import OutcomeError


class Answer(Accumulator):
    """What the latest block of a deterministic claim says."""

    def __init__(self, say: Callable[[Columns], Look]) -> None:
        self.say = say
        self.answer = Look(None, Interval.everything())

    @property
    def guarantee(self) -> Guarantee:
        """Computed."""
        return computed("exact comparison")

    def add(self, columns: Columns) -> None:
        """Take the next block."""
        self.answer = self.say(columns)

    def look(self, alpha: float) -> Look:
        """Return the answer; no error is spent."""
        del alpha
        return self.answer


@start.register
def _(functional: Printed, cell: Cell) -> Accumulator:
    if functional.printed is None:
        raise ValueError(f"Printed({functional.outcome!r}) needs .prints('...')")
    printed = functional.printed
    text = printed(cell) if callable(printed) else printed
    return Answer(lambda columns: _compare(functional, columns, text))


def _compare(functional: Printed, columns: Columns, printed: str) -> Look:
    value = _single(columns, functional.outcome)
    plain = _prints(columns, functional.outcome, printed)
    under = [
        name for name, column in functional.conventions.items() if _prints(columns, column, printed)
    ]
    only_under = functional.only_under
    holds = only_under in under and not plain if only_under else plain
    detail = f"computed {_short(value)}, printed {printed}: {_outcome(plain, under)}"
    return Look(float(value), Interval(float(holds), float(holds)), detail)


def _prints(columns: Columns, column: str, printed: str) -> bool:
    try:
        return deterministic.prints(_single(columns, column), printed)
    except ValueError as error:
        raise OutcomeError(f"outcome {column!r} is compared with {printed!r}: {error}") from error


def _outcome(plain: bool, under: list[str]) -> str:
    if plain:
        return "reproduced"
    if under:
        return f"reproduced only under the convention {', '.join(under)}"
    return "not reproduced"


def _short(value: object) -> str:
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{float(value):.6g} = {value}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _single(columns: Columns, name: str) -> Any:
    values: NDArray[Any] = columns[name]
    if values.size != 1:
        raise OutcomeError(f"outcome {name!r} has {values.size} values; a printed number is one.")
    entry = values.ravel()[0]
    return entry.item() if isinstance(entry, np.generic) else entry


@start.register
def _(functional: Symbolic, cell: Cell) -> Accumulator:
    del cell
    return Answer(lambda columns: _answer(functional.outcome, columns))


def _answer(name: str, columns: Columns) -> Look:
    answers = [str(entry) for entry in columns[name].ravel()]
    strange = [a for a in answers if a not in ("proved", "open") and not a.startswith("refuted")]
    if strange:
        raise OutcomeError(
            f"outcome {name!r} holds {strange[0]!r}; return what "
            "refutable.claims.symbolic.vanishes says: 'proved', 'refuted at ...' or 'open'."
        )
    refuted = [answer for answer in answers if answer.startswith("refuted")]
    if refuted:
        return Look(0.0, Interval(0.0, 0.0), refuted[0])
    if all(answer == "proved" for answer in answers):
        return Look(1.0, Interval(1.0, 1.0), "proved")
    return Look(None, Interval(0.0, 1.0), "neither proved nor refuted")
