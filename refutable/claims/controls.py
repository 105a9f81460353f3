"""Controls: nearby false claims that the same rule must refute, right ones that it must support."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from numpy.random import Generator

from refutable.claims import mathematics
from refutable.claims.cells import ByEffort, Cell, Cells
from refutable.claims.expectations import Expectation

Simulate = Callable[[Cell, Generator, int], Mapping[str, Any]]
Compute = Callable[[Cell], Mapping[str, Any]]


def _bare(name: object) -> Any:
    """Return a control's name without dollar signs; what is no text is refused elsewhere."""
    return mathematics.bare(name) if isinstance(name, str) else name


@dataclass(frozen=True, init=False)
class _Theory:
    """Other expectations, judged on the claim's own data."""

    kind: ClassVar[str] = ""
    name: str
    words: str
    expect: tuple[Expectation, ...]

    def __init__(self, name: str, *expect: Expectation) -> None:
        object.__setattr__(self, "words", name)
        object.__setattr__(self, "name", _bare(name))
        object.__setattr__(self, "expect", expect)


class FalseTheory(_Theory):
    """A wrong prediction, judged on the claim's own data.

    Parameters
    ----------
    name : str
        What is wrong, in a few words.
    *expect : Expectation
        The false theory; at least one of its checks must come out refuted.
    """

    kind = "false theory"


class RightTheory(_Theory):
    """The right prediction beside a wrong one, judged on the claim's own data.

    It stands among `Claim.positive`: where a claim is expected to be refuted, the same rule must
    support the corrected value, or it might refute everything.

    Parameters
    ----------
    name : str
        What is right, in a few words.
    *expect : Expectation
        The right theory; all of its checks must come out inside.
    """

    kind = "right theory"


@dataclass(frozen=True)
class BrokenWorld:
    """A violated assumption, or a method with one ingredient removed, judged by the claim's rule.

    What is not said is the claim's own: its experiment with some keywords changed, its grid
    narrowed, its expectations of some outcomes. So a control cannot drift from its claim.

    Parameters
    ----------
    name : str
        What is broken, in a few words.
    simulate, compute : callable, optional
        As in `Claim`, at most one of them; the claim's own by default. Shares its seed streams.
    change : mapping of str to object
        Keyword arguments handed to the experiment, such as ``{"noise": heavy_tailed}``.
    cells : Cells or ByEffort, optional
        A grid of its own, where the claim's has not got the cells that are wanted.
    at : mapping of str to scalar or tuple
        Narrows the grid to the cells with these parameters. What the claim expects of other cells
        is then not judged.
    judged_by : str or tuple of str
        Only the claim's expectations that read one of these outcomes; all of them by default.
    expect : tuple of Expectation, optional
        Expectations of its own, where the claim's do not fit.
    words : str
        The name with its mathematics, taken from `name` itself: that is a key, and loses its
        dollar signs.
    """

    kind: ClassVar[str] = "broken world"
    name: str
    simulate: Simulate | None = None
    compute: Compute | None = None
    expect: tuple[Expectation, ...] | None = None
    cells: Cells | ByEffort[Cells] | None = None
    change: Mapping[str, Any] = field(default_factory=dict)
    at: Mapping[str, Any] = field(default_factory=dict)
    judged_by: str | tuple[str, ...] = ()
    words: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", self.words or self.name)
        object.__setattr__(self, "name", _bare(self.name))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes in `judged_by`."""
        return (self.judged_by,) if isinstance(self.judged_by, str) else tuple(self.judged_by)

    def mechanism(
        self, simulate: Simulate | None, compute: Compute | None
    ) -> tuple[Simulate | None, Compute | None]:
        """Return what its data are drawn or computed with, given the claim's own."""
        if self.simulate is not None or self.compute is not None:
            simulate, compute = self.simulate, self.compute
        if not self.change:
            return simulate, compute
        return (
            None if simulate is None else functools.partial(simulate, **self.change),
            None if compute is None else functools.partial(compute, **self.change),
        )

    def judging(
        self, own: tuple[Expectation, ...], cells: tuple[Cell, ...]
    ) -> tuple[Expectation, ...]:
        """Return the expectations that judge its data in these cells, given the claim's own."""
        if self.expect is not None:
            return self.expect
        kept = own
        if self.judged_by:
            kept = tuple(e for e in kept if set(self.outcomes) & set(e.functional.outcomes))
        if self.at:
            kept = tuple(e for e in kept if any(e.selects(cell) for cell in cells))
        return kept


class MendedWorld(BrokenWorld):
    """A world in which the claim's rule must support what it judges: a positive control.

    It stands among `Claim.positive`, and is written as a `BrokenWorld` is: the claim's experiment
    with the ingredient that makes its statement true, or on data made by its theory.
    """

    kind: ClassVar[str] = "mended world"


Control = FalseTheory | BrokenWorld
Positive = RightTheory | MendedWorld
