"""What a fingerprint follows: all but the standard library and installed distributions."""

import functools
import importlib
import importlib.machinery
import importlib.metadata
import sys
from pathlib import PurePosixPath
from types import ModuleType, SimpleNamespace

import pytest

from refutable.storing.fingerprint import fingerprint, forget
from refutable.storing.fingerprint.belonging import ours

FILES = {
    "beside_claims.py": """
from beside_helper import scale
import beside_package.deep as deep
from beside_package import more
import installed_library, installed_plug_in_tools
def simulate(cell, rng, size):
    return scale(deep.base(size)) + more.extra() + installed_library.f()
def using_tools(cell, rng, size):
    return installed_plug_in_tools.tool()
""",
    "beside_helper.py": "def scale(x):\n    return 2 * x\ndef unused():\n    return 0\n",
    "beside_package/__init__.py": "",
    "beside_package/deep.py": "from .constants import BASE\ndef base(n):\n    return BASE\n",
    "beside_package/constants.py": "BASE = 1\n",
    "beside_package/more.py": "def extra():\n    return 3\n",
    "site-packages/installed_library.py": "def f():\n    return 1\n",
    "site-packages/installed_plug_in.py": (
        "from installed_plug_in_tools import tool\ndef simulate(cell, rng, size):\n"
        "    return tool()\n"
    ),
    "site-packages/installed_plug_in_tools.py": "def tool():\n    return 1\n",
}
NAMES = {name.split("/")[-1].removesuffix(".py") for name in FILES} | {"beside_package"}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that writes the files, with replacements, and loads one of them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for folder in (tmp_path / "site-packages", tmp_path):
        monkeypatch.syspath_prepend(folder)

    def load(module="beside_claims", **texts):
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts.get(path.stem, text))
        _unload()
        return importlib.import_module(module)

    yield load
    _unload()


def _unload():
    for name in [name for name in sys.modules if name.split(".")[0] in NAMES]:
        del sys.modules[name]
    importlib.invalidate_caches()
    forget()


CHANGES = {
    "beside_helper": ("def scale(x):\n    return 3 * x\n", ["beside_helper:scale"]),
    "constants": ("BASE = 2\n", ["beside_package.constants:BASE"]),
    "more": ("def extra():\n    return 4\n", ["beside_package.more:extra"]),
    "installed_library": ("def f():\n    return 2\n", []),
}


@pytest.mark.parametrize("module", CHANGES)
def test_what_lies_beside_a_claim_is_followed_and_an_installed_library_is_not(load, module):
    text, changed = CHANGES[module]
    before = fingerprint(load().simulate)
    assert fingerprint(load(**{module: text}).simulate).differences(before.parts) == changed


def test_an_unused_definition_beside_a_claim_does_not_matter(load):
    before = fingerprint(load().simulate)
    changed = FILES["beside_helper.py"].replace("return 0", "return 9")
    assert fingerprint(load(beside_helper=changed).simulate) == before


@pytest.fixture
def plug_in(monkeypatch):
    """Install the plug-in: its distribution has a module of claims and one of tools."""
    names = ("installed_plug_in.py", "installed_plug_in_tools.py")
    distribution = SimpleNamespace(
        files=[PurePosixPath(name) for name in names], read_text=lambda name: None
    )
    point = SimpleNamespace(value="installed_plug_in", dist=distribution)

    def entry_points(group):
        return [point] if group == "refutable.claims" else []

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)


def test_the_tools_of_a_plug_in_are_followed(load, plug_in):
    before = fingerprint(load("installed_plug_in").simulate)
    after = load("installed_plug_in", installed_plug_in_tools="def tool():\n    return 2\n")
    changed = fingerprint(after.simulate).differences(before.parts)
    assert changed == ["installed_plug_in_tools:tool"]


def test_whether_a_module_is_followed_does_not_hang_on_what_was_asked_before(load, plug_in):
    claims = load()
    alone = fingerprint(claims.using_tools)
    forget()
    importlib.import_module("installed_plug_in")
    fingerprint(sys.modules["installed_plug_in"].simulate)
    assert fingerprint(claims.using_tools) == alone


def test_a_claim_of_an_installed_package_that_registers_nothing_is_followed(load):
    module = load("installed_library")
    assert "installed_library:f" in fingerprint(module.f).parts
    assert "installed_library:f" in fingerprint(functools.partial(module.f)).parts


def test_a_plug_in_of_an_unknown_distribution_is_followed_by_its_module(load, monkeypatch):
    point = SimpleNamespace(value="installed_plug_in.deep:claims", dist=None)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    load("installed_plug_in")
    assert ours("installed_plug_in.deep")
    assert not ours("installed_plug_in_tools")


class _FromNowhere:
    """A module that lies nowhere: made by code, as a bridge to another language makes them."""

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, None) if name == "made_by_code" else None


def test_a_module_that_lies_nowhere_is_not_followed(monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, _FromNowhere()])
    assert not ours("made_by_code.part")
    monkeypatch.setitem(sys.modules, "set_by_hand", ModuleType("set_by_hand"))
    assert not ours("set_by_hand")


def test_a_folder_without_an_init_is_followed_where_it_lies(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "folder_alone").mkdir()
    (tmp_path / "folder_alone" / "part.py").write_text("A = 1\n")
    importlib.invalidate_caches()
    forget()
    assert ours("folder_alone.part")


def test_libraries_are_not_ours():
    assert not any(map(ours, ("numpy", "scipy.stats", "json", "sys", "_pytest", "nowhere_at_all")))
    assert ours("refutable.solvers.sdp")
    assert ours(__name__)
