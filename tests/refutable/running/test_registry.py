"""Finding claims: packages, entry points, single files; problems are told, neighbours run on."""

import textwrap

import pytest
from commands import fresh

from refutable.errors import MisuseError, UnknownClaim
from refutable.running.registry import Registry, Source, discover
from refutable.running.whereabouts import located

CLAIM = """
from refutable import *
PAPER = Paper(key="{key}", field="games", title="T", authors=("A",), year=2000, venue="V")
ONE = Claim(id="{key}.one", paper=PAPER, source="s", statement="s", formula="x = 1",
    scope=Scope.ARITHMETIC, does_not_show="d", compute=lambda cell: {{"x": 1}},
    expect=(Exact("x").equals(1),), controls=(FalseTheory("two", Exact("x").equals(2)),))
"""


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text))
        return path

    return write


def test_a_single_file_is_enough(write):
    registry = discover([write("mine.py", CLAIM.format(key="mine"))], builtin=False)
    assert list(registry.claims) == ["mine.one"]
    assert not registry.problems
    assert registry.find("one") is registry.find("mine.one")


HELPED = """
from refutable import *
{imports}
PAPER = Paper(key="{key}", field="games", title="T", authors=("A",), year=2000, venue="V")
ONE = Claim(id="{key}.one", source="s", statement="s", formula="x = 1",
    scope=Scope.ARITHMETIC, does_not_show="d", compute=lambda cell: {{"x": VALUE}},
    expect=(Exact("x").equals({value}),),
    controls=(FalseTheory("more", Exact("x").equals({value} + 1)),))
"""


def folder_with_helper(folder, key, value, imports="from helper_of_folder import VALUE", **texts):
    folder.mkdir()
    helpers = {"helper_of_folder": f"VALUE = {value}", **texts}
    for name, text in helpers.items():
        (folder / f"{name}.py").write_text(text)
    file = folder / "claim.py"
    file.write_text(HELPED.format(key=key, value=value, imports=imports))
    return file


def test_a_file_never_gets_the_helper_of_another(tmp_path):
    """Each of the two claims holds with its own helper and fails with the other's."""
    first = folder_with_helper(tmp_path / "a", "first", 1)
    second = folder_with_helper(tmp_path / "b", "second", 2)
    store = ("--store", tmp_path / "s", "--workers", 1)
    code, out, err = fresh("run", first, second, *store)
    assert code == 1
    assert f"{second} and {first} each import a 'helper_of_folder' that lies beside them" in err
    assert "a command of its own: they may share a store." in err
    assert "first.one: supported" in out
    assert "second.one" not in out
    code, out, _ = fresh("run", second, *store)
    assert (code, "second.one: supported" in out) == (0, True)


LATER = "def value():\n    from helper_of_folder import VALUE\n    return VALUE"


@pytest.mark.parametrize(
    ("imports", "texts"),
    [
        ("import helper_of_folder as h; VALUE = h.VALUE", {}),
        ("from later import value; VALUE = value()", {"later": LATER}),
    ],
    ids=["whole", "through another, in a function"],
)
def test_a_helper_is_met_however_it_is_imported(tmp_path, imports, texts):
    first = folder_with_helper(tmp_path / "a", "first", 1)
    second = folder_with_helper(tmp_path / "b", "second", 2, imports, **texts)
    (problem,) = discover([first, second], builtin=False).problems
    assert (problem.where, problem.claim) == (str(second), None)
    assert "'helper_of_folder'" in problem.text


def test_files_of_one_folder_share_a_helper_and_other_names_do_not_clash(tmp_path):
    first = folder_with_helper(tmp_path / "a", "first", 1)
    twin = tmp_path / "a" / "twin.py"
    twin.write_text(
        HELPED.format(key="twin", value=1, imports="from helper_of_folder import VALUE")
    )
    third = folder_with_helper(tmp_path / "c", "third", 3, "import json; VALUE = 3", json="")
    fourth = folder_with_helper(tmp_path / "d", "fourth", 4, "import json; VALUE = 4", json="")
    assert discover([first, twin, third, fourth], builtin=False).problems == []


def test_packages_beside_files_are_told_apart_too(tmp_path):
    files = []
    for name, value in (("a", 1), ("b", 2)):
        (tmp_path / name / "tools").mkdir(parents=True)
        (tmp_path / name / "tools" / "deep.py").write_text(f"VALUE = {value}")
        files.append(tmp_path / name / "claim.py")
        text = HELPED.format(key=name, value=value, imports="from tools.deep import VALUE")
        files[-1].write_text(text)
    (problem,) = discover(files, builtin=False).problems
    assert "'tools'" in problem.text


def test_the_suite_is_found_by_dropping_files():
    registry = discover()
    assert "ila_sdp.sdp-cutoff" in registry.claims
    assert registry.problems == []


def test_unknown_names_get_the_nearest_matches():
    with pytest.raises(UnknownClaim, match=r"Did you mean ila_sdp.sdp-cutoff"):
        discover().find("sdp-cutof")
    with pytest.raises(UnknownClaim, match="`refutable list` shows all"):
        discover().find("zzzzzz")


def test_a_paper_or_a_field_stands_for_its_claims():
    registry = discover()
    chosen = registry.select(["deepspeed_moe"])
    assert {claim.paper.key for claim in chosen} == {"deepspeed_moe"}
    assert {c.paper.field for c in registry.select(["mixtures"])} == {"mixtures"}


def test_duplicates_are_refused_both_and_told(write):
    files = [write(name, CLAIM.format(key="twin")) for name in ("a.py", "b.py", "c.py")]
    good = write("good.py", CLAIM.format(key="good"))
    registry = discover([*files, good], builtin=False)
    assert list(registry.claims) == ["good.one"]
    assert "two claims have this id" in registry.problems[0].text
    assert "a.py" in registry.problems[0].text
    assert "b.py" in registry.problems[0].text
    with pytest.raises(MisuseError, match="two claims have this id"):
        registry.find("twin.one")


def test_a_file_that_does_not_import_is_told(write):
    broken = write("broken.py", "import nothing_of_that_name")
    registry = discover([broken, write("good.py", CLAIM.format(key="fine"))], builtin=False)
    assert list(registry.claims) == ["fine.one"]
    assert "nothing_of_that_name" in registry.problems[0].text


def test_a_bad_claim_does_not_keep_its_neighbours_from_running(write):
    text = CLAIM.format(key="mixed") + (
        "\nfrom dataclasses import replace\nBAD = replace(ONE, id='mixed.bad', controls=())\n"
        "WORSE = replace(ONE, id='mixed.worse', expect=3)\n"
    )
    registry = discover([write("mixed.py", text)], builtin=False)
    assert list(registry.claims) == ["mixed.one"]
    assert "has no control" in registry.problems[0].text
    assert "mixed.worse" in registry.problems[1].text


def test_a_missing_file_is_told(tmp_path):
    registry = Registry()
    registry.add_module(Source("file", str(tmp_path / "none.py")))
    assert "is not a file" in registry.problems[0].text


def test_short_names_that_several_papers_share_are_ambiguous(write):
    files = [write(f"{key}.py", CLAIM.format(key=key)) for key in ("p1", "p2")]
    with pytest.raises(UnknownClaim, match="ambiguous: p1.one, p2.one"):
        discover(files, builtin=False).find("one")


def test_entry_points_of_other_packages_are_read(monkeypatch, tmp_path):
    (tmp_path / "other_claims.py").write_text(CLAIM.format(key="other"))
    monkeypatch.syspath_prepend(tmp_path)

    class Point:
        value = "other_claims"

    from importlib import metadata

    monkeypatch.setattr(metadata, "entry_points", lambda group: [Point()])
    assert "other.one" in discover().claims


def test_a_module_that_exits_is_told_and_its_neighbours_run(write):
    leaves = write("leaves.py", "import sys\nsys.exit(0)")
    registry = discover([leaves, write("good.py", CLAIM.format(key="stays"))], builtin=False)
    assert list(registry.claims) == ["stays.one"]
    assert f"sys.exit(0) was called ({leaves}:2)" in registry.problems[0].text


def test_an_error_is_placed_in_the_file_of_its_author(write):
    write("placed_helper.py", "def fail():\n    raise KeyError('deep')\n")
    path = write("placed.py", "from placed_helper import fail\n\nfail()\n")
    (problem,) = discover([path], builtin=False).problems
    assert f"KeyError: 'deep' ({path}:3)" in problem.text


def test_an_error_that_never_met_its_authors_file_is_placed_in_the_last_of_their_code():
    def helper():
        raise ValueError("deep")

    with pytest.raises(ValueError) as caught:
        helper()
    said = located(caught.value, "another")
    assert said.startswith("ValueError: deep (")
    assert "test_registry.py:" in said


def test_a_file_without_a_claim_is_told(write):
    (problem,) = discover([write("empty.py", "x = 1")], builtin=False).problems
    assert "empty.py holds no claim" in problem.text


def test_a_file_whose_claims_are_all_refused_is_not_called_empty(write):
    files = [write(name, CLAIM.format(key="both")) for name in ("a.py", "b.py")]
    (problem,) = discover(files, builtin=False).problems
    assert "two claims have this id" in problem.text
