"""What could not be registered in the last run, and files of a store that are not what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from refutable.errors import StoreError

Model = dict[str, Any]


def problems(stored: Any, path: Path) -> list[Model]:
    """Return the stored problems as `{"where", "claim", "text"}`.

    Parameters
    ----------
    stored : list of dict
        As `Store.problems` returns it: fields of `refutable.running.registry.Problem`.
    path : Path
        Of the file that they were read from.

    Raises
    ------
    StoreError
        If they are something else.
    """
    if not isinstance(stored, list) or not all(_is_problem(one) for one in stored):
        raise StoreError(f"{path} is not a list of problems with a text each. Move it away.")
    return [
        {"where": str(one.get("where") or ""), "claim": one.get("claim"), "text": one["text"]}
        for one in stored
    ]


def _is_problem(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("text"), str):
        return False
    return isinstance(one.get("claim"), str | None)


def name(problem: Model) -> str:
    """Return what a problem is about: the claim, or the module or file that holds it."""
    return problem["claim"] or problem["where"] or "unnamed"


def refuse_foreign_records(records: dict[str, Any], place: Callable[[str], Path]) -> None:
    """Raise for a file among the records that is no record of the claim it is named after.

    Parameters
    ----------
    records : dict of str to object
        By the name of the file without its suffix.
    place : callable (str) -> Path
        Where the record of a claim lies.

    Raises
    ------
    StoreError
        Naming the file.
    """
    for stem, record in records.items():
        if not _is_record(stem, record):
            raise StoreError(
                f"{place(stem)} is no record of a claim {stem!r}: it lacks that id, or its "
                "paper. Move it away."
            )


def _is_record(stem: str, record: Any) -> bool:
    if not isinstance(record, dict) or record.get("id") != stem:
        return False
    paper = record.get("paper")
    return isinstance(paper, dict) and isinstance(paper.get("key"), str)
