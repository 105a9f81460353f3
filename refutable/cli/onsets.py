"""`onset`, `map`, `tightness`: where a claim starts to hold, and how tight its bound is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from refutable.claims.onsets import ERROR, Onset
from refutable.claims.planes import Map
from refutable.claims.tightness import REPLICATES, Q, Tightness
from refutable.cli.common import (
    DEFAULT_STORE,
    BackendOption,
    JsonOption,
    LimitOption,
    SchedulerOption,
    StoreOption,
    WorkersOption,
)
from refutable.cli.exits import FINE, INSUFFICIENT, ending
from refutable.cli.printing import console, echo
from refutable.cli.ranges import number, values_of
from refutable.cli.searching import (
    AllOption,
    AlphaOption,
    AtOption,
    BlockOption,
    BudgetOption,
    HoldsOption,
    NameOption,
    NamesArgument,
    SeedOption,
    Sought,
    Wanted,
    Where,
    asked_by_authors,
    claims_meant,
    held_at,
    only,
    seek,
)
from refutable.deciding.onsets.found import OnsetFound
from refutable.deciding.onsets.gauging import GaugesFound
from refutable.deciding.onsets.mapped import MapFound
from refutable.deciding.onsets.search import Ending
from refutable.interface.bounds import gauge_table
from refutable.interface.maps import letters
from refutable.interface.onsets import probe_table
from refutable.interface.planes import drawing
from refutable.running.seeking import Measuring, Seeking, Surveying


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("onset")(ending(onset))
    app.command("map")(ending(plane))
    app.command("tightness")(ending(tightness))


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
    scheduler: SchedulerOption = None,
    block_seconds: LimitOption = 900.0,
    as_json: JsonOption = False,
) -> int:
    """Find from which value of a parameter on an expectation holds, with a stated error."""
    where = Where(store, seed, backend, workers, scheduler, block_seconds)
    registry, claims = claims_meant(names, name, every)
    wanted: Wanted[Onset]
    if along:
        asked = Onset(
            along=along,
            between=(number(low, "--from"), number(high, "--to")),
            holds=holds,
            at=held_at(at),
            scale=scale,
            tolerance=tolerance,
            predicted=predicted,
            budget=budget,
            alpha=alpha,
            block=block,
        )
        wanted = [(only(claims), asked)]
    else:
        options = "--along n --from 50 --to 10000"
        wanted = asked_by_authors(claims, lambda claim: claim.onsets, "onset", options)
    sought: Sought[OnsetFound] = seek(
        Seeking, registry, wanted, where, None if as_json else _say_onset
    )
    return sought.end("onsets", as_json, _code(sought.found))


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
    scheduler: SchedulerOption = None,
    block_seconds: LimitOption = 900.0,
    as_json: JsonOption = False,
) -> int:
    """Decide in which cells of a plane an expectation holds, with one error for the whole."""
    where = Where(store, seed, backend, workers, scheduler, block_seconds)
    registry, claims = claims_meant(names, name, every)
    wanted: Wanted[Map]
    if over:
        asked = Map(
            over=dict(values_of(text) for text in over),
            holds=holds,
            at=held_at(at),
            predicted=predicted,
            budget=budget,
            alpha=alpha,
            block=block,
        )
        wanted = [(only(claims), asked)]
    else:
        options = "--over ratio=0.6:1.4:20 --over n=100,200,400"
        wanted = asked_by_authors(claims, lambda claim: claim.maps, "map", options)
    sought: Sought[MapFound] = seek(
        Surveying, registry, wanted, where, None if as_json else _say_map
    )
    if figure is not None and sought.found:
        drawing(sought.found[-1], wanted[len(sought.found) - 1][1].theory()).savefig(figure)
    return sought.end("maps", as_json)


def tightness(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | FILE.py")],
    over: Annotated[
        list[str] | None,
        typer.Option(
            help="A parameter and its values, n=50,100,200 or n=50:800:5:log; may be repeated "
            "[default: the claim's cells].",
            show_default=False,
        ),
    ] = None,
    name: NameOption = "",
    holds: HoldsOption = None,
    at: AtOption = None,
    q: Annotated[
        float, typer.Option(help="Share of the replicates that may violate the bound.")
    ] = Q,
    replicates: Annotated[int, typer.Option(help="In each cell.")] = REPLICATES,
    block: BlockOption = None,
    alpha: AlphaOption = ERROR,
    seed: SeedOption = None,
    workers: WorkersOption = 0,
    store: StoreOption = DEFAULT_STORE,
    backend: BackendOption = "auto",
    scheduler: SchedulerOption = None,
    block_seconds: LimitOption = 900.0,
    as_json: JsonOption = False,
) -> int:
    """Measure how tight a bound is: its ratio to what it bounds, and what constant suffices."""
    where = Where(store, seed, backend, workers, scheduler, block_seconds)
    registry, claims = claims_meant([claim], name)
    asked = Tightness(
        holds=holds,
        over=dict(values_of(text) for text in over or []),
        at=held_at(at),
        q=q,
        replicates=replicates,
        alpha=alpha,
        block=block,
    )
    sought: Sought[GaugesFound] = seek(
        Measuring, registry, [(only(claims), asked)], where, None if as_json else _say_gauges
    )
    return sought.end("tightness", as_json)


def _say_onset(found: OnsetFound) -> None:
    echo(f"{found.claim}: {found.sentence}")
    console().print(probe_table(found))
    echo(f"{found.replicates:,} replicates at {len(found.probes)} values; {found.ground}")


def _say_map(found: MapFound) -> None:
    echo(f"{found.claim}: {found.sentence}")
    echo(letters(found))
    echo(f"{found.replicates:,} replicates")


def _say_gauges(found: GaugesFound) -> None:
    echo(f"{found.claim}: {found.sentence}")
    console().print(gauge_table(found))
    for along, (low, high) in found.growths.items():
        echo(f"the ratio grows like {along}^c, c in [{low:.3g}, {high:.3g}]")


def _code(found: Sequence[OnsetFound]) -> int:
    insufficient = (Ending.WIDE, Ending.OPEN, Ending.NO_BUDGET)
    return INSUFFICIENT if any(one.ending in insufficient for one in found) else FINE
