"""A report into the folder of an earlier one: what would be drawn the same is not drawn again."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import report_stores as stores
from refutable.reports import figures, kept, slugs

from refutable import reports

FILE = "figures/alpha.supported.svg"
Drawn = list[str]


@pytest.fixture
def folder(mixed_report: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(mixed_report, tmp_path / "report"))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    """The names of the figures that are drawn."""
    names: Drawn = []
    draw = figures.svg

    def told(picture: figures.Picture) -> str:
        names.append(picture.name)
        return draw(picture)

    monkeypatch.setattr(figures, "svg", told)
    kept._code.cache_clear()
    yield names
    kept._code.cache_clear()


def _bytes(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_nothing_is_drawn_twice_and_every_byte_is_the_same(
    mixed_store: Path, mixed_report: Path, folder: Path, drawn: Drawn
) -> None:
    reports.write(mixed_store, folder)
    assert drawn == []
    assert _bytes(folder) == _bytes(mixed_report)


def test_the_figures_of_the_pdf_are_kept_ones(
    mixed_store: Path, mixed_report: Path, folder: Path, drawn: Drawn
) -> None:
    reports.write(mixed_store, folder, ("pdf",))
    assert drawn == []
    assert (folder / "report.pdf").read_bytes() == (mixed_report / "report.pdf").read_bytes()


def test_a_picture_that_changed_is_drawn_again_and_no_other(folder: Path, drawn: Drawn) -> None:
    other = stores.mixed(folder.parent / "other")
    moved = stores.result("alpha.supported", checks=(stores.check(estimate=0.95),))
    reports.write(stores.fill(other, [(None, moved)]), folder, ("html",))
    assert drawn == ["alpha.supported"]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _edit(path: Path) -> None:
    path.write_text(path.read_text().replace("ratio", "other"))


@pytest.mark.parametrize("damage", [_cut, _flip, _edit, Path.unlink])
def test_a_figure_that_is_not_as_it_was_written_is_drawn_again(
    mixed_store: Path,
    mixed_report: Path,
    folder: Path,
    drawn: Drawn,
    damage: Callable[[Path], None],
) -> None:
    damage(folder / FILE)
    reports.write(mixed_store, folder, ("html",))
    assert drawn == ["alpha.supported"]
    assert (folder / FILE).read_bytes() == (mixed_report / FILE).read_bytes()


@pytest.mark.parametrize(
    "text", ["", "[]", "[" * 100_000, json.dumps({FILE: 1}), json.dumps({FILE: {"file": 1}})]
)
def test_a_list_that_is_none_keeps_no_figure(
    mixed_store: Path, folder: Path, drawn: Drawn, text: str
) -> None:
    before = json.loads((folder / kept.NAME).read_text())
    (folder / kept.NAME).write_text(text)
    reports.write(mixed_store, folder, ("html",))
    assert {slugs.figure_file(name) for name in drawn} == before.keys()
    assert json.loads((folder / kept.NAME).read_text()) == before


def _redrawn(store: Path, folder: Path, drawn: Drawn) -> bool:
    reports.write(store, folder, ("html",))
    return len(drawn) == len(json.loads((folder / kept.NAME).read_text()))


@pytest.mark.parametrize("part", ["__version__", "version"])
def test_other_versions_draw_everything_again(
    mixed_store: Path, folder: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    others = {"__version__": "0.0.0", "version": lambda name: f"0 of {name}"}
    monkeypatch.setattr(kept, part, others[part])
    assert _redrawn(mixed_store, folder, drawn)


@pytest.mark.parametrize("module", ["figures/marks.py", "numbers.py"])
def test_an_edited_module_draws_everything_again(
    mixed_store: Path, folder: Path, drawn: Drawn, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    copy = shutil.copytree(Path(kept.__file__).parent, folder.parent / "code")
    (copy / module).write_text((copy / module).read_text() + "# one line more\n")
    monkeypatch.setattr(kept, "files", lambda package: copy)
    assert _redrawn(mixed_store, folder, drawn)


def test_a_forged_checksum_over_no_text_is_no_figure(
    mixed_store: Path, folder: Path, drawn: Drawn
) -> None:
    (folder / FILE).write_bytes(b"\xff")
    known = json.loads((folder / kept.NAME).read_text())
    known[FILE]["file"] = kept._digest(b"\xff")
    (folder / kept.NAME).write_text(json.dumps(known))
    reports.write(mixed_store, folder, ("html",))
    assert drawn == ["alpha.supported"]


def _imports(path: Path) -> Iterator[str]:
    """Yield the modules of the reports, as paths, that a module imports from outside `figures`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("refutable.reports"):
            below = str(node.module).split(".")[2:3] or [one.name for one in node.names]
            yield from (f"{name}.py" for name in below if name != "figures")


def test_every_module_that_draws_is_part_of_the_version() -> None:
    here = Path(figures.__file__).parent
    names = {name for path in here.glob("*.py") for name in _imports(path)}
    assert names | {"pictures.py"} == set(kept.BESIDE)
