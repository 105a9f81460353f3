"""The graph of imports of the whole package, whose parts lie apart in the tree."""

import importlib
from importlib.machinery import ModuleSpec
from pathlib import Path
from unittest import mock

import grimp

import refutable

PARTS = ("theory", "solvers", "simulations", "reports")


def graph_of_the_whole(folder, **options):
    """Return the graph of imports, with every part where an installed copy has it.

    Parameters
    ----------
    folder : Path
        Empty; links to the parts are laid there.
    """
    spec = _spec(_assembled(folder))
    with mock.patch.object(refutable, "__spec__", spec):
        return grimp.build_graph("refutable", cache_dir=None, **options)


def _assembled(folder):
    whole = folder / "refutable"
    whole.mkdir()
    for path in _home("refutable").iterdir():
        (whole / path.name).symlink_to(path)
    for part in PARTS:
        if not (whole / part).exists():
            (whole / part).symlink_to(_home(f"refutable.{part}"))
    return whole


def _home(package):
    (path,) = importlib.import_module(package).__path__
    return Path(path)


def _spec(whole):
    spec = ModuleSpec("refutable", None, origin=str(whole / "__init__.py"), is_package=True)
    spec.submodule_search_locations = [str(whole)]
    spec.has_location = True
    return spec
