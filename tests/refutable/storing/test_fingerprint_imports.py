"""However a name was imported: what it leads to is in the fingerprint, and what it does not, not.

Whether a change matters is not read off the sources: the functions are run before and after it.
"""

import functools
import importlib
import sys

import pytest

from refutable.storing.fingerprint import fingerprint, forget

FILES = {
    "imports_a/__init__.py": "HERE = 1\nfrom .inner.deep import PUBLIC\nfrom .twin import twin\n",
    "imports_a/twin.py": "def twin():\n    return 1\ndef beside_twin():\n    return 2\n",
    "imports_a/constants.py": "BASE = 1\nUNUSED = 1\n",
    "imports_a/side.py": "def side():\n    return 1\n",
    "imports_a/inner/__init__.py": "",
    "imports_a/inner/deep.py": """
from .. import HERE, constants, side as beside
from ..constants import BASE
from . import near
from .near import *
PUBLIC = 1
def up():
    return BASE
def package():
    return HERE
def up_by_module():
    return constants.BASE
def beside_it():
    return beside.side()
def star():
    return near_value()
def module_of_package():
    return near.near_value()
""",
    "imports_a/inner/near.py": "def near_value():\n    return 1\ndef __hidden():\n    return 1\n",
    "imports_b.py": """
import imports_a.inner.deep
import imports_a.inner.deep as deep
import imports_a.constants as constants, imports_a.side as side
from imports_a import PUBLIC as renamed
from imports_a.inner import near
from imports_c import near_value as through
from imports_a import twin
import os.path as paths
def dotted():
    return imports_a.inner.deep.up()
def public():
    return renamed
def aliased():
    return deep.up()
def second_of_an_import():
    return side.side()
def module_as_value():
    return getattr(constants, "BASE")
def submodule_as_value():
    return getattr(imports_a.constants, "BASE")
def submodule():
    return near.near_value()
def through_a_star():
    return through()
def within():
    import imports_a.constants
    return imports_a.constants.BASE
def within_renamed():
    from imports_a import side as own
    return own.side()
def within_all():
    import imports_a.inner.near as whole
    return vars(whole)["near_value"]()
def twinned():
    return twin()
def nothing():
    return paths.sep
by_lambda = lambda: through()
def default(x=constants.BASE):
    return x
class Held:
    value = constants.BASE
    def get(self):
        return self.value
    def made(self):
        return side.side()
def method():
    return Held().get()
""",
    "imports_c.py": "from imports_d import *\n",
    "imports_d.py": "from imports_c import *\nfrom imports_a.inner.near import *\n",
}
EDITS = {
    "imports_a/twin.py": ("return 1", "return 7"),
    "imports_a/constants.py": ("BASE = 1", "BASE = 2"),
    "imports_a/side.py": ("return 1", "return 2"),
    "imports_a/__init__.py": ("HERE = 1", "HERE = 2"),
    "imports_a/inner/deep.py": ("PUBLIC = 1", "PUBLIC = 2"),
    "imports_a/inner/near.py": ("return 1", "return 2"),
}
BROAD = {"method", "imports_b.method"}
"""A class counts as a whole."""


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that writes the files, one of them edited, and imports `imports_b`."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)

    def load(edited=None, old="", new=""):
        for name, text in FILES.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace(old, new, 1) if name == edited else text)
        _unload()
        return importlib.import_module("imports_b")

    yield load
    _unload()


def _unload():
    for name in [name for name in sys.modules if name.startswith("imports_")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    forget()


def functions(module):
    """Return every function, by its name, and what carries one along."""
    found = {
        f"{home.__name__}.{name}": value
        for home in (module, module.deep)
        for name, value in vars(home).items()
        if callable(value) and getattr(value, "__module__", "") == home.__name__
    }
    found["carried"] = functools.partial(_call, module.dotted)
    found["carried in a partial"] = functools.partial(_call, functools.partial(module.dotted))
    found["method"] = module.Held().made
    return found | {"a lambda": module.by_lambda}


def _call(function):
    return function()


def looked_at(module):
    every = functions(module)
    values = {name: f() for name, f in every.items() if not isinstance(f, type)}
    return values, {name: fingerprint(every[name]) for name in values}


@pytest.mark.parametrize("edited", EDITS)
def test_a_function_that_returns_something_else_has_another_fingerprint(load, edited):
    values, prints = looked_at(load())
    new_values, new_prints = looked_at(load(edited, *EDITS[edited]))
    moved = {name for name in values if values[name] != new_values[name]}
    changed = {name for name in prints if prints[name] != new_prints[name]}
    assert moved <= changed
    assert changed - moved <= BROAD
    assert moved


def test_what_no_function_reaches_is_in_none(load):
    _, prints = looked_at(load())
    for name, old, new in (
        ("imports_a/constants.py", "UNUSED = 1", "UNUSED = 2"),
        ("imports_a/twin.py", "return 2", "return 3"),
        ("imports_a/inner/near.py", "__hidden():\n    return 1", "__hidden():\n    return 2"),
    ):
        _, others = looked_at(load(name, old, new))
        changed = {f for f in prints if prints[f] != others[f]}
        whole = {"module_as_value", "submodule_as_value", "within"}
        assert changed <= {f"imports_b.{f}" for f in whole}


def test_parts_are_named_by_where_they_are_defined(load):
    module = load()
    for function, part in (
        (module.dotted, "imports_a.constants:BASE"),
        (module.public, "imports_a.inner.deep:PUBLIC"),
        (module.through_a_star, "imports_a.inner.near:near_value"),
        (module.deep.star, "imports_a.inner.near:near_value"),
        (module.submodule_as_value, "imports_a.constants:UNUSED"),
        (module.Held().made, "imports_b:Held"),
    ):
        assert part in fingerprint(function).parts, function
    assert "imports_a.constants:UNUSED" not in fingerprint(module.aliased).parts
    assert not any("posixpath" in part for part in fingerprint(module.nothing).parts)


def test_a_lambda_is_what_it_says_and_the_values_that_it_keeps(load):
    text = 'WORDS = "of a claim"\nTWO = 2\nHELD = [lambda x, k=k: k * TWO + x for k in (1, 3)]\n'
    files = {
        "same": text,
        "words": text.replace("of a", "of the"),
        "two": text.replace("= 2", "= 4"),
    }
    prints = {}
    for name, source in files.items():
        module = load("imports_b.py", FILES["imports_b.py"], source)
        prints[name] = [fingerprint(held).digest for held in module.HELD]
    assert prints["words"] == prints["same"]
    assert prints["two"][0] != prints["same"][0]
    assert prints["same"][0] != prints["same"][1]
