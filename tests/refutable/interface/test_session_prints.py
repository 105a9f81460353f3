"""Fingerprints of functions that are in no file."""

import numpy as np
import pytest

from refutable.storing.fingerprint import fingerprint

SOURCE = """
import numpy as np
CONSTANT = 1.0
TABLE = np.arange(3)
unused = 7

class Helper:
    def twice(self, x):
        return 2 * x

def inner(x):
    return CONSTANT + x + TABLE.sum()

def run(cell, rng, size, option=1):
    def nested(x):
        return inner(x)
    return {"x": Helper().twice(nested(rng.random(size)))}
"""


def printed(source=SOURCE, name="run"):
    names = {"__name__": "__main__"}
    exec(source, names)
    return fingerprint(names[name])


def test_a_namespace_without_a_name_is_of_the_session_too():
    names = {}
    exec(SOURCE, names)
    assert names["run"].__module__ is None
    nameless = fingerprint(names["run"]).parts
    assert {"session:run", "session:inner"} <= nameless.keys()
    assert nameless == printed().parts


def test_the_same_source_means_the_same_wherever_it_stands():
    assert printed() == printed()
    assert printed() == printed("\n\n" + SOURCE.replace("unused = 7", "unused = 8"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CONSTANT = 1.0", "CONSTANT = 1.5"),
        ("np.arange(3)", "np.arange(4)"),
        ("return 2 * x", "return 3 * x"),
        ("return CONSTANT + x", "return CONSTANT - x"),
        ("option=1", "option=2"),
        ("nested(rng.random(size))", "nested(rng.random(size)) + 1"),
    ],
)
def test_what_it_reaches_counts(old, new):
    assert old in SOURCE
    assert printed(SOURCE.replace(old, new)).digest != printed().digest


def test_its_libraries_count_by_version():
    parts = printed().parts
    assert parts["version:numpy"] == np.__version__
    assert {name for name in parts if name.startswith("session:")} == {
        "session:run",
        "session:inner",
        "session:Helper.twice",
    }


def test_functions_of_files_are_followed_as_before():
    from coins import toss

    assert not [name for name in fingerprint(toss).parts if name.startswith("session:")]
    assert "coins:toss" in fingerprint(toss).parts
