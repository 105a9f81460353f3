"""Fingerprints follow meaning: comments do not matter, a solver's arithmetic does."""

import functools
import importlib
import sys
import textwrap

import numpy as np
import pytest

from refutable.storing.fingerprint import fingerprint, forget

FILES = {
    "solvers_a.py": """
        '''A solver.'''
        SCALE = 2.0
        TABLE = {"x": 1}
        TABLE["y"] = 2
        def solve(x):
            '''Solve.'''
            return SCALE * x  # scaled
        def unused(x):
            return x + 1
    """,
    "theory_a.py": """
        def curve(n):
            return 1 / n
        def other(n):
            return 2 / n
    """,
    "sim_a.py": """
        import theory_a as theory
        from solvers_a import solve, unused
        import solvers_a
        def simulate(cell, rng, size):
            return {"x": solve(theory.curve(size))}
        def table(cell, rng, size):
            return solvers_a.TABLE["y"]
        def make(scale):
            def inner(cell, rng, size):
                return scale * solve(size)
            return inner
        class World:
            def __init__(self, scale): self.scale = scale
            def __call__(self, cell, rng, size): return self.scale
            def __repr__(self): return f"World({self.scale})"
    """,
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a function that (re)loads the small project, with replacements in its text."""
    monkeypatch.syspath_prepend(tmp_path)
    names = [name.removesuffix(".py") for name in FILES]
    monkeypatch.setattr("refutable.storing.fingerprint.PROJECT", frozenset(names))
    monkeypatch.setattr("refutable.storing.fingerprint.syntax.PROJECT", frozenset(names))

    def load(**replacements):
        for name, text in FILES.items():
            for old, new in replacements.get(name.removesuffix(".py"), []):
                assert old in text
                text = text.replace(old, new)
            (tmp_path / name).write_text(textwrap.dedent(text))
        for name in names:
            sys.modules.pop(name, None)
        forget()
        importlib.invalidate_caches()
        sys.dont_write_bytecode = True
        return importlib.import_module("sim_a")

    yield load
    forget()
    for name in names:
        sys.modules.pop(name, None)


def test_layout_comments_and_docstrings_do_not_matter(project):
    before = fingerprint(project().simulate)
    after = project(
        solvers_a=[("# scaled", "# times two"), ("'''Solve.'''", "'''Solve it.'''")],
        theory_a=[("return 1 / n", "return (1 / n)")],
    )
    assert fingerprint(after.simulate) == before


@pytest.mark.parametrize(
    ("module", "old", "new", "part"),
    [
        ("solvers_a", "SCALE * x", "SCALE + x", "solvers_a:solve"),
        ("solvers_a", "SCALE = 2.0", "SCALE = 2.5", "solvers_a:SCALE"),
        ("theory_a", "return 1 / n", "return 1 / n**2", "theory_a:curve"),
        ("sim_a", 'return {"x"', 'return {"z"', "sim_a:simulate"),
    ],
)
def test_a_change_of_meaning_is_named(project, module, old, new, part):
    before = fingerprint(project().simulate)
    after = fingerprint(project(**{module: [(old, new)]}).simulate)
    assert after.digest != before.digest
    assert after.differences(before.parts) == [part]


def test_definitions_that_are_not_reached_do_not_matter(project):
    before = fingerprint(project().simulate)
    after = project(
        solvers_a=[("return x + 1", "return x + 2")], theory_a=[("return 2 / n", "return 3 / n")]
    )
    assert fingerprint(after.simulate) == before


def test_statements_that_fill_a_table_count_as_part_of_it(project):
    before = fingerprint(project().table)
    after = project(solvers_a=[('TABLE["y"] = 2', 'TABLE["y"] = 3')])
    assert fingerprint(after.table).differences(before.parts) == ["solvers_a:TABLE"]


def test_closures_partials_and_callable_objects_carry_their_values(project):
    module = project()
    assert fingerprint(module.make(1.0)) != fingerprint(module.make(2.0))
    assert fingerprint(module.make(1.0)) == fingerprint(module.make(1.0))
    one, two = (functools.partial(module.simulate, size=n) for n in (1, 2))
    assert fingerprint(one) != fingerprint(two)
    assert fingerprint(module.World(1)) != fingerprint(module.World(2))
    using = [functools.partial(module.simulate, size=f) for f in (module.table, module.make)]
    assert fingerprint(using[0]) != fingerprint(using[1])
    assert not any("0x" in part for part in fingerprint(using[0]).parts)
    assert "solvers_a:solve" in fingerprint(module.make(1.0)).parts


def test_functions_in_containers_mean_their_source_in_every_process(project):
    module = project()
    carried = functools.partial(module.simulate, methods={"a": [module.table], "b": np.arange(3)})
    before = fingerprint(carried)
    assert "sim_a:table" in before.parts
    module = project()
    carried = functools.partial(module.simulate, methods={"a": [module.table], "b": np.arange(3)})
    assert fingerprint(carried) == before
    other = functools.partial(module.simulate, methods={"a": [module.table], "b": np.arange(4)})
    assert fingerprint(other) != before


def test_library_versions_are_part_of_it(project, monkeypatch):
    before = fingerprint(project().simulate)
    assert {"version:numpy", "version:scipy"} <= before.parts.keys()
    monkeypatch.setattr("refutable.storing.fingerprint._version", lambda name: "0.0")
    after = fingerprint(project().simulate)
    assert after.differences(before.parts) == ["version:numpy", "version:scipy"]
