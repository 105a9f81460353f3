"""How tight a bound is, as it is asked of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from refutable.claims.cells import Scalar
from refutable.claims.onsets import ERROR, Holds, check_draws
from refutable.errors import MisuseError

Q, REPLICATES = 0.05, 2_000
"""Share of violations, and replicates in each cell, where none are given."""


@dataclass(frozen=True, kw_only=True)
class Tightness:
    """What is asked of a bound, over a grid.

    Parameters
    ----------
    holds : Expectation, str, int or None
        The bound: an expectation with one end, as in `Onset`.
    over : mapping of names to values
        The grid, a full product; empty for the claim's own cells.
    at : mapping
        The parameters that are not in `over`, as in `Onset`.
    q : float
        The constant that suffices is the smallest by which the bound must be multiplied so that
        a replicate violates it with probability at most q.
    replicates : int
        In each cell.
    alpha : float
        Error probability of all intervals together.
    block : int, optional
        Replicates of a block, if not as many as the claim's.

    Raises
    ------
    MisuseError
        If `q` or `alpha` is not in (0, 1), or `replicates` is not positive.
    """

    holds: Holds = None
    over: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    at: Mapping[str, Scalar] = field(default_factory=dict)
    q: float = Q
    replicates: int = REPLICATES
    alpha: float = ERROR
    block: int | None = None

    def __post_init__(self) -> None:
        check_draws(self.alpha, None, self.block)
        if not 0 < self.q < 1:
            raise MisuseError(f"q={self.q!r} is no probability in (0, 1).")
        if self.replicates < 1:
            raise MisuseError(f"replicates={self.replicates} must be 1 or more.")
