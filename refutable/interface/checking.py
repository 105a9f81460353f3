"""Deciding claims from Python."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TypeGuard

from refutable.claims import validate
from refutable.claims.claim import UNNAMED, Claim, adopt
from refutable.claims.records import Effort, Paper
from refutable.deciding.prospects import Prospect, prospects
from refutable.deciding.results import ClaimResult
from refutable.errors import MisuseError
from refutable.interface.result import Result
from refutable.interface.results import Results
from refutable.interface.showing import progress_here
from refutable.running import live
from refutable.running.backends import Backend, choose
from refutable.running.job import begin
from refutable.running.registry import Registry, discover
from refutable.running.runner import Runner
from refutable.storing.fresh import place_of
from refutable.storing.store import Store

Named = Claim | str | Path


@dataclass(frozen=True)
class Folder:
    """Where results lie: a store of the caller's, or one that goes with the last result."""

    path: Path
    held: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False)

    @classmethod
    def at(cls, store: str | Path | None) -> Folder:
        """Return the folder, a temporary one for None."""
        if store is not None:
            return cls(Path(store))
        held = tempfile.TemporaryDirectory(prefix="refutable-", ignore_cleanup_errors=True)
        return cls(Path(held.name) / "store", held)


def check(
    claim: Named,
    effort: Effort | str = Effort.SMOKE,
    seed: int | None = None,
    workers: int = 1,
    store: str | Path | None = None,
    progress: bool | None = None,
) -> Result:
    """Decide one claim.

    Parameters
    ----------
    claim : Claim, str or Path
        A claim, defined anywhere, a notebook's cell included; or the name of one of the suite; or
        a file that holds one.
    effort : {'smoke', 'standard', 'full'}
        Grid and caps.
    seed : int, optional
        The store's own by default, 0 for a new one.
    workers : int
        Processes; with 1 all is drawn in this one.
    store : path, optional
        Folder to keep blocks and results in, so that another call goes on from there and the error
        ledger adds up. Without it they go with the result.
    progress : bool, optional
        Show progress; by default where somebody looks on (a terminal, a notebook).

    Returns
    -------
    Result
        It shows itself; `require` raises unless the verdict is the expected one.

    Raises
    ------
    ClaimError
        If the claim is not well formed.
    MisuseError
        If the name is unknown or stands for several claims, or an option cannot be.
    StoreError
        If the store cannot be used.

    Examples
    --------
    >>> import refutable as rf
    >>> coin = rf.Claim(
    ...     id="examples.coin",
    ...     source="this page",
    ...     statement="A coin shows heads half of the time.",
    ...     formula="p = 1/2",
    ...     scope=rf.Scope.AS_STATED,
    ...     does_not_show="Anything about dice.",
    ...     simulate=lambda cell, rng, size: {"heads": rng.random(size) < 0.5},
    ...     expect=(rf.Probability("heads").near(0.5, 0.1),),
    ...     controls=(rf.FalseTheory("loaded", rf.Probability("heads").near(0.65, 0.1)),),
    ...     cap=10_000,
    ... )
    >>> result = rf.check(coin)
    >>> result.verdict, result.controls[0].fate
    ('supported', 'refuted')
    >>> 0.4 < result.checks[0].interval[0] < 0.5 < result.checks[0].interval[1] < 0.6
    True
    """
    backend = choose("auto", workers)
    registry, found = _found(claim, backend.workers > 1)
    chosen = [_only(claim, found, "run")]
    return _run(registry, chosen, Effort(effort), seed, backend, store, progress)[0]


def run(
    names: Named | Iterable[Named] | None = None,
    effort: Effort | str = Effort.SMOKE,
    seed: int | None = None,
    workers: int = 1,
    store: str | Path | None = None,
    progress: bool | None = None,
) -> Results:
    """Decide several claims: those given, or the whole suite.

    Parameters
    ----------
    names : Claim, str, Path, or iterable of these, optional
        A name may be that of a claim, of a paper, of a field, or of a file.
    effort, seed, workers, store, progress
        As in `check`.

    Returns
    -------
    Results
        In the order given.
    """
    backend = choose("auto", workers)
    registry, chosen = _found(names, backend.workers > 1)
    return _run(registry, chosen, Effort(effort), seed, backend, store, progress)


def _run(
    registry: Registry,
    chosen: Sequence[Claim],
    effort: Effort,
    seed: int | None,
    backend: Backend,
    store: str | Path | None,
    progress: bool | None,
) -> Results:
    folder = Folder.at(store)
    path, share = (folder.path, 1.0) if seed is None else place_of(folder.path, seed)
    with Store(path, seed, share=share) as opened:
        found = _decided(opened, registry, chosen, effort, backend, progress)
    by_id = {one.claim: one for one in found}
    kept = [Result(claim, by_id[claim.id], path, folder) for claim in chosen if claim.id in by_id]
    return Results(kept)


def _decided(
    store: Store,
    registry: Registry,
    chosen: Sequence[Claim],
    effort: Effort,
    backend: Backend,
    progress: bool | None,
) -> tuple[ClaimResult, ...]:
    jobs, unprepared = begin(store, chosen, registry, effort)
    if unprepared:
        raise MisuseError(unprepared[0].text)
    with progress_here(progress) as told:
        ended = Runner(store, backend, told).run(jobs)
    store.write_problems([asdict(problem) for problem in ended.problems])
    if ended.problems:
        raise MisuseError(ended.problems[0].text)
    if ended.left:
        raise KeyboardInterrupt
    return ended.results


def _found(names: Named | Iterable[Named] | None, packed: bool) -> tuple[Registry, list[Claim]]:
    given = [names] if isinstance(names, Claim | str | Path) else list(names or [])
    live_ones = [one for one in given if isinstance(one, Claim)]
    files = [Path(one) for one in given if _is_file(one)]
    words = [str(one) for one in given if not isinstance(one, Claim) and not _is_file(one)]
    registry = discover(files, builtin=bool(words) or not given)
    for claim in live_ones:
        adopt(claim, _paper_of(claim))
        validate.check(claim)
        registry.add_live(claim, live.packed(claim) if packed else b"")
    if registry.problems and not registry.claims:
        raise MisuseError(registry.problems[0].text)
    if not given:
        return registry, list(registry.claims.values())
    chosen: dict[str, Claim] = {}
    for one in given:
        chosen |= {claim.id: claim for claim in _meant(registry, one)}
    return registry, list(chosen.values())


def _paper_of(claim: Claim) -> Paper:
    """Return the `PAPER` beside what a claim runs, or one that says that there is none."""
    run = claim.simulate or claim.compute
    found = getattr(getattr(run, "func", run), "__globals__", {}).get("PAPER")
    if isinstance(found, Paper):
        return found
    return replace(UNNAMED, key=str(claim.id).split(".")[0])


def _is_file(one: Named) -> TypeGuard[str | Path]:
    return isinstance(one, Path) or (isinstance(one, str) and one.endswith(".py"))


def _meant(registry: Registry, one: Named) -> list[Claim]:
    if isinstance(one, Claim):
        return [registry.find(one.id)]
    if not _is_file(one):
        return registry.select([str(one)])
    place = str(Path(one).resolve())
    return [registry.claims[name] for name, s in registry.sources.items() if s.place == place]


def load(name: str | Path) -> Claim:
    """Return a claim of the suite, of a plug-in or of a file.

    Raises
    ------
    MisuseError
        If the name is unknown or stands for several claims.
    """
    return _only(name, find(name), "find")


def found_one(claim: Named, packed: bool) -> tuple[Registry, Claim]:
    """Return the only claim that is meant, and the registry that knows where it is from.

    Raises
    ------
    MisuseError
        If the name is unknown or stands for several claims.
    """
    registry, found = _found(claim, packed)
    if len(found) != 1:
        raise MisuseError(f"{claim!r} stands for {len(found)} claims; name one of them.")
    return registry, found[0]


def find(*names: str | Path) -> list[Claim]:
    """Return the claims of these names (claims, papers, fields, files); all without any."""
    return _found(names, False)[1]


def plan(claim: Named, effort: Effort | str = Effort.SMOKE, seed: int = 0) -> list[Prospect]:
    """Return what a verdict will take, and the smallest violation that the cap could detect.

    Raises
    ------
    MisuseError
        If the name is unknown or stands for several claims.
    """
    found = _found(claim, False)[1]
    return list(prospects(_only(claim, found, "find"), Effort(effort), seed))


def _only(name: Named, found: Sequence[Claim], instead: str) -> Claim:
    if len(found) != 1:
        many = f"{name!r} stands for {len(found)} claims"
        raise MisuseError(f"{many}; use refutable.{instead} for them.")
    return found[0]
