"""What is loaded before a command is known: no library of numbers, no claim."""

import inspect
import json
import subprocess
import sys

import pytest
from commands import EXAMPLE
from typer.testing import CliRunner

from refutable.cli import deferred
from refutable.cli.app import app

LOADED = """
import json, sys
from refutable.cli import main
sys.argv = ["refutable", *sys.argv[1:]]
try:
    main()
except SystemExit:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded_by(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_load_no_library_of_numbers_and_no_engine(arguments):
    loaded = loaded_by(*arguments)
    assert "typer" in loaded
    assert not loaded & {"numpy", "scipy", "pandas", "sympy", "numba", "sklearn", "rich.console"}
    assert not {name for name in loaded if name.startswith("refutable.claims")}


def test_the_engine_loads_the_parts_of_scipy_only_when_they_are_used():
    loaded = loaded_by("plan", "--help")
    assert {"numpy", "refutable.running.registry", "refutable.deciding.planning"} <= loaded
    assert not loaded & {"scipy.stats", "scipy.optimize", "scipy.special", "sympy", "loky"}


def test_listing_claims_loads_nothing_that_decides_stores_or_paints():
    loaded = loaded_by("list", EXAMPLE)
    assert "refutable.claims.validate" in loaded
    rooms = ("refutable.deciding", "refutable.storing", "refutable.running.job", "rich")
    assert not {name for name in loaded if name.startswith(rooms)}


def test_the_engine_loads_no_library_of_an_extra():
    code = (
        "import sys, refutable.cli.running, refutable.cli.inspecting, refutable.cli.listing, "
        "refutable.cli.guarding, refutable.claims.symbolic; "
        "from refutable.extras import LIBRARIES; "
        "print(*{n for names in LIBRARIES.values() for n in names} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


LEFT_TO_DRAWS = {
    *("sklearn", "sympy", "pandas", "cvxpy", "numba", "matplotlib"),
    *("scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.special", "scipy.stats"),
}
"""What starts slowly: each takes 0.05 s to 0.8 s of processor time."""


def test_registering_the_suite_leaves_slow_libraries_to_the_draws():
    code = (
        "import json, sys; from refutable.running.registry import discover; found = discover(); "
        "print(json.dumps([len(found.claims), len(found.problems), sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    claims, problems, loaded = json.loads(done.stdout)
    assert (claims > 0, problems) == (True, 0)
    assert LEFT_TO_DRAWS & set(loaded) == set()


def test_help_says_of_every_command_what_its_module_says():
    for name, (_, text) in deferred.COMMANDS.items():
        said = inspect.cleandoc(str(deferred.command(name).help))
        assert said.split("\n\n")[0].split("\n")[0] == text, name


def test_every_command_of_a_module_is_listed():
    modules = {module for module, _ in deferred.COMMANDS.values()}
    listed = {name for name in deferred.COMMANDS if deferred.command(name).name == name}
    assert {name for module in modules for name in deferred.commands_of(module)} == listed


@pytest.mark.parametrize("name", deferred.COMMANDS)
def test_a_command_takes_the_options_of_its_own_module(name):
    said = CliRunner().invoke(app, [name, "--help"])
    assert said.exit_code == 0
    for parameter in deferred.command(name).params:
        assert all(option in said.output for option in parameter.opts if option.startswith("--"))
