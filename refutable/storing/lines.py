"""The lines of a store's error ledger: the weight of every claim that was ever tried in it.

The error probability of `refutable.deciding.ledger` belongs to the store, not to a command: a
claim that is tried today adds its weight to those of last week, whose verdicts stand beside its
own. A line is written before the first block is drawn and never taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from refutable.claims.claim import Claim
from refutable.claims.records import Evidence
from refutable.deciding import ledger
from refutable.deciding.results import ClaimResult
from refutable.errors import StoreError
from refutable.storing.sealed import read_json, write_json
from refutable.storing.store import Store


def lines_file(store: Store) -> Path:
    """Return where the lines lie."""
    return store.path / "weights.json"


def lines(store: Store) -> dict[str, Fraction]:
    """Return the weights that a store's ledger holds, by claim id.

    A store of a former version has none; its records and results tell them.

    Raises
    ------
    StoreError
        If the file is not one of ours.
    """
    path = lines_file(store)
    if not path.exists():
        return _of_results(store)
    try:
        return {str(name): Fraction(text) for name, text in read_json(path, dict).items()}
    except (ValueError, TypeError, ZeroDivisionError) as error:
        raise StoreError(f"{path} does not hold the weights of claims: {error}.") from error


def enter(store: Store, claims: Iterable[Claim]) -> None:
    """Enter the claims of a run into the ledger of a store that is open for writing.

    Raises
    ------
    ClaimError
        If the weights would sum to more than 1; then nothing is written.
    """
    entered = ledger.lines(claims, lines(store))
    write_json(lines_file(store), {name: str(entered[name]) for name in sorted(entered)})


def _of_results(store: Store) -> dict[str, Fraction]:
    weights = {name: record.get("weight") for name, record in store.records().items()}
    return {
        name: Fraction(weight)
        for name, result in store.results().items()
        if (weight := weights.get(name)) and _by_chance(result)
    }


def _by_chance(result: ClaimResult) -> bool:
    every = [*result.checks, *(check for control in result.beside for check in control.checks)]
    return any(c.evidence == Evidence.STATISTICAL and c.status != "shown" for c in every)
