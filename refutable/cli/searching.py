"""What `onset`, `map` and `tightness` share: of whom they ask, where blocks lie, how they end."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, Protocol, TypeVar

import typer

from refutable.claims.cells import Scalar
from refutable.claims.claim import Claim
from refutable.cli.choosing import typed
from refutable.cli.common import find_some, foreign
from refutable.cli.exits import FINE, STOPPED
from refutable.cli.printing import echo, echo_json
from refutable.errors import MisuseError
from refutable.interface.onsets import bracket_here, drawn
from refutable.running.backends import Backend, choose
from refutable.running.limits import check_limit
from refutable.running.registry import Registry
from refutable.storing.fresh import place_of
from refutable.storing.onsets import line
from refutable.storing.store import Store


class Found(Protocol):
    """What a search has found."""

    @property
    def sentence(self) -> str:
        """What was found, in words."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""


A = TypeVar("A")
F = TypeVar("F", bound=Found)
Wanted = Sequence[tuple[Claim, A]]

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[CLAIM | PAPER | FILE.py]...", show_default=False)
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Whatever the authors of claims ask for, of all claims.")
]
NameOption = Annotated[str, typer.Option("--claim", help="Which claim of a file.")]
AtOption = Annotated[
    list[str] | None,
    typer.Option("--at", help="Another parameter, such as --at k=4.", show_default=False),
]
HoldsOption = Annotated[
    str | None,
    typer.Option(help="Which expectation: its number, or words such as 'P(x) >= 0.8'."),
]
BudgetOption = Annotated[int | None, typer.Option(help="Replicates.")]
BlockOption = Annotated[int | None, typer.Option(help="Replicates of a block.")]
AlphaOption = Annotated[float, typer.Option(help="Error probability.")]
SeedOption = Annotated[int | None, typer.Option(help="Suite seed.")]


@dataclass(frozen=True)
class Where:
    """Where blocks are drawn and kept, as the options say.

    Raises
    ------
    MisuseError
        If there is no such back end, or an option is given that it would ignore.
    """

    store: Path
    seed: int | None
    backend: str
    workers: int
    scheduler: str | None
    block_seconds: float

    def __post_init__(self) -> None:
        check_limit("--block-seconds", self.block_seconds)
        object.__setattr__(self, "store", self.store.absolute())  # a claim may change the folder
        self.chosen()  # what cannot be is told before anything is loaded

    def chosen(self, apart: bool = False) -> Backend:
        """Return the back end; other people's claims are kept `apart` from this process."""
        many = self.workers or os.cpu_count() or 1
        return choose(self.backend, many, self.scheduler, apart=apart)

    @property
    def place(self) -> tuple[Path, float]:
        """The store, and its share of a ledger."""
        return (self.store, 1.0) if self.seed is None else place_of(self.store, self.seed)


@dataclass(frozen=True)
class Sought(Generic[F]):
    """What was found, one after the other.

    Parameters
    ----------
    found : list
        Fewer than were wanted where somebody stopped it.
    left : int
        Those that were not reached.
    owned : float
        Error probability that all searches of the store own together.
    store : Path
    """

    found: list[F]
    left: int
    owned: float
    store: Path

    def end(self, what: str, as_json: bool, code: int = FINE) -> int:
        """Say how it ended, all of it as JSON if wanted; return the exit code."""
        if as_json:
            told = [{**one.to_json(), "sentence": one.sentence} for one in self.found]
            stopped = bool(self.left)
            echo_json({what: told, "alpha_of_all_onsets": self.owned, "stopped": stopped})
        else:
            self._say_end()
        return STOPPED if self.left else code

    def _say_end(self) -> None:
        if self.left:
            echo("stopped; every finished block is stored. The same command goes on from there.")
        echo(
            "all onsets and maps of this store together are wrong with probability at most "
            f"{self.owned:.4g}, beside the 1 % of its verdicts\nresults: {self.store}"
        )


def seek(
    kind: Any,
    registry: Registry,
    wanted: Wanted[A],
    where: Where,
    say: Callable[[F], None] | None,
) -> Sought[F]:
    """Draw what is wanted; say each as it is found, unless `say` is None."""
    backend = where.chosen(foreign(registry, [claim for claim, _ in wanted]))
    place, share = where.place
    found: list[F] = []
    with Store(place, where.seed, share=share) as opened:
        for claim, asked in wanted:
            job = kind(claim, registry.sources[claim.id], asked, opened.seed)
            with bracket_here(None if say else False) as told:
                new = drawn(opened, [job], backend, told, where.block_seconds)
            if not new:
                break
            found += new
            if say:
                say(new[0])
        owned = sum(line(opened).values())
    return Sought(found, len(wanted) - len(found), owned, place)


def claims_meant(
    names: list[str] | None, name: str, every: bool = False
) -> tuple[Registry, list[Claim]]:
    """Return the registry, and the claims that the arguments name.

    Raises
    ------
    MisuseError
        If none is named and not all are meant.
    """
    if not names and not every:
        raise MisuseError("name a claim, or say --all for whatever the authors of claims ask for.")
    registry, claims = find_some(names or [])
    return registry, [c for c in claims if name in ("", c.id, c.name)]


def asked_by_authors(
    claims: Sequence[Claim], of: Callable[[Claim], Sequence[A]], what: str, options: str
) -> Wanted[A]:
    """Return what the authors of claims ask for.

    Raises
    ------
    MisuseError
        If it is nothing.
    """
    wanted = [(claim, one) for claim in claims for one in of(claim)]
    if not wanted:
        raise MisuseError(f"no {what} is asked for by these claims; say what, with {options}.")
    return wanted


def only(claims: Sequence[Claim]) -> Claim:
    """Return the one claim that is meant.

    Raises
    ------
    MisuseError
        If there are several, or none.
    """
    if len(claims) != 1:
        raise MisuseError(f"name one claim: {', '.join(claim.id for claim in claims)}")
    return claims[0]


def held_at(given: list[str] | None) -> dict[str, Scalar]:
    """Return what `--at name=value` says, numbers as numbers.

    Raises
    ------
    MisuseError
        If it is written otherwise.
    """
    found: dict[str, Scalar] = {}
    for text in given or []:
        name, sign, value = text.partition("=")
        if not sign:
            raise MisuseError(f"--at {text}: write name=value.")
        found[name] = typed(value)
    return found
