"""Without an extra: what works all the same, and the one line that says what to install."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
from commands import EXAMPLE, fresh, refutable
from sealing import holds, seal
from without import without

from refutable import extras
from refutable.claims.records import Effort
from refutable.errors import StoreError
from refutable.interface.results import Results
from refutable.running import job, registry
from refutable.storing import fingerprint, tables
from refutable.storing.store import Store

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"
EVERY_EXTRA = [library for brought in extras.LIBRARIES.values() for library in brought]


def names(requirements):
    spelled = {"pillow": "PIL", "scikit-learn": "sklearn"}
    found = (re.match(r"[\w-]+", text).group() for text in requirements)
    return {spelled.get(name, name) for name in found}


def test_the_table_of_extras_is_the_one_of_the_package():
    declared = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    whole = declared.pop("all")
    assert whole == [f"refutable[{','.join(declared)}]"]
    assert {extra: names(texts) for extra, texts in declared.items()} == {
        extra: set(brought) for extra, brought in extras.LIBRARIES.items()
    }


def test_commands_name_the_extra_and_nothing_for_a_stranger():
    assert extras.command("scikit-learn") == extras.command("sklearn.svm")
    assert extras.command("sklearn.svm") == "pip install 'refutable[suite]'"
    assert extras.command("lightgbm") == ""


def test_a_missing_library_is_told_when_it_is_used_and_its_own_trouble_is_not_hidden(monkeypatch):
    absent = extras.Library("sympy_of_nobody")
    with pytest.raises(extras.NotInstalled, match="sympy_of_nobody is not installed"):
        absent.expand  # noqa: B018
    assert extras.Library("math").sqrt(4.0) == 2.0

    def broken(name):
        raise ModuleNotFoundError("No module named 'mpmath'", name="mpmath")

    monkeypatch.setattr(extras.importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="mpmath") as raised:
        extras.Library("sympy").expand  # noqa: B018
    assert not isinstance(raised.value, extras.NotInstalled)


COIN_ALONE = Path(EXAMPLE).read_text().split("def wrong_shape")[0]
"""Without the claims beside it, which raise, kill and hang."""


@pytest.fixture(scope="module")
def coin(tmp_path_factory):
    """Return a file with one sound claim."""
    path = tmp_path_factory.mktemp("coin") / "coin.py"
    path.write_text(COIN_ALONE)
    return path


@pytest.fixture(scope="module")
def light(coin, tmp_path_factory):
    """Return the store of a claim that was decided without any extra, and what was said."""
    store = tmp_path_factory.mktemp("light") / "s"
    return store, without(EVERY_EXTRA, "run", coin, "--store", store, "--workers", 1)


def test_a_claim_is_decided_without_any_extra(coin, light, tmp_path):
    store, (code, _, err) = light
    whole = tmp_path / "s"
    assert fresh("run", coin, "--store", whole, "--workers", 1)[0] == code == 0
    for path in sorted((whole / "results").iterdir()):
        assert (store / "results" / path.name).read_bytes() == path.read_bytes()
    notes = [line for line in err.splitlines() if line.startswith("note:")]
    assert notes == [
        "note: tables are left to `refutable report` and formulas are not checked, since "
        "pyarrow, typst are not installed: pip install 'refutable[report]'"
    ]


def test_a_report_makes_the_tables_that_are_missing(coin, light, tmp_path):
    store, _ = light
    assert not list((store / "tables").glob("*.parquet"))
    code, _, err = refutable(
        "report", "--store", store, "--out", tmp_path / "r", "--formats", "json"
    )
    assert code == 0, err
    assert not list((store / "tables").glob("*.json"))
    whole = tmp_path / "s"
    fresh("run", coin, "--store", whole, "--workers", 1)
    made = {path.name: path.read_bytes() for path in (store / "tables").iterdir()}
    assert made
    assert made == {path.name: path.read_bytes() for path in (whole / "tables").iterdir()}


def test_an_older_table_does_not_stay_beside_a_newer_verdict(coin, tmp_path, monkeypatch):
    store = tmp_path / "s"
    fresh("run", coin, "--store", store, "--workers", 1)
    table, note = (store / "tables" / f"example.coin{end}" for end in (".parquet", ".json"))
    assert table.exists()
    monkeypatch.setattr(tables, "installed", lambda library: False)
    tables.keep_table(Store(store), "example.coin", [0])
    assert not table.exists()
    assert holds(note) == {"blocks": [0]}
    monkeypatch.undo()
    tables.make_waiting(Store(store))
    assert table.exists()
    assert not note.exists()
    tables.keep_table(Store(store), "example.coin", [])
    assert not table.exists()


@pytest.mark.parametrize("note", ['{"blocks": [7]}', '{"blocks": 1}', "{}"])
def test_a_note_that_does_not_fit_is_told_and_a_report_goes_on(coin, tmp_path, note):
    store = tmp_path / "s"
    fresh("run", coin, "--store", store, "--workers", 1)
    seal(store / "tables" / "example.coin.json", json.loads(note))
    with pytest.raises(StoreError, match="does not fit the blocks of example.coin"):
        tables.make_waiting(Store(store))
    code, _, err = refutable(
        "report", "--store", store, "--out", tmp_path / "r", "--formats", "json"
    )
    assert code == 0
    assert "note: tables were not made" in err


@pytest.mark.parametrize(
    ("missing", "arguments"),
    [
        (["jinja2"], ("report",)),
        (["typst", "pyarrow"], ("report", "--formats", "csv")),
        (["markupsafe"], ("diff",)),
    ],
)
def test_reports_say_in_one_line_which_extra_they_need(light, missing, arguments):
    store, _ = light
    place = (store, store) if arguments == ("diff",) else ("--store", store)
    code, out, err = without(missing, *arguments, *place)
    assert (code, out) == (2, "")
    be = "are" if len(missing) > 1 else "is"
    assert err == (
        f"error: Reports cannot be written, since {', '.join(sorted(missing))} {be} not "
        "installed: pip install 'refutable[report]'\n"
    )


def test_back_ends_say_which_extra_they_need():
    code, _, err = without(["distributed"], "run", EXAMPLE, "--backend", "dask")
    assert code == 2
    assert "pip install 'refutable[dask]'" in err


FIRST = "import nobodys_library\n"
LATER = """
def drawn(cell, rng, size):
    import numba
    return numba and toss(cell, rng, size)
"""


@pytest.fixture
def suite(tmp_path, monkeypatch):
    """Put a suite of five modules in the place of ours; two of them cannot be imported."""
    text = COIN_ALONE
    folder = tmp_path / "small_suite"
    folder.mkdir()
    for name in ("plain", "first", "second", "third", "fourth"):
        code = text.replace("example.coin", f"example.{name}")
        if name in ("third", "fourth"):
            code = LATER + code.replace("simulate=toss", "simulate=drawn")
        (folder / f"{name}.py").write_text(FIRST + code if name in ("first", "second") else code)
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(extras.LIBRARIES, "suite", ("nobodys_library", "numba"))
    for module in (registry, job):
        monkeypatch.setattr(module, "BUILTIN", "small_suite")
    monkeypatch.setattr(registry, "_entry_points", lambda: iter(()))
    yield
    for name in [name for name in sys.modules if name.startswith("small_suite")]:
        del sys.modules[name]


def test_modules_that_want_an_extra_are_one_problem(suite):
    found = registry.discover()
    assert [problem.text for problem in found.problems] == [
        "2 modules of claims cannot be imported, since nobodys_library is not installed: "
        "pip install 'refutable[suite]'"
    ]
    assert set(found.claims) == {"example.plain", "example.third", "example.fourth"}


def test_claims_that_would_want_an_extra_later_are_one_problem(suite, monkeypatch):
    found = registry.discover()
    version = fingerprint._version
    monkeypatch.setattr(
        fingerprint, "_version", lambda d: fingerprint.ABSENT if d == "numba" else version(d)
    )
    jobs, problems = job.prepare(found.claims.values(), found, Effort.SMOKE, seed=0)
    assert [one.claim.id for one in jobs] == ["example.plain"]
    assert [problem.text for problem in problems] == [
        "2 claims of the suite cannot be tried, since numba is not installed: "
        "pip install 'refutable[suite]'"
    ]


def test_claims_of_others_may_know_what_to_do_without_a_library(suite, monkeypatch):
    monkeypatch.setattr(job, "BUILTIN", "another_suite")
    monkeypatch.setattr(fingerprint, "_version", lambda d: fingerprint.ABSENT)
    found = registry.discover()
    jobs, problems = job.prepare(found.claims.values(), found, Effort.SMOKE, seed=0)
    assert (len(jobs), problems) == (3, [])


@pytest.mark.parametrize("missing", [["sympy"], extras.LIBRARIES["suite"]])
def test_the_suite_itself_is_listed_and_run_as_far_as_it_can_be(missing, tmp_path):
    code, _, err = without(
        missing,
        "run",
        "mini_monkey.rules-compared",
        "temperature_moe",
        "--json",
        "--workers",
        1,
        "--store",
        tmp_path / "s",
    )
    told = [line for line in err.splitlines() if "refutable[suite]" in line]
    assert code in (1, 2)  # 2 where the paper's claims cannot even be registered
    assert 1 <= len(told) <= 2
    assert all("not installed" in line for line in told)
    assert "Traceback" not in err


def test_a_library_that_a_draw_needs_is_named_with_its_extra(tmp_path):
    path = tmp_path / "lazy.py"
    text = COIN_ALONE
    path.write_text(LATER + text.replace("simulate=toss", "simulate=drawn"))
    serial = ("--backend", "serial", "--workers", 1)  # what is hidden here, no other process misses
    code, out, _ = without(["numba"], "run", path, "--store", tmp_path / "s", *serial, "--json")
    result = json.loads(out)["results"][0]
    assert (code, result["verdict"]) == (1, "failed")
    assert "No module named 'numba'; pip install 'refutable[suite]'" in result["reason"]


def test_a_table_without_pandas_says_what_to_install(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(extras.importlib, "import_module", absent)
    with pytest.raises(extras.NotInstalled, match=r"pandas is .*pip install 'refutable\[suite\]'"):
        Results(()).to_frame()
