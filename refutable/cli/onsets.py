"""`onset` and `map`: where a claim starts to hold, along a line or in a plane."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from refutable.claims.cells import Scalar
from refutable.claims.claim import Claim
from refutable.claims.onsets import ERROR, Onset
from refutable.claims.planes import Map
from refutable.cli.choosing import typed
from refutable.cli.common import DEFAULT_STORE, JsonOption, StoreOption, find_some
from refutable.cli.exits import FINE, INSUFFICIENT, STOPPED, ending
from refutable.cli.printing import console, echo, echo_json
from refutable.cli.ranges import number, values_of
from refutable.deciding.onsets.found import OnsetFound
from refutable.deciding.onsets.mapped import MapFound
from refutable.deciding.onsets.search import Ending
from refutable.errors import MisuseError
from refutable.interface.maps import letters
from refutable.interface.onsets import bracket_here, drawn, probe_table
from refutable.interface.planes import drawing
from refutable.running.backends import Backend, choose
from refutable.running.limits import check_limit
from refutable.running.registry import Registry
from refutable.running.seeking import Drawing, Seeking, Surveying
from refutable.storing.fresh import place_of
from refutable.storing.onsets import line
from refutable.storing.store import Store

F = TypeVar("F", OnsetFound, MapFound)

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
WorkersOption = Annotated[int, typer.Option(help="Worker processes.")]
BackendOption = Annotated[str, typer.Option(help="auto, serial, processes, dask or mpi.")]
LimitOption = Annotated[float, typer.Option(help="Time limit of one block; 0: no limit.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("onset")(ending(onset))
    app.command("map")(ending(plane))


@dataclass(frozen=True)
class Where:
    """Where blocks are drawn and kept."""

    store: Path
    seed: int | None
    backend: Backend
    block_seconds: float

    @classmethod
    def of(
        cls, store: Path, seed: int | None, backend: str, workers: int, block_seconds: float
    ) -> Where:
        """Return what the options say."""
        check_limit("--block-seconds", block_seconds)
        return cls(
            store.absolute(), seed, choose(backend, workers or os.cpu_count() or 1), block_seconds
        )


def onset(
    names: NamesArgument = None,
    along: Annotated[str, typer.Option(help="The parameter, such as n.")] = "",
    low: Annotated[str, typer.Option("--from", help="Low end of the range.")] = "",
    high: Annotated[str, typer.Option("--to", help="High end of the range.")] = "",
    every: AllOption = False,
    name: NameOption = "",
    holds: HoldsOption = None,
    at: AtOption = None,
    scale: Annotated[str, typer.Option(help="log or linear [default: by the range].")] = "",
    tolerance: Annotated[
        float | None,
        typer.Option(help="high/low - 1 (log) or high - low (linear) that is narrow enough."),
    ] = None,
    budget: BudgetOption = None,
    block: BlockOption = None,
    alpha: AlphaOption = ERROR,
    predicted: Annotated[float | None, typer.Option(help="Where theory has it.")] = None,
    seed: SeedOption = None,
    workers: WorkersOption = 0,
    store: StoreOption = DEFAULT_STORE,
    backend: BackendOption = "auto",
    block_seconds: LimitOption = 900.0,
    as_json: JsonOption = False,
) -> int:
    """Find from which value of a parameter on an expectation holds, with a stated error."""
    where = Where.of(store, seed, backend, workers, block_seconds)
    registry, claims = _claims(names, name, every)
    if along:
        asked = Onset(
            along=along,
            between=(number(low, "--from"), number(high, "--to")),
            holds=holds,
            at=_at(at or []),
            scale=scale,
            tolerance=tolerance,
            predicted=predicted,
            budget=budget,
            alpha=alpha,
            block=block,
        )
        wanted = [(_only(claims), asked)]
    else:
        wanted = [(claim, one) for claim in claims for one in claim.onsets]
        _refuse_none(wanted, "onset", "--along n --from 50 --to 10000")
    found, owned, place = _found(Seeking, registry, wanted, where, as_json, _say_onset)
    if as_json:
        told = [{**one.to_json(), "sentence": one.sentence} for one in found]
        stopped = len(found) < len(wanted)
        echo_json({"onsets": told, "alpha_of_all_onsets": owned, "stopped": stopped})
    else:
        _say_end(len(wanted) - len(found), owned, place)
    return STOPPED if len(found) < len(wanted) else _code(found)


def plane(
    names: NamesArgument = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            help="Twice, the horizontal one first: n=50,100,200 or ratio=0.6:1.4:20[:log].",
            show_default=False,
        ),
    ] = None,
    every: AllOption = False,
    name: NameOption = "",
    holds: HoldsOption = None,
    at: AtOption = None,
    predicted: Annotated[
        str | None, typer.Option(help="Where it holds by theory, such as 'ratio >= 1'.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option(help="File for the figure: svg, png or pdf.")
    ] = None,
    budget: BudgetOption = None,
    block: BlockOption = None,
    alpha: AlphaOption = ERROR,
    seed: SeedOption = None,
    workers: WorkersOption = 0,
    store: StoreOption = DEFAULT_STORE,
    backend: BackendOption = "auto",
    block_seconds: LimitOption = 900.0,
    as_json: JsonOption = False,
) -> int:
    """Decide in which cells of a plane an expectation holds, with one error for the whole."""
    where = Where.of(store, seed, backend, workers, block_seconds)
    registry, claims = _claims(names, name, every)
    if over:
        asked = Map(
            over=dict(values_of(text) for text in over),
            holds=holds,
            at=_at(at or []),
            predicted=predicted,
            budget=budget,
            alpha=alpha,
            block=block,
        )
        wanted = [(_only(claims), asked)]
    else:
        wanted = [(claim, one) for claim in claims for one in claim.maps]
        _refuse_none(wanted, "map", "--over ratio=0.6:1.4:20 --over n=100,200,400")
    found, owned, place = _found(Surveying, registry, wanted, where, as_json, _say_map)
    if figure is not None and found:
        drawing(found[-1], wanted[len(found) - 1][1].theory()).savefig(figure)
    if as_json:
        told = [{**one.to_json(), "sentence": one.sentence} for one in found]
        stopped = len(found) < len(wanted)
        echo_json({"maps": told, "alpha_of_all_onsets": owned, "stopped": stopped})
    else:
        _say_end(len(wanted) - len(found), owned, place)
    return STOPPED if len(found) < len(wanted) else FINE


def _found(
    kind: Any,
    registry: Registry,
    wanted: Sequence[tuple[Claim, Any]],
    where: Where,
    as_json: bool,
    say: Any,
) -> tuple[list[Any], float, Path]:
    """Draw what is wanted, say each as it is found; return them, and what the store owns."""
    place, share = (where.store, 1.0) if where.seed is None else place_of(where.store, where.seed)
    found: list[Any] = []
    with Store(place, where.seed, share=share) as opened:
        for job in _jobs(kind, registry, wanted, opened.seed):
            with bracket_here(None if not as_json else False) as told:
                new = drawn(opened, [job], where.backend, told, where.block_seconds)
            if not new:
                break
            found += new
            if not as_json:
                say(new[0])
        owned = sum(line(opened).values())
    return found, owned, place


def _jobs(
    kind: Any, registry: Registry, wanted: Sequence[tuple[Claim, Any]], seed: int
) -> Iterator[Drawing[Any, Any]]:
    for claim, asked in wanted:
        yield kind(claim, registry.sources[claim.id], asked, seed)


def _claims(names: list[str] | None, name: str, every: bool) -> tuple[Registry, list[Claim]]:
    if not names and not every:
        raise MisuseError("name a claim, or say --all for whatever the authors of claims ask for.")
    registry, claims = find_some(names or [])
    return registry, [c for c in claims if name in ("", c.id, c.name)]


def _refuse_none(wanted: Sequence[object], what: str, options: str) -> None:
    if not wanted:
        raise MisuseError(f"no {what} is asked for by these claims; say what, with {options}.")


def _say_onset(found: OnsetFound) -> None:
    echo(f"{found.claim}: {found.sentence}")
    console().print(probe_table(found))
    echo(f"{found.replicates:,} replicates at {len(found.probes)} values; {found.ground}")


def _say_map(found: MapFound) -> None:
    echo(f"{found.claim}: {found.sentence}")
    echo(letters(found))
    echo(f"{found.replicates:,} replicates")


def _say_end(left: int, owned: float, store: Path) -> None:
    if left:
        echo("stopped; every finished block is stored. The same command goes on from there.")
    echo(
        "all onsets and maps of this store together are wrong with probability at most "
        f"{owned:.4g}, beside the 1 % of its verdicts\nresults: {store}"
    )


def _code(found: Sequence[OnsetFound]) -> int:
    insufficient = (Ending.WIDE, Ending.OPEN, Ending.NO_BUDGET)
    return INSUFFICIENT if any(one.ending in insufficient for one in found) else FINE


def _only(claims: list[Claim]) -> Claim:
    if len(claims) != 1:
        raise MisuseError(f"name one claim: {', '.join(claim.id for claim in claims)}")
    return claims[0]


def _at(given: list[str]) -> dict[str, Scalar]:
    """Return what `--at name=value` says, numbers as numbers."""
    found: dict[str, Scalar] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise MisuseError(f"--at {text}: write name=value.")
        found[name] = typed(value)
    return found
