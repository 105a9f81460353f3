"""Comparing results with earlier ones, and writing reports, from Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

from refutable.deciding.results import ClaimResult
from refutable.errors import MisuseError
from refutable.interface.result import RequirementError, Result
from refutable.interface.results import Results
from refutable.interface.showing import reporters
from refutable.storing import baseline
from refutable.storing.baseline import Change
from refutable.storing.store import Store

REPORT = Path("runs") / "report"
"""Where reports are written by default, from Python and by the command."""

Stored = Result | Results | str | Path


class Changes(Sequence[Change]):
    """What differs between two sets of results.

    Parameters
    ----------
    found : iterable of Change
    """

    def __init__(self, found: Iterable[Change]) -> None:
        self._found = tuple(found)

    @overload
    def __getitem__(self, index: int) -> Change: ...

    @overload
    def __getitem__(self, index: slice) -> Changes: ...

    def __getitem__(self, index: int | slice) -> Change | Changes:
        """Return one by its place, or some."""
        return Changes(self._found[index]) if isinstance(index, slice) else self._found[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)

    def __iter__(self) -> Iterator[Change]:
        """Go through them."""
        return iter(self._found)

    def __repr__(self) -> str:
        """Return a line for each."""
        return "\n".join(f"{one.claim} {one.text}" for one in self._found) or "no change"

    @property
    def code(self) -> int:
        """The exit code of the command `compare`: 0 fine, 1 worse, 3 evidence insufficient."""
        return baseline.code(self._found)

    def require(self) -> Changes:
        """Return itself, or raise unless all is fine.

        Raises
        ------
        RequirementError
            Naming every change for the worse.
        """
        if self.code == baseline.FINE:
            return self
        bad = Changes(one for one in self._found if one.code != baseline.FINE)
        raise RequirementError(repr(bad))


def compare(now: Stored, before: Stored = "baseline") -> Changes:
    """Compare results with earlier ones, as the command `compare` does with the baseline.

    Parameters
    ----------
    now : Result, Results or path
        Decided claims, or a store.
    before : Result, Results or path
        The same, or the folder of a baseline.

    Returns
    -------
    Changes
        `require` raises where a verdict or an interval changed for the worse.

    Raises
    ------
    MisuseError
        If there are no results, or they are of several efforts and `before` is a baseline.
    StoreError
        If a store cannot be used.
    """
    found = _found(now)
    if isinstance(before, str | Path) and not _is_store(before):
        return Changes(baseline.compare(baseline.read(Path(before), _effort(found)), found))
    return Changes(baseline.compare(_entries(_found(before)), found))


def report(of: Stored, folder: str | Path = REPORT) -> Path:
    """Write the report of a store, or of the store in which results lie.

    Returns
    -------
    Path
        Its first page.

    Raises
    ------
    MisuseError
        If there is none, or results lie in several stores.
    StoreError
        If the store cannot be used.
    """
    if isinstance(of, Result):
        of = Results([of])
    if isinstance(of, Results):
        return of.report(folder)
    Store(Path(of), create=False)  # says so where there is none
    reporters().write(Path(of), Path(folder))
    return Path(folder) / "index.html"


def _is_store(path: str | Path) -> bool:
    return (Path(path) / "store.json").exists()


def _found(of: Stored) -> dict[str, ClaimResult]:
    if isinstance(of, str | Path):
        found = Store(Path(of), create=False).results()
    else:
        several = [of] if isinstance(of, Result) else of
        found = {one.claim.id: one.found for one in several}
    if not found:
        raise MisuseError(f"There are no results to compare in {of!r}.")
    return found


def _entries(found: Mapping[str, ClaimResult]) -> dict[str, dict[str, Any]]:
    return {name: baseline.entry(result, {}, "") for name, result in found.items()}


def _effort(found: Mapping[str, ClaimResult]) -> str:
    efforts = sorted({result.effort for result in found.values()})
    if len(efforts) != 1:
        raise MisuseError(f"a baseline is of one effort; these results are of {efforts}.")
    return efforts[0]
