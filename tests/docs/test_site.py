"""The site: what its pages are made of when it is built, and that none is left out."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from coins import coin

import refutable
from refutable import Basis, Origin, Probability
from refutable.cli.deferred import COMMANDS

DOCS = Path(__file__).parents[2] / "docs"
OF_DATA = {"Columns", "FloatArray", "Values", "__version__"}
"""Names that the page on the interface describes in words."""


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def gallery(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    return load(DOCS / "extensions" / "gallery.py")


def test_the_page_on_the_interface_names_all_that_is_public():
    page = (DOCS / "api.md").read_text()
    listed = re.findall(r"^   (\w+)$", page, re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert {*listed, *OF_DATA} == set(refutable.__all__)
    assert all(f"- `{name}`" in page for name in OF_DATA)


def test_every_page_is_in_a_table_of_contents():
    index = (DOCS / "index.md").read_text()
    trees = "\n".join(re.findall(r"```{toctree}\n(.*?)```", index, re.DOTALL))
    listed = re.findall(r"^([\w-]+)$", trees, re.MULTILINE)
    assert {*listed, "index", "README"} == {p.stem for p in DOCS.glob("*.md")}
    readme = (DOCS / "README.md").read_text()
    unsaid = {"gallery", "api", "command", "changelog"}  # made when the site is built
    assert set(re.findall(r"\((\S+)\.md\)", readme)) == set(listed) - unsaid


def test_the_reference_has_every_command_and_its_options():
    text = load(DOCS / "extensions" / "command_pages.py").reference()
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == list(COMMANDS)
    run = text.partition("## run\n")[2].partition("\n## ")[0]
    assert "refutable run [OPTIONS] [CLAIM | PAPER | FIELD | FILE.py]...\n" in run
    (row,) = [line for line in run.splitlines() if line.startswith("| `--effort")]
    assert r"smoke\|standard\|full" in row
    assert "Grid and caps of the run" in row


def test_a_paper_is_shown_by_its_formula_or_by_a_figure_of_the_store(gallery):
    claims = refutable.find("mini_monkey")
    without = gallery.gallery(claims, gallery.Pictures.of(claims, ""))
    assert without.count("<figure") == 1
    assert "<math" in without
    assert "<img" not in without
    drawn = claims[1]
    pictures = gallery.Pictures(figures={drawn.id: "<svg/>"}, verdicts={drawn.id: "refuted"})
    card = gallery.card(claims, pictures)
    assert f'src="gallery/{drawn.id}.svg"' in card
    assert f"{drawn.title}: refuted".replace("'", "&#x27;") in card


def test_the_pictures_of_a_store_are_those_of_its_report(gallery, tmp_path):
    expect = (Probability("heads").near(0.5, 0.1),)
    claim = coin(expect=expect, origin=Origin.PRINTED, basis=Basis.FULL_TEXT)
    store = tmp_path / "store"
    refutable.check(claim, store=store)
    found = gallery.Pictures.of([claim], str(store))
    assert found.verdicts == {claim.id: "supported"}
    assert "<svg" in found.figures[claim.id]


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("b.html#there", []),
        ("b.html#nowhere", ["a.html: b.html#nowhere"]),
        ("c.html", ["a.html: c.html"]),
        ("#nowhere", ["a.html: #nowhere"]),
        ("picture.svg", []),
        ("https://elsewhere.example/c.html", []),
    ],
)
def test_a_link_that_leads_nowhere_is_told(tmp_path, link, found, capsys):
    (tmp_path / "a.html").write_text(f'<a href="{link}">x</a>')
    (tmp_path / "b.html").write_text('<h1 id="there">y</h1>')
    (tmp_path / "picture.svg").write_text("<svg/>")
    links = load(DOCS / "links.py")
    assert list(links.dead(tmp_path)) == found
    assert links.main(str(tmp_path)) == bool(found)
