"""Fingerprints follow meaning: comments do not matter, a solver's arithmetic does."""

import ast
import functools
import importlib
import importlib.metadata
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from refutable.storing.fingerprint import ABSENT, fingerprint, forget

SUITE = ("theory", "solvers", "simulations")

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
        from dataclasses import dataclass
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
        @dataclass(frozen=True)
        class Options:
            step: float
            table: object = None
        def lazy(cell, rng, size):
            from theory_a import other
            return {"x": other(size)}
    """,
    "conditions_a.py": """
        import os
        from theory_a import *
        DEEP = False
        if DEEP:
            STEP = 1
        elif os.sep == "/":
            STEP = 2
        else:
            STEP = 3
        if not DEEP:
            SIDE = 1
        else:
            pass  # not here
        if DEEP:
            pass
        else:
            ONLY = 1
        try:
            1 / 0
        except KeyError:
            pass  # no key
        except ArithmeticError:
            LAST = 1
        if (WIDE := 4) > 3:
            pass
        try:
            import nothing_of_that_name
            FOUND = 1
        except ImportError:
            FOUND = 2
        else:
            FOUND = 3
        finally:
            FOUND += 4
        COUNT = 0
        while COUNT < 3:
            COUNT += 1
        with open(os.devnull) as file:
            TEXT = file.read()
        for name in ("x", "y"):
            import theory_a as theory
        match COUNT:
            case 3:
                KIND = "three"
        def step(cell, rng, size): return STEP
        def sided(cell, rng, size): return SIDE
        def only(cell, rng, size): return ONLY
        def last(cell, rng, size): return LAST
        def wide(cell, rng, size): return WIDE
        def found(cell, rng, size): return FOUND
        def count(cell, rng, size): return COUNT
        def text(cell, rng, size): return TEXT
        def looped(cell, rng, size): return theory.curve(size)
        def kind(cell, rng, size): return KIND
        def starred(cell, rng, size): return curve(size)
    """,
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a function that (re)loads the small project, with replacements in its text."""
    monkeypatch.syspath_prepend(tmp_path)
    names = [name.removesuffix(".py") for name in FILES]

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


def test_a_digest_has_32_digits_and_so_has_each_part_that_is_code(project):
    found = fingerprint(project().simulate)
    code = [digest for name, digest in found.parts.items() if not name.startswith("version:")]
    assert len(code) > 3
    assert all(len(digest) == 32 and set(digest) <= set("0123456789abcdef") for digest in code)
    assert len(found.digest) == 32


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


CONDITIONS = {
    "if": ("step", "if DEEP:", "if not DEEP:"),
    "what a condition mentions": ("step", "DEEP = False", "DEEP = True"),
    "elif": ("step", 'os.sep == "/"', 'os.sep != "/"'),
    "branch of if": ("step", "STEP = 1", "STEP = 5"),
    "branch of elif": ("step", "STEP = 2", "STEP = 5"),
    "branch of else": ("step", "STEP = 3", "STEP = 5"),
    "bound in else alone": ("only", "ONLY = 1", "ONLY = 2"),
    "bound in except alone": ("last", "LAST = 1", "LAST = 2"),
    "bound in a condition": ("wide", "WIDE := 4", "WIDE := 5"),
    "try": ("found", "FOUND = 1", "FOUND = 5"),
    "what is caught": ("found", "except ImportError", "except (ImportError, OSError)"),
    "branch of except": ("found", "FOUND = 2", "FOUND = 5"),
    "else of try": ("found", "FOUND = 3", "FOUND = 5"),
    "finally": ("found", "FOUND += 4", "FOUND += 5"),
    "kind of +=": ("found", "FOUND += 4", "FOUND -= 4"),
    "while": ("count", "while COUNT < 3", "while COUNT < 5"),
    "body of while": ("count", "COUNT += 1", "COUNT += 3"),
    "with": ("text", "with open(os.devnull)", "with open(os.path.devnull)"),
    "import in a loop": ("looped", "import theory_a as theory", "import solvers_a as theory"),
    "match": ("kind", "case 3", "case _"),
    "case": ("kind", '"three"', '"drei"'),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_and_branches_at_module_level_count(project, name):
    function, old, new = CONDITIONS[name]
    before = fingerprint(getattr(conditions(project), function))
    after = fingerprint(getattr(conditions(project, (old, new)), function))
    assert after.differences(before.parts)
    others = {"step", "wide", "found", "count", "text", "looped", "kind", "starred"} - {function}
    for other in others - ({"kind"} if function == "count" else set()):
        whole, edited = conditions(project), conditions(project, (old, new))
        assert fingerprint(getattr(whole, other)) == fingerprint(getattr(edited, other))


def conditions(project, *replacements):
    project(conditions_a=replacements)
    return importlib.import_module("conditions_a")


def test_which_branch_a_statement_stands_in_counts(project):
    for function, between, first, second in (
        ("sided", "\n        else:\n            ", "SIDE = 1", "pass  # not here"),
        ("last", "\n        except ArithmeticError:\n            ", "pass  # no key", "LAST = 1"),
    ):
        before = fingerprint(getattr(conditions(project), function))
        swap = first + between + second, second.partition("#")[0] + between + first
        assert fingerprint(getattr(conditions(project, swap), function)) != before


def test_a_name_out_of_a_star_import_is_followed(project):
    before = fingerprint(conditions(project).starred)
    assert "theory_a:curve" in before.parts
    assert "theory_a:other" not in before.parts


def test_what_a_function_imports_itself_is_followed(project):
    before = fingerprint(project().lazy)
    after = fingerprint(project(theory_a=[("return 2 / n", "return 3 / n")]).lazy)
    assert after.differences(before.parts) == ["theory_a:other"]


def carrying(function, value):
    return fingerprint(functools.partial(function, x=value))


def test_the_last_bits_of_carried_numbers_do_not_matter(project):
    module = project()
    for value, nudged, other in (
        (0.3, 0.1 * 3, 0.3 + 1e-8),
        (1.0, float(np.nextafter(1.0, 0.0)), 1.0 - 1e-8),
        (2.0**-14, float(np.nextafter(2.0**-14, 1.0)), 2.0**-14 * (1 + 1e-8)),
        (0.0, -0.0, 1e-300),
        (1 + 0.3j, 1 + (0.1 * 3) * 1j, 1 + 0.31j),
        (7, 7, 8),
        (10**17, 10**17, 10**17 + 1),
    ):
        assert carrying(module.simulate, value) == carrying(module.simulate, nudged)
        assert carrying(module.simulate, value) != carrying(module.simulate, other)
        wrapped = [carrying(module.simulate, module.Options(v)) for v in (value, nudged, other)]
        assert wrapped[0] == wrapped[1] != wrapped[2]
        if isinstance(value, float):
            many = [carrying(module.simulate, np.full(2000, v)) for v in (value, nudged, other)]
            assert many[0] == many[1] != many[2]


def test_a_large_array_in_an_options_object_counts_whole(project):
    module = project()
    one, two = np.zeros(5000), np.zeros(5000)
    two[2500] = 1.0  # left out where an array is printed
    first, second = (carrying(module.simulate, module.Options(1.0, table)) for table in (one, two))
    assert first != second
    assert "sim_a:Options" in first.parts


def test_functions_of_libraries_are_told_apart_and_not_followed(project):
    module = project()
    mean, median = (carrying(module.simulate, f) for f in (np.mean, np.median))
    assert mean != median
    assert not any(part.startswith("numpy") for part in mean.parts)


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


def imported_by_the_suite():
    """Return the top-level names of what the files of theory, solvers and simulations import."""
    places = [importlib.import_module(f"refutable.{part}").__path__[0] for part in SUITE]
    trees = [ast.parse(path.read_text()) for place in places for path in Path(place).rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"refutable"}


def test_every_library_of_the_suite_has_a_version_or_is_told_to_be_absent(project, monkeypatch):
    libraries = imported_by_the_suite()
    assert {"numpy", "numba", "pandas"} <= libraries
    shipped = importlib.metadata.packages_distributions()
    monkeypatch.setattr("refutable.storing.fingerprint._version", lambda name: ABSENT)
    for library in sorted(libraries):
        module = project(sim_a=[("import solvers_a\n", f"import solvers_a, {library}\n")])
        found = fingerprint(module.simulate).parts
        named = {name for name in shipped[library] if f"version:{name.lower()}" in found}
        assert named, f"{library}: add it to _DISTRIBUTIONS"


def test_a_library_of_others_has_its_version_where_it_is_installed(project, monkeypatch):
    imports = [("import solvers_a\n", "import solvers_a, pytest, json\n")]
    found = fingerprint(project(sim_a=imports).simulate).parts
    assert found["version:pytest"] == pytest.__version__
    assert "version:json" not in found
    assert "version:solvers_a" not in found
    monkeypatch.setattr("refutable.storing.fingerprint._version", lambda name: ABSENT)
    assert "version:pytest" not in fingerprint(project(sim_a=imports).simulate).parts
