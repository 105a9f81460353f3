"""Controls: nearby false claims that the same rule must refute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.random import Generator

from refutable.claims.cells import ByEffort, Cell, Cells
from refutable.claims.expectations import Expectation

Simulate = Callable[[Cell, Generator, int], Mapping[str, Any]]
Compute = Callable[[Cell], Mapping[str, Any]]


@dataclass(frozen=True, init=False)
class FalseTheory:
    """A wrong prediction, judged on the claim's own data.

    Parameters
    ----------
    name : str
        What is wrong, in a few words.
    *expect : Expectation
        The false theory; at least one of its checks must come out refuted.
    """

    kind: ClassVar[str] = "false theory"
    name: str
    expect: tuple[Expectation, ...]

    def __init__(self, name: str, *expect: Expectation) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "expect", expect)


@dataclass(frozen=True)
class BrokenWorld:
    """A violated assumption, or a method with one ingredient removed, judged by the claim's rule.

    Parameters
    ----------
    name : str
        What is broken, in a few words.
    simulate, compute : callable
        As in `Claim`; exactly one of them. It shares the claim's seed streams.
    expect : tuple of Expectation, optional
        The claim's own by default.
    cells : Cells or ByEffort, optional
        The claim's own by default.
    """

    kind: ClassVar[str] = "broken world"
    name: str
    simulate: Simulate | None = None
    compute: Compute | None = None
    expect: tuple[Expectation, ...] | None = None
    cells: Cells | ByEffort[Cells] | None = None


Control = FalseTheory | BrokenWorld
