"""Which modules mean something for a fingerprint, and which only have a version.

Followed are this package, the packages of distributions that bring claims (entry points of the
group `refutable.claims`), and every module that no distribution has installed: a file of claims,
what lies beside it, a project on the path. The standard library and installed distributions are
not: their versions stand for them.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path, PurePath

PROJECT = "refutable"
ENTRY_POINTS = "refutable.claims"

_STANDARD = tuple(PurePath(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
_INSTALLED = frozenset({"site-packages", "dist-packages"})
"""Folders into which distributions are installed, on every system and in every environment."""


def ours(module: str) -> bool:
    """Say whether the definitions of a module are followed."""
    return _root_is_ours(module.partition(".")[0])


def forget() -> None:
    """Look at what is installed again."""
    for cached in (_root_is_ours, _of_plug_ins):
        cached.cache_clear()


@functools.cache
def _root_is_ours(root: str) -> bool:
    if root == PROJECT or root in _of_plug_ins():
        return True
    if root in sys.stdlib_module_names:
        return False
    place = _place(root)
    return place is not None and not _of_a_library(place)


@functools.cache
def _of_plug_ins() -> frozenset[str]:
    """Return the top-level names of the distributions that bring claims."""
    found: set[str] = set()
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        found.add(point.value.partition(":")[0].partition(".")[0])
        distribution = getattr(point, "dist", None)
        found |= set(_top_level(distribution)) if distribution is not None else set()
    return frozenset(found)


def _top_level(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    listed = distribution.read_text("top_level.txt")
    yield from (listed or "").split()
    for file in distribution.files or ():
        if file.suffix == ".py":
            yield file.parts[0].removesuffix(".py")


def _place(root: str) -> PurePath | None:
    """Return where a top-level module lies; None if it has no place or cannot be found."""
    file = getattr(sys.modules.get(root), "__file__", None)
    if file:
        return Path(file)
    try:
        spec = importlib.util.find_spec(root)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    places = [spec.origin] if spec.has_location else list(spec.submodule_search_locations or ())
    return Path(places[0]) if places and places[0] else None


def _of_a_library(place: PurePath) -> bool:
    standard = any(place.is_relative_to(folder) for folder in _STANDARD)
    return standard or not _INSTALLED.isdisjoint(place.parts)
