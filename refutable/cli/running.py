"""`run`, `rerun`, `report` and `diff`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from refutable.claims.claim import Claim
from refutable.claims.formulas import broken_formulas
from refutable.claims.records import Effort
from refutable.cli.choosing import cell_anywhere, cell_named, check_block
from refutable.cli.common import (
    DEFAULT_STORE,
    BackendOption,
    JsonOption,
    LimitOption,
    LongOption,
    Names,
    SchedulerOption,
    StoreOption,
    WorkersOption,
    find,
    find_some,
    foreign,
    nothing_left,
    open_store,
    show_problems,
)
from refutable.cli.exits import STOPPED, ending, exit_code
from refutable.cli.printing import console, echo, echo_json
from refutable.deciding import ledger
from refutable.deciding.outcomes import decode
from refutable.deciding.results import ClaimResult
from refutable.errors import MisuseError, RefutableError, StoreError
from refutable.extras import installed, lacking
from refutable.interface.comparing import REPORT
from refutable.interface.showing import reporters
from refutable.interface.views import repeats, verdict_table
from refutable.running.backends import Backend, choose
from refutable.running.job import Job, begin
from refutable.running.limits import check_limit
from refutable.running.progress import LiveTable, PlainLines, Silent
from refutable.running.registry import Problem, Registry
from refutable.running.runner import Ended, Runner
from refutable.running.tasks import Task, draw, world_of
from refutable.storing.durable import durable as keeping
from refutable.storing.fresh import next_night, place_of
from refutable.storing.store import Store
from refutable.storing.tables import make_waiting

EffortOption = Annotated[Effort, typer.Option("--effort", help="Grid and caps of the run.")]
FRESH = Path("runs") / "fresh"
LEFT_OUT = {
    "pyarrow": "tables are left to `refutable report`",
    "typst": "formulas are not checked",
}
"""What `run` does without a library that only the reports need."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(ending(run))
    app.command("rerun")(ending(rerun))
    app.command("report")(ending(report))
    app.command("diff")(ending(diff))


def run(
    names: Names = None,
    effort: EffortOption = Effort.SMOKE,
    seed: Annotated[
        int | None, typer.Option(help="Suite seed [default: the store's, or 0].")
    ] = None,
    workers: WorkersOption = 0,
    store: StoreOption = DEFAULT_STORE,
    backend: BackendOption = "auto",
    scheduler: SchedulerOption = None,
    block_seconds: LimitOption = 900.0,
    fresh: Annotated[
        bool, typer.Option(help="Fresh seed, with an error ledger of its own.")
    ] = False,
    durable: Annotated[
        bool, typer.Option("--durable", help="Wait for the disk: a loss of power loses no block.")
    ] = False,
    memory: Annotated[float, typer.Option(help="GB a worker process may use; 0: no limit.")] = 0.0,
    as_json: JsonOption = False,
) -> int:
    """Decide claims: all of them, or those named."""
    check_limit("--block-seconds", block_seconds)
    store = store.absolute()  # a claim may change the folder of its process
    many = workers if workers else os.cpu_count() or 1
    choose(backend, many, scheduler, memory)  # what cannot be is told before anything is loaded
    registry, found = find(names or [])
    chosen = choose(backend, many, scheduler, memory, foreign(registry, found))
    _say_what_is_left_out()
    claims, broken = _sound_formulas(registry, found)
    problems = [*registry.problems, *broken]
    show_problems(problems)
    if not claims:
        raise nothing_left(problems, results=[], stopped=False)
    ledger.lines(claims, families=registry.families(claims))  # before a folder is made
    share = 1.0
    if fresh:
        seed, share, store = _fresh(seed, store)
    elif seed is not None:
        store, share = _of_seed(store, seed)
    with keeping(durable), Store(store, seed, share=share) as opened:
        jobs, unprepared = begin(opened, claims, registry, effort, problems)
        show_problems(unprepared)
        problems += unprepared
        ended = _decide(opened, jobs, chosen, block_seconds, as_json)
        problems += ended.problems
        opened.write_problems([asdict(problem) for problem in problems])
    if as_json:
        _say_json(ended, problems)
    else:
        again = ["refutable", "run", *(names or []), "--effort", effort, "--store", str(store)]
        _say(ended, problems, shlex.join(again))
        echo(f"results: {store.resolve()}")
    return STOPPED if ended.left else exit_code(ended.results, len(problems))


def _decide(
    store: Store, jobs: Sequence[Job], backend: Backend, block_seconds: float, as_json: bool
) -> Ended[ClaimResult]:
    progress = _progress(as_json)
    try:
        ended = Runner(store, backend, progress, block_seconds).run(jobs)
    finally:
        if isinstance(progress, LiveTable):
            progress.stop()
    show_problems(ended.problems if as_json else [])  # else the progress has told them
    return ended


def _fresh(seed: int | None, store: Path) -> tuple[int, float, Path]:
    """Return seed, share of the ledger and store of a new run with a fresh seed."""
    if seed is not None:
        raise MisuseError("--fresh draws its own seed; leave out --seed.")
    folder = FRESH.absolute() if store == DEFAULT_STORE.absolute() else store
    night, path = next_night(folder)
    echo(f"fresh run {night.number}: seed {night.seed}, store {path}", err=True)
    return night.seed, night.share, path


def _of_seed(store: Path, seed: int) -> tuple[Path, float]:
    """Return where the results of a seed lie, and their share of a ledger."""
    place, share = place_of(store, seed)
    if place != store:
        echo(f"seed {seed} is not the store's: its results lie in {place}", err=True)
    return place, share


def _say_what_is_left_out() -> None:
    missing = [library for library in LEFT_OUT if not installed(library)]
    if missing:
        what = " and ".join(LEFT_OUT[library] for library in missing)
        echo(f"note: {lacking(what, missing)}", err=True)


def _sound_formulas(
    registry: Registry, claims: Sequence[Claim]
) -> tuple[list[Claim], list[Problem]]:
    """Return the claims whose formulas compile, and a problem for each other."""
    broken = broken_formulas(claims) if installed("typst") else {}
    mend = "Write Typst math, for instance `sqrt(n) <= 2 alpha`, without dollar signs."
    problems = [
        Problem(registry.sources[name].place, f"Claim {name!r}: {text}. {mend}", name)
        for name, text in broken.items()
    ]
    return [claim for claim in claims if claim.id not in broken], problems


def _progress(as_json: bool) -> Silent:
    if as_json:
        return Silent()
    screen = console()
    return LiveTable(screen) if screen.is_terminal else PlainLines(screen)


def _say_json(ended: Ended[ClaimResult], problems: Sequence[Problem]) -> None:
    found, told = [r.to_json() for r in ended.results], [asdict(p) for p in problems]
    echo_json({"results": found, "problems": told, "stopped": bool(ended.left)})


def _say(ended: Ended[ClaimResult], problems: Sequence[Problem], again: str) -> None:
    console().print(verdict_table(ended.results, ended.left, len(problems)))
    for line in (line for result in ended.results for line in repeats(result)):
        echo(line)
    if ended.left:
        echo(f"stopped; every finished block is stored. To go on: {again}")


def rerun(
    claim: Annotated[str, typer.Argument(metavar="CLAIM | FILE.py")],
    cell: Annotated[str, typer.Option(help="Cell, such as 'n=200,ratio=0.6'.")] = "",
    block: Annotated[int, typer.Option(help="Index of the block.")] = 0,
    world: Annotated[str, typer.Option(help="The claim's own, or a control.")] = "claim",
    seed: Annotated[int, typer.Option(help="Suite seed.")] = 0,
    name: Annotated[str, typer.Option("--claim", help="Which claim of the file.")] = "",
    anywhere: Annotated[
        bool, typer.Option(help="The cell may lie off the grid, as an onset's do; name all of it.")
    ] = False,
    size: Annotated[int, typer.Option(help="Replicates; 0: as many as the claim's.")] = 0,
    effort: Annotated[
        Effort | None, typer.Option(help="Whose grid and cap; by default, those of all efforts.")
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Draw exactly one block again and print what it gave."""
    registry, claims = find_some([claim])
    chosen = [c for c in claims if name in ("", c.id, c.name)]
    if len(chosen) != 1:
        listed = ", ".join(c.id for c in chosen or claims)
        raise MisuseError(f"Name one claim with --claim: {listed}")
    found = chosen[0]
    there = world_of(found, world)
    if anywhere:
        at = cell_anywhere(found, there, cell)
    else:
        at = cell_named(found, there, cell, effort)
        check_block(found, there, block, effort)
    task = Task(registry.sources[found.id], found.id, there.key, at, block, seed, size=size)
    drawn = draw(task)
    if drawn.outcome is None:
        where = f"{found.id}, cell {at.label or '(none)'}, block {block}"
        raise RefutableError(f"{where}: {drawn.error}")
    if as_json:
        echo_json(drawn.outcome)
        return 0
    echo(f"{found.id}, cell {at.label or '(none)'}, block {block}, seed {seed}")
    for column, values in decode(drawn.outcome).items():
        echo(f"{column} {values.shape}: {values}")
    return 0


def report(
    store: StoreOption = DEFAULT_STORE,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = REPORT,
    formats: Annotated[str, typer.Option(help="Comma-separated; empty for all.")] = "",
) -> int:
    """Write the reports from stored results; nothing is simulated."""
    opened, reporter = open_store(store), reporters()
    _make_waiting_tables(opened)
    chosen = {"formats": tuple(formats.split(","))} if formats else {}
    written = reporter.write(store, out, progress=lambda text: echo(text, err=True), **chosen)
    for name, path in written.items():
        echo(f"{name}: {path.resolve()}")
    _tell_the_workflow(written)
    return 0


def _make_waiting_tables(store: Store) -> None:
    """Make the tables that `run` could not make; a report can be had without them."""
    if store.tables_waiting():
        try:
            with store:
                make_waiting(store)
        except StoreError as error:
            echo(f"note: tables were not made: {error}", err=True)


def _tell_the_workflow(written: dict[str, Path]) -> None:
    """Under GitHub Actions, show the summary on the run's page and annotate the worst."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if not summary or "summary" not in written:
        return
    with Path(summary).open("a", encoding="utf-8") as page:
        page.write(written["summary"].read_text(encoding="utf-8"))
    annotations = written["summary"].with_name("annotations.txt")
    if annotations.exists():
        echo(annotations.read_text(encoding="utf-8"))


def diff(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="A store.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="Another.")],
    html: Annotated[Path | None, typer.Option(help="Write a page to this file.")] = None,
    long: LongOption = False,
) -> int:
    """Show two runs side by side."""
    open_store(run_a), open_store(run_b)
    reporter = reporters()
    found = reporter.diff(run_a, run_b)
    echo(reporter.difference_text(found, long=long))
    if html is not None:
        html.write_text(reporter.difference_html(found), encoding="utf-8")
        echo(f"page: {html.resolve()}")
    return 0
