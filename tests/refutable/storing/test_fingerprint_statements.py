"""Whatever binds a value at module level: a function that returns another value has another print.

The value is what Python says, not what the fingerprint reads: each little module is run.
"""

import importlib
import sys
import textwrap

import pytest

from refutable.storing.fingerprint import fingerprint, forget

RETURNED = """
import functools
from contextlib import nullcontext
{snippet}
def simulate(cell, rng, size):
    return VALUE
def other(cell, rng, size):
    return ELSEWHERE
ELSEWHERE = 1
"""
BINDINGS = {
    "second of a chain": ("FIRST = VALUE = 1", "1"),
    "tuple": ("VALUE, SECOND = 1, 2", "1"),
    "list": ("[FIRST, VALUE] = [2, 1]", "1"),
    "starred": ("FIRST, *VALUE = 0, 1, 3", "1"),
    "nested": ("(FIRST, (SECOND, VALUE)) = (2, (3, 1))", "1"),
    "annotated": ("VALUE: int = 1", "1"),
    "item": ("VALUE = [0]\nVALUE[0] = 1", "1"),
    "augmented item": ("VALUE = [0]\nVALUE[0] += 1", "1"),
    "item of an attribute": (
        "class Box:\n    held = [0]\nBox.held[0] = 1\nVALUE = Box.held",
        "1",
    ),
    "items of a starred target": ("VALUE = [0, 0]\n*VALUE[0:1], SECOND = 1, 2", "1"),
    "method": ("VALUE = []\nVALUE.append(1)", "1"),
    "function that changes its argument": ("VALUE = []\nlist.append(VALUE, 1)", "1"),
    "deleted": ("VALUE = {1: 0, 7: 0}\ndel VALUE[1]", "[1]"),
    "loop": ("for VALUE in (1, 3):\n    break", "1"),
    "body of a loop": ("VALUE = []\nfor n in range(2):\n    VALUE.append(1)", "1"),
    "else of a loop": ("for n in ():\n    pass\nelse:\n    VALUE = 1", "1"),
    "while": ("VALUE = 0\nwhile VALUE < 1:\n    VALUE += 2", "< 1"),
    "with": ("with nullcontext(1) as VALUE:\n    pass", "1"),
    "second of with": ("with nullcontext(2), nullcontext(1) as VALUE:\n    pass", "1"),
    "pair of with": ("with nullcontext((1, 2)) as (VALUE, SECOND):\n    pass", "1"),
    "what with opens": ("with nullcontext(1) as FIRST:\n    VALUE = FIRST", "1"),
    "walrus": ("FIRST = [VALUE := 1]", "1"),
    "walrus in a call": ("print(end=str(VALUE := 1)[:0])", "1"),
    "default": ("def made(x=1):\n    return x\nVALUE = made()", "1"),
    "decorator": (
        "def twice(f):\n    return lambda: f() * 1\n"
        "@twice\ndef made():\n    return 3\nVALUE = made()",
        "* 1",
    ),
    "class": ("class Box:\n    held = 1\nVALUE = Box.held", "1"),
    "base of a class": (
        "class Base:\n    held = 1\nclass Box(Base):\n    pass\nVALUE = Box.held",
        "1",
    ),
    "match as": ("match 1:\n    case int() as VALUE:\n        pass", "match 1"),
    "match star": ("match [0, 1]:\n    case [_, *VALUE]:\n        pass", "1"),
    "match rest": ("match dict(a=0, b=1):\n    case {'a': _, **VALUE}:\n        pass", "1"),
    "function in a case": (
        "match 0:\n    case 0:\n        def made():\n            return 1\nVALUE = made()",
        "1",
    ),
    "class in a case": (
        "match 0:\n    case 0:\n        class Box:\n            held = 1\nVALUE = Box.held",
        "1",
    ),
    "what except names": (
        "try:\n    raise KeyError(1)\nexcept KeyError as error:\n    VALUE = error.args",
        "1",
    ),
    "try and finally alone": ("try:\n    VALUE = 1\nfinally:\n    pass", "1"),
    "second import of a name": ("import xml.dom as VALUE, xml.sax as VALUE", "xml.sax"),
    "what raises in a try": (
        "try:\n    assert 1 == 7\n    VALUE = 2\nexcept AssertionError:\n    VALUE = 3",
        "1 ",
    ),
    "second except": (
        "try:\n    {}[0]\nexcept OSError:\n    VALUE = 2\nexcept KeyError:\n    VALUE = 1",
        "1",
    ),
    "except of a group": (
        "try:\n    raise ExceptionGroup('', [KeyError()])\nexcept* KeyError:\n    VALUE = 1",
        "1",
    ),
    "if in an else in a try": (
        "try:\n    pass\nexcept OSError:\n    pass\nelse:\n    if 1 == 1:\n        VALUE = 1\n"
        "    else:\n        VALUE = 2",
        "if 1",
    ),
    "import in a match": (
        "match 1:\n    case 1:\n        from math import pi as VALUE\n"
        "    case _:\n        from math import e as VALUE",
        "match 1",
    ),
    "import in an except": (
        "try:\n    {}[0]\nexcept KeyError:\n    from math import pi as VALUE",
        "math import pi",
    ),
    "what an import hangs on": (
        "DEEP = 1\nif DEEP == 1:\n    from math import pi as VALUE\n"
        "else:\n    from math import e as VALUE",
        "DEEP = 1",
    ),
    "partial of a changed function": (
        "def made(x):\n    return x * 1\nVALUE = functools.partial(made, 3)()",
        "* 1",
    ),
}
OTHERS = {"math import pi": "math import e", "xml.sax": "xml.etree"}


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Return a function that writes and imports a module that returns what a snippet binds."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path)

    def load(snippet, elsewhere="ELSEWHERE = 1"):
        text = RETURNED.format(snippet=snippet).replace("ELSEWHERE = 1", elsewhere)
        (tmp_path / "binding_a.py").write_text(textwrap.dedent(text))
        sys.modules.pop("binding_a", None)
        forget()
        importlib.invalidate_caches()
        return importlib.import_module("binding_a")

    yield load
    sys.modules.pop("binding_a", None)
    forget()


@pytest.mark.parametrize("name", BINDINGS)
def test_another_value_has_another_fingerprint_and_the_rest_of_the_module_has_not(module, name):
    snippet, old = BINDINGS[name]
    edited = snippet.replace(old, OTHERS.get(old, old.replace("1", "7")), 1)
    before = module(snippet)
    value, prints = before.simulate(0, 0, 0), fingerprint(before.simulate)
    others = fingerprint(before.other)
    after = module(edited)
    assert after.simulate(0, 0, 0) != value
    assert fingerprint(after.simulate).differences(prints.parts)
    assert fingerprint(after.other) == others
    assert fingerprint(module(snippet, "ELSEWHERE = 2").simulate) == prints


BRANCHES = {
    "if": "if len(str()) == 0:\n    VALUE = 1\nelse:\n    APART = 2",
    "except": "try:\n    VALUE = 1\nexcept OSError:\n    APART = 2",
    "other except": (
        "try:\n    {}[0]\nexcept KeyError:\n    VALUE = 1\nexcept OSError:\n    APART = 2"
    ),
    "else of try": "try:\n    VALUE = 1\nexcept OSError:\n    pass\nelse:\n    APART = 2",
    "finally": "try:\n    VALUE = 1\nfinally:\n    APART = 2",
    "with": "with nullcontext():\n    VALUE = 1\n    APART = 2",
}


@pytest.mark.parametrize("name", BRANCHES)
def test_what_stands_in_another_branch_under_another_name_does_not_count(module, name):
    before = fingerprint(module(BRANCHES[name]).simulate)
    assert fingerprint(module(BRANCHES[name].replace("= 2", "= 3")).simulate) == before
    assert fingerprint(module(BRANCHES[name].replace("= 1", "= 3")).simulate) != before


def test_a_target_that_has_no_name_binds_none(module):
    plain = fingerprint(module("VALUE = 1").simulate)
    assert fingerprint(module("VALUE = 1\nvars()['SECOND'] = 2").simulate) == plain
