"""Whether the fields of a claim are of the kinds that they should be.

Authors of claims need not check types, and a field of a wrong kind should be told from a bug of
the engine: it is found here, before anything reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType

from refutable.claims.axis import Axis
from refutable.claims.cells import ByEffort, Cells
from refutable.claims.claim import Claim
from refutable.claims.controls import BrokenWorld, FalseTheory, MendedWorld, RightTheory
from refutable.claims.expectations import Expectation
from refutable.claims.onsets import Onset
from refutable.claims.planes import Map
from refutable.claims.records import Basis, Effort, Origin, Paper, Scope, Verdict

_TEXTS = (
    *("id", "title", "source", "statement", "formula", "does_not_show", "why"),
    "untouched_because",
)
_KINDS: dict[str, tuple[type, str]] = {
    "paper": (Paper, "Set paper=Paper(key=..., ...)."),
    "scope": (Scope, "Use one of Scope.AS_STATED, Scope.SCALED_DOWN, ..."),
    "expected": (Verdict, "Use Verdict.SUPPORTED or Verdict.REFUTED."),
}
_TUPLES: dict[str, tuple[type, str]] = {
    "expect": (Expectation, "E.g. expect=(Mean('x').at_most(0),)."),
    "controls": (object, "E.g. controls=(FalseTheory('twice as much', ...),)."),
    "positive": (object, "E.g. positive=(RightTheory('half as much', ...),)."),
    "assumptions": (str, "E.g. assumptions=('the noise is Gaussian',)."),
    "notes": (str, "E.g. notes=('at n = 50 the bound is off by a third',)."),
}
_CHOICES: dict[str, tuple[type, str]] = {
    "origin": (Origin, "Use one of Origin.PRINTED, Origin.IMPLIED, ..., or leave it out."),
    "basis": (Basis, "Use one of Basis.FULL_TEXT, Basis.ABSTRACT, ..., or leave it out."),
}
_NOUNS = {Expectation: " of expectations", str: " of texts", object: ""}


def problems(claim: Claim) -> Iterator[tuple[str, str]]:
    """Yield (problem, mend) for every field of a wrong kind."""
    for name in _TEXTS:
        if not isinstance(getattr(claim, name), str):
            yield f"{name}={getattr(claim, name)!r} is not a text.", f"Give {name} as a str."
    for name, (kind, mend) in _KINDS.items():
        if not isinstance(getattr(claim, name), kind):
            yield f"{name}={getattr(claim, name)!r} is not a {kind.__name__}.", mend
    for name, (kind, mend) in _CHOICES.items():
        if not isinstance(getattr(claim, name), kind | None):
            yield f"{name}={getattr(claim, name)!r} is no {kind.__name__}.", mend
    for name, (kind, mend) in _TUPLES.items():
        if not tuple_of(kind, getattr(claim, name)):
            yield f"{name} is not a tuple{_NOUNS[kind]}.", mend
    if not at_every_effort(Cells, claim.cells):
        yield "cells is not a grid.", "E.g. cells=Cells(n=(100, 200)), or one per effort."
    if claim.draw is not None and not at_every_effort(Cells, claim.draw):
        yield "draw is not a grid.", "E.g. draw=Cells(n=(100, 200)), or one per effort."
    for size in ("cap", "block"):
        if not at_every_effort(int, getattr(claim, size)):
            yield f"{size}={getattr(claim, size)!r} is not a whole number.", f"E.g. {size}=64."
    if not tuple_of(Axis | None, (claim.figure,)):
        yield f"figure={claim.figure!r} is not an Axis.", "E.g. figure=Axis(x='n', log=True)."
    for name, record in (("onset", Onset), ("map", Map)):
        value = getattr(claim, name)
        if not tuple_of(record, value if isinstance(value, tuple) else (value,)):
            mend = f"Use {record.__name__}(...), or a tuple of these."
            yield f"{name}={value!r} is no {record.__name__}.", mend
    if tuple_of(object, claim.controls):
        yield from (problem for control in claim.controls for problem in _control(control))
    if tuple_of(object, claim.positive):
        yield from (problem for control in claim.positive for problem in _positive(control))


def tuple_of(kind: type | UnionType, values: object) -> bool:
    """Say whether these are several things of this kind."""
    return isinstance(values, tuple | list) and all(isinstance(value, kind) for value in values)


def at_every_effort(kind: type, value: object) -> bool:
    """Say whether this is of this kind, or is at each effort."""
    values = [value[effort] for effort in Effort] if isinstance(value, ByEffort) else [value]
    return all(isinstance(one, kind) and not isinstance(one, bool) for one in values)


def _control(control: object) -> Iterator[tuple[str, str]]:
    if not isinstance(control, FalseTheory | BrokenWorld) or isinstance(control, MendedWorld):
        yield (
            f"{control!r} is not a control.",
            "Use FalseTheory(name, expectation, ...) or BrokenWorld(name, simulate=...); what the "
            "rule must support stands in positive=.",
        )
        return
    yield from _fields(control)


def _positive(control: object) -> Iterator[tuple[str, str]]:
    if not isinstance(control, RightTheory | MendedWorld):
        yield (
            f"{control!r} is not a positive control.",
            "Use RightTheory(name, expectation, ...) or MendedWorld(name, change=...).",
        )
        return
    yield from _fields(control)


def _fields(control: FalseTheory | RightTheory | BrokenWorld) -> Iterator[tuple[str, str]]:
    if not isinstance(control.name, str) or not control.name.strip():
        yield (
            f"the control's name {control.name!r} is not a text.",
            "Say what it is in a few words.",
        )
    if control.expect is not None and not tuple_of(Expectation, control.expect):
        yield (
            f"what the control {control.name!r} expects is not a tuple of expectations.",
            "FalseTheory(name, first, second), or BrokenWorld(..., expect=(first, second)).",
        )
    if isinstance(control, BrokenWorld):
        yield from _broken_world(control)


def _broken_world(control: BrokenWorld) -> Iterator[tuple[str, str]]:
    who = f"of control {control.name!r}"
    if control.cells is not None and not at_every_effort(Cells, control.cells):
        yield f"the cells {who} are not a grid.", "E.g. Cells(n=(9,))."
    for field, example in (("change", "{'noise': heavy_tailed}"), ("at", "{'ratio': 1.4}")):
        if not isinstance(getattr(control, field), Mapping):
            yield f"{field} {who} is not a mapping.", f"E.g. {field}={example}."
    if not isinstance(control.judged_by, str) and not tuple_of(str, control.judged_by):
        yield f"judged_by {who} is no outcome's name.", "E.g. judged_by='recovered'."
