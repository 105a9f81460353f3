"""The lines of a store's error ledger: the weight of every claim that was ever tried in it.

The error probability of `refutable.deciding.ledger` belongs to the store, not to a command: a
claim that is tried today adds its weight to those of last week, whose verdicts stand beside its
own. A line is written before the first block is drawn and never taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def families(store: Store) -> dict[str, str]:
    """Return the families of those claims that packages of others brought, by claim id.

    Raises
    ------
    StoreError
        If the file is not one of ours.
    """
    path = store.path / "families.json"
    if not path.exists():
        return {}
    try:
        return {str(name): str(family) for name, family in read_json(path, dict).items()}
    except ValueError as error:
        raise StoreError(f"{path} does not hold the families of claims: {error}.") from error


def enter(store: Store, claims: Iterable[Claim], brought: Mapping[str, str] | None = None) -> None:
    """Enter the claims of a run into the ledger of a store that is open for writing.

    Parameters
    ----------
    store : Store
    claims : iterable of Claim
    brought : mapping of str to str, optional
        Families of claims that packages brought, by id. A claim stays in its first family: what it
        spent there is not given back.

    Raises
    ------
    ClaimError
        If the weights of a family would sum to more than 1; then nothing is written.
    """
    claims, before, known = list(claims), lines(store), families(store)
    new = {name: family for name, family in (brought or {}).items() if name not in before}
    belong = {**new, **known}
    entered = ledger.lines(claims, before, belong)
    if belong:
        write_json(store.path / "families.json", dict(sorted(belong.items())))
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
