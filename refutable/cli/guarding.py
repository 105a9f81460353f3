"""`compare` and `accept`: the guard against regressions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from refutable.claims.describe import counted
from refutable.cli.common import DEFAULT_STORE, JsonOption, StoreOption, open_store
from refutable.cli.exits import ending
from refutable.cli.printing import echo, echo_json
from refutable.deciding.results import ClaimResult
from refutable.errors import MisuseError
from refutable.storing import baseline
from refutable.storing.store import Store

BaselineOption = Annotated[Path, typer.Option("--baseline", help="Folder of the baseline.")]
DEFAULT_BASELINE = Path("baseline")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("compare")(ending(compare))
    app.command("accept")(ending(accept))


def compare(
    store: StoreOption = DEFAULT_STORE,
    root: BaselineOption = DEFAULT_BASELINE,
    as_json: JsonOption = False,
) -> int:
    """Compare stored results with the baseline.

    Exit codes: 0 fine, 1 a verdict or an interval changed for the worse, 2 misuse, 3 evidence
    insufficient.
    """
    results = _results(open_store(store))
    effort = _effort(results)
    changes = baseline.compare(baseline.read(root, effort), results)
    if as_json:
        echo_json([vars(change) for change in changes])
    for change in () if as_json else changes:
        mark = {baseline.FINE: "note", baseline.WORSE: "WORSE"}.get(change.code, "UNDECIDED")
        echo(f"{mark}: {change.claim} {change.text}")
    if not as_json:
        echo(f"{counted(len(results), 'claim')} compared with {root}/{effort}")
    return baseline.code(changes)


def accept(
    claims: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CLAIM | PAPER | FIELD]...", help="All claims by default."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why these results are right.")] = "",
    store: StoreOption = DEFAULT_STORE,
    root: BaselineOption = DEFAULT_BASELINE,
) -> int:
    """Make stored results the baseline, for a reason that is recorded."""
    opened = open_store(store)
    results = _results(opened)
    chosen = _chosen(opened, results, claims) if claims else list(results.values())
    pairs = [(result, opened.cost(result.claim)) for result in chosen]
    written = baseline.accept(root, pairs, reason)
    if not claims:
        effort = _effort(results)
        gone = {path.stem for path in baseline.folder(root, effort).glob("*.json")} - set(results)
        baseline.forget(root, effort, gone)
    echo(f"accepted {counted(len(written), 'result')} into {root}")
    return 0


def _chosen(store: Store, results: dict[str, ClaimResult], names: list[str]) -> list[ClaimResult]:
    """Return the results of the claims, papers and fields that are named."""
    chosen: dict[str, ClaimResult] = {}
    for name in names:
        group = [key for key in results if name in (key.partition(".")[0], _field(store, key))]
        chosen |= {key: results[key] for key in group or [_one(store, results, name)]}
    return list(chosen.values())


def _field(store: Store, claim_id: str) -> str | None:
    return store.record(claim_id).get("field")


def _one(store: Store, results: dict[str, ClaimResult], name: str) -> str:
    """Return the id that is this name, or the only one that ends in it."""
    fitting = [key for key in results if name == key] or [
        key for key in results if name == key.partition(".")[2]
    ]
    if len(fitting) > 1:
        raise MisuseError(f"{name!r} is ambiguous: {', '.join(fitting)}. Give the whole id.")
    if not fitting:
        raise MisuseError(f"The store {store.path} has no result of {name}.")
    return fitting[0]


def _results(store: Store) -> dict[str, ClaimResult]:
    results = store.results()
    if not results:
        raise MisuseError(f"The store {store.path} has no results; run `refutable run` first.")
    return results


def _effort(results: dict[str, ClaimResult]) -> str:
    efforts = sorted({result.effort for result in results.values()})
    if len(efforts) != 1:
        raise MisuseError(
            f"The store holds results of several efforts ({', '.join(efforts)}); "
            "compare a store of one effort."
        )
    return efforts[0]
