"""Packages of others: an entry point names a module, or a package in whose modules claims lie."""

import importlib
import json
import sys
import zipfile
from pathlib import Path

import coins
import pytest
from built import TREE, wheel_of
from commands import fresh

from refutable.running import registry
from refutable.running.registry import Registry, Source
from refutable.storing.lines import families
from refutable.storing.store import Store


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Install a package whose claims lie in a module below it."""
    site = tmp_path / "site"
    deep = site / "their_claims" / "deeper"
    deep.mkdir(parents=True)
    (site / "their_claims" / "__init__.py").write_text("")
    (deep / "__init__.py").write_text("")
    (deep / "of_coins.py").write_text(Path(coins.__file__).read_text())
    (deep / "_hidden.py").write_text("raise RuntimeError('nobody asked')")
    (deep / "broken.py").write_text("raise RuntimeError('their fault')")
    meta = site / "their_claims-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: their-claims\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text("[refutable.claims]\ntheirs = their_claims\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    importlib.invalidate_caches()
    yield site
    for name in [n for n in sys.modules if n.partition(".")[0] == "their_claims"]:
        del sys.modules[name]


def test_claims_in_the_modules_of_a_package_are_found_and_a_broken_one_is_told(package):
    found = Registry()
    for name in dict.fromkeys(registry._entry_points()):
        found.add_module(Source("module", name))
    assert {"coins.fair", "coins.two-sides"} == set(found.claims)
    assert found.sources["coins.fair"].place == "their_claims.deeper.of_coins"
    (problem,) = found.problems
    assert "their_claims.deeper.broken could not be imported" in problem.text
    assert "their fault" in problem.text


@pytest.mark.slow
def test_the_command_decides_them_by_name_beside_ours(package, tmp_path):
    (package / "their_claims" / "deeper" / "broken.py").unlink()
    options = ("--store", tmp_path / "s", "--workers", 2, "--json")
    code, out, err = fresh("run", "coins.fair", *options)
    assert code == 0, err
    (result,) = json.loads(out)["results"]
    assert (result["claim"], result["verdict"]) == ("coins.fair", "supported")


@pytest.mark.slow
def test_the_package_of_the_documentation_is_built_installed_and_decided(tmp_path, monkeypatch):
    page = (TREE / "docs" / "package.md").read_text()
    source, site = tmp_path / "my_claims", tmp_path / "site"
    (source / "src" / "my_claims").mkdir(parents=True)
    (source / "src" / "my_claims" / "__init__.py").touch()
    for name, language in (("pyproject.toml", "toml"), ("src/my_claims/birthdays.py", "python")):
        text = page.partition(f"`{name}`:\n\n```{language}\n")[2].partition("```\n")[0]
        (source / name).write_text(text)
    with zipfile.ZipFile(wheel_of(source, tmp_path)) as wheel:
        wheel.extractall(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.chdir(tmp_path)
    code, out, err = fresh("run", "birthdays", "--workers", 1, "--json")
    assert code == 0, err
    (result,) = json.loads(out)["results"]
    assert (result["claim"], result["verdict"]) == ("birthdays.twenty-three", "supported")
    brought = {"birthdays.twenty-three": "my_claims"}
    assert families(Store(tmp_path / "runs" / "current", create=False)) == brought
