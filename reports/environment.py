"""Which library versions the stored results rest on, as their fingerprints recorded them."""

from __future__ import annotations

from typing import Any

_MARK = "version:"
Prints = dict[str, dict[str, dict[str, str]]]


def collect(prints: Prints) -> dict[str, Any]:
    """Return the recorded versions and, where claims differ, who rests on which.

    Parameters
    ----------
    prints : dict
        Claim id to world to part to digest or version (`Store.read_print`).

    Returns
    -------
    dict
        `libraries`: list of `{"name", "versions": [{"version", "claims": [...]}]}`;
        `mixed`: names of libraries with more than one version;
        `definitions`: how many project definitions the claims reach.
    """
    found: dict[str, dict[str, set[str]]] = {}
    definitions: set[str] = set()
    for claim, worlds in prints.items():
        for part, value in _parts(worlds):
            if part.startswith(_MARK):
                versions = found.setdefault(part.removeprefix(_MARK), {})
                versions.setdefault(value, set()).add(claim)
            elif not part.startswith("value:"):
                definitions.add(part)
    libraries: list[dict[str, Any]] = [
        {"name": name, "versions": _versions(found[name])} for name in sorted(found)
    ]
    mixed = [library["name"] for library in libraries if len(library["versions"]) > 1]
    return {"libraries": libraries, "mixed": mixed, "definitions": len(definitions)}


def _parts(worlds: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    return [item for parts in worlds.values() for item in parts.items()]


def _versions(versions: dict[str, set[str]]) -> list[dict[str, Any]]:
    return [{"version": v, "claims": sorted(versions[v])} for v in sorted(versions)]
