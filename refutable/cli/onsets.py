"""`onset`: where a claim starts to hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from refutable.claims.cells import Scalar
from refutable.claims.claim import Claim
from refutable.claims.onsets import ERROR, Onset
from refutable.cli.choosing import typed
from refutable.cli.common import DEFAULT_STORE, JsonOption, StoreOption, find_some
from refutable.cli.exits import FINE, INSUFFICIENT, STOPPED, ending
from refutable.cli.printing import console, echo, echo_json
from refutable.deciding.onsets.found import OnsetFound
from refutable.deciding.onsets.search import Ending
from refutable.errors import MisuseError
from refutable.interface.onsets import bracket_here, probe_table, sought
from refutable.running.backends import choose
from refutable.running.limits import check_limit
from refutable.storing.fresh import place_of
from refutable.storing.onsets import line
from refutable.storing.store import Store

AtOption = Annotated[
    list[str] | None,
    typer.Option("--at", help="Another parameter, such as --at k=4.", show_default=False),
]
HoldsOption = Annotated[
    str | None,
    typer.Option(help="Which expectation: its number, or words such as 'P(x) >= 0.8'."),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("onset")(ending(onset))


def onset(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | FILE.py")],
    along: Annotated[str, typer.Option(help="The parameter, such as n.")],
    low: Annotated[str, typer.Option("--from", help="Low end of the range.")],
    high: Annotated[str, typer.Option("--to", help="High end of the range.")],
    name: Annotated[str, typer.Option("--claim", help="Which claim of the file.")] = "",
    holds: HoldsOption = None,
    at: AtOption = None,
    scale: Annotated[str, typer.Option(help="log or linear [default: by the range].")] = "",
    tolerance: Annotated[
        float | None,
        typer.Option(help="high/low - 1 (log) or high - low (linear) that is narrow enough."),
    ] = None,
    budget: Annotated[int | None, typer.Option(help="Replicates.")] = None,
    alpha: Annotated[float, typer.Option(help="Error probability.")] = ERROR,
    predicted: Annotated[float | None, typer.Option(help="Where theory has it.")] = None,
    seed: Annotated[int | None, typer.Option(help="Suite seed.")] = None,
    workers: Annotated[int, typer.Option(help="Worker processes.")] = 0,
    store: StoreOption = DEFAULT_STORE,
    backend: Annotated[str, typer.Option(help="auto, serial, processes, dask or mpi.")] = "auto",
    block_seconds: Annotated[float, typer.Option(help="Time limit of one block.")] = 900.0,
    as_json: JsonOption = False,
) -> int:
    """Find from which value of a parameter on an expectation holds, with a stated error."""
    check_limit("--block-seconds", block_seconds)
    registry, claims = find_some([claim])
    chosen = _only([c for c in claims if name in ("", c.id, c.name)])
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
    )
    chosen_backend = choose(backend, workers or os.cpu_count() or 1)
    store = store.absolute()
    place, share = (store, 1.0) if seed is None else place_of(store, seed)
    with Store(place, seed, share=share) as opened, bracket_here(_shown(as_json)) as told:
        found = sought(opened, registry, chosen, [asked], chosen_backend, told, block_seconds)
        owned = sum(line(opened).values())
    _say(found, owned, place, as_json)
    return _code(found)


def _say(found: list[OnsetFound], owned: float, store: Path, as_json: bool) -> None:
    if as_json:
        told = [{**one.to_json(), "sentence": one.sentence} for one in found]
        echo_json({"onsets": told, "alpha_of_all_onsets": owned, "stopped": not found})
        return
    for one in found:
        echo(one.sentence)
        console().print(probe_table(one))
        echo(f"{one.replicates:,} replicates at {len(one.probes)} values; {one.ground}")
    if not found:
        echo("stopped; every finished block is stored. The same command goes on from there.")
    echo(
        f"all onsets of this store together are wrong with probability at most {owned:.4g}, beside "
        f"the 1 % of its verdicts\nresults: {store}"
    )


def _code(found: list[OnsetFound]) -> int:
    if not found:
        return STOPPED
    insufficient = (Ending.WIDE, Ending.OPEN, Ending.NO_BUDGET)
    return INSUFFICIENT if any(one.ending in insufficient for one in found) else FINE


def _shown(as_json: bool) -> bool:
    """Return whether progress is shown: lines where there is no terminal, but not beside JSON."""
    return not as_json


def _only(claims: list[Claim]) -> Claim:
    if len(claims) != 1:
        raise MisuseError(f"name one claim: {', '.join(claim.id for claim in claims)}")
    return claims[0]


def number(text: str, option: str) -> int | float:
    """Return a number, whole where it is written so.

    Raises
    ------
    MisuseError
        If it is none.
    """
    plain = text.replace("_", "").replace(",", "")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    raise MisuseError(f"{option} {text}: give a number.")


def _at(given: list[str]) -> dict[str, Scalar]:
    """Return what `--at name=value` says, numbers as numbers."""
    found: dict[str, Scalar] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign:
            raise MisuseError(f"--at {text}: write name=value.")
        found[name] = typed(value)
    return found
