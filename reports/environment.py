"""Which library versions and kernels the stored results rest on, as the store recorded them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MARK = "version:"
Prints = dict[str, dict[str, dict[str, str]]]


def collect(prints: Prints, machines: Mapping[str, int]) -> dict[str, Any]:
    """Return the recorded versions and, where claims or blocks differ, who rests on which.

    Parameters
    ----------
    prints : dict
        Claim id to world to part to digest or version (`Store.read_print`).
    machines : dict
        Kernels to the number of blocks that were drawn with them (`Store.machines`).

    Returns
    -------
    dict
        `libraries`: list of `{"name", "versions": [{"version", "claims": [...]}]}`;
        `mixed`: names of libraries with more than one version;
        `definitions`: how many project definitions the claims reach;
        `kernels`: `{"name", "blocks"}` of each if the store mixes them, or else nothing, so that
        equal results of two machines give equal reports.
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
    several = machines if len(machines) > 1 else {}
    kernels = [{"name": name, "blocks": several[name]} for name in sorted(several)]
    return {
        "libraries": libraries,
        "mixed": mixed,
        "definitions": len(definitions),
        "kernels": kernels,
    }


def _parts(worlds: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    return [item for parts in worlds.values() for item in parts.items()]


def _versions(versions: dict[str, set[str]]) -> list[dict[str, Any]]:
    return [{"version": v, "claims": sorted(versions[v])} for v in sorted(versions)]
