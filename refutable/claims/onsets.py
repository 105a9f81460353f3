"""Where a claim starts to hold, as its author asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from refutable.claims.cells import Scalar
from refutable.claims.expectations import Expectation
from refutable.errors import MisuseError

LINEAR, LOG = "linear", "log"
WIDE_RANGE = 10.0
"""A positive range whose ends have this ratio or more is searched on a logarithmic scale."""

STEPS = 20
"""Part of a linear range that the bracket is narrowed to where no tolerance is given; and the
cells of the fixed grid, each at the claim's cap, whose replicates are the default budget."""

RELATIVE = 0.1
"""Tolerance on a logarithmic scale where none is given: the ends differ by 10 % at most."""

ERROR = 0.01
"""Error probability of an onset where none is given. It is no part of a store's 1 % for verdicts:
the store keeps a line of its own for what its onsets and maps own together."""

Holds = Expectation | str | int | None
"""Which expectation: itself, one of the claim's by its number, or in words: `P(x) >= 0.8`."""


def check_draws(alpha: float, budget: int | None, block: int | None) -> None:
    """Refuse what cannot be said of the draws of an onset, a map or a bound's tightness.

    Raises
    ------
    MisuseError
        If `alpha` is no error probability, `budget` is negative, or `block` is not positive.
    """
    if not 0 < alpha < 1:
        raise MisuseError(f"alpha={alpha!r} is no error probability in (0, 1).")
    if budget is not None and budget < 0:
        raise MisuseError(f"budget={budget} must be 0 or more replicates.")
    if block is not None and block < 1:
        raise MisuseError(f"block={block} must be 1 or more replicates.")


@dataclass(frozen=True, kw_only=True)
class Onset:
    """From which value of a parameter on an expectation holds.

    Parameters
    ----------
    along : str
        A parameter of the claim's cells.
    between : pair of int or float
        The range that is searched; two integers for a parameter that is whole.
    holds : Expectation, str, int or None
        What is to hold: an expectation, one of the claim's own by its place, or words such as
        `P(recovered) >= 0.8`. None where the claim has but one that decides.
    at : mapping
        The other parameters; those that have one value in the claim's grid may be left out.
    scale : {'log', 'linear', ''}
        Empty: log for a positive range over a factor of ten or more.
    tolerance : float, optional
        See `refutable.deciding.onsets.line.Line`; 0.1 on a log scale, a twentieth of a linear one.
    predicted : float or callable, optional
        Where theory has the onset; a function of nothing is called when it is sought, so that
        registering a claim computes nothing.
    budget : int, optional
        Replicates; by default what twenty cells at the claim's cap would take.
    block : int, optional
        Replicates of a block, if not as many as the claim's.
    alpha : float
        Error probability.

    Raises
    ------
    MisuseError
        If the scale is no scale, `between` is no pair, or `alpha` is not in (0, 1).
    """

    along: str
    between: tuple[float, float]
    holds: Holds = None
    at: Mapping[str, Scalar] = field(default_factory=dict)
    scale: str = ""
    tolerance: float | None = None
    predicted: float | Callable[[], float] | None = None
    budget: int | None = None
    alpha: float = ERROR
    block: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.between, tuple | list) or len(self.between) != 2:
            raise MisuseError(f"between={self.between!r} must be a pair, such as (50, 10_000).")
        if self.scale not in ("", LINEAR, LOG):
            raise MisuseError(f"scale={self.scale!r}: use 'log' or 'linear', or leave it out.")
        check_draws(self.alpha, self.budget, self.block)
        object.__setattr__(self, "between", tuple(self.between))
        object.__setattr__(self, "at", dict(self.at))

    @property
    def prediction(self) -> float | None:
        """Where theory has the onset, given or computed."""
        return self.predicted() if callable(self.predicted) else self.predicted

    @property
    def log(self) -> bool:
        """Whether the scale is logarithmic."""
        low, high = self.between
        return self.scale == LOG or (not self.scale and low > 0 and high / low >= WIDE_RANGE)

    @property
    def width(self) -> float:
        """The tolerance, given or not."""
        if self.tolerance is not None:
            return self.tolerance
        low, high = self.between
        return RELATIVE if self.log else (high - low) / STEPS
