"""Several decided claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from refutable import extras
from refutable.interface.frames import pd
from refutable.interface.result import RequirementError, Result
from refutable.interface.showing import as_text, reporters
from refutable.interface.views import verdict_table


class Results(Sequence[Result]):
    """Decided claims, in the order in which they were given.

    Parameters
    ----------
    found : iterable of Result
    """

    def __init__(self, found: Iterable[Result]) -> None:
        self._found = tuple(found)

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Results: ...

    @overload
    def __getitem__(self, index: str) -> Result: ...

    def __getitem__(self, index: int | slice | str) -> Result | Results:
        """Return one by its place or its claim's id, or some."""
        if isinstance(index, slice):
            return Results(self._found[index])
        if isinstance(index, int):
            return self._found[index]
        for result in self._found:
            if index in (result.claim.id, result.claim.name):
                return result
        raise KeyError(index)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._found)

    def __iter__(self) -> Iterator[Result]:
        """Go through them."""
        return iter(self._found)

    def where(self, holds: Callable[[Result], bool]) -> Results:
        """Return those of which something holds."""
        return Results(filter(holds, self._found))

    def __repr__(self) -> str:
        """Return the table of verdicts."""
        return as_text(verdict_table([one.found for one in self._found]))

    def _repr_html_(self) -> str | None:
        """Return the table of verdicts; without pandas there is none, and the text is shown."""
        return str(self.to_frame().to_html(index=False)) if extras.installed("pandas") else None

    def to_frame(self) -> pd.DataFrame:
        """Return one row per claim."""
        names = ("claim", "verdict", "expected", "as_expected", "replicates", "reason")
        rows = [
            (r.claim.id, r.graded, r.found.expected, r.as_expected, r.replicates_used, r.reason)
            for r in self._found
        ]
        return pd.DataFrame(rows, columns=list(names))

    def require(self) -> Results:
        """Return itself, or raise unless every verdict is the expected one.

        Raises
        ------
        RequirementError
            Naming every claim that is not as expected.
        """
        odd = [result for result in self._found if not result.met]
        if not odd:
            return self
        raise RequirementError("\n".join(map(Result.complaint, odd)))

    def report(self, folder: str | Path) -> Path:
        """Write the report of their store; return its first page.

        Raises
        ------
        MisuseError
            If there is none, or they lie in several stores.
        """
        from refutable.errors import MisuseError

        stores = {result.store for result in self._found}
        if len(stores) != 1:
            raise MisuseError(f"a report is of one store; these results lie in {len(stores)}.")
        reporters().write(stores.pop(), Path(folder))
        return Path(folder) / "index.html"
