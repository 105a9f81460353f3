"""docs/*.md: every Python block runs, and the tutorial's claims are decided alike everywhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from commands import fresh
from nbclient import NotebookClient

import refutable as rf
from refutable.storing.store import Store

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(?:python|\{code-cell\} python)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHOWN_ELSEWHERE = {"adding-a-paper"}  # tests/refutable/cli/test_guide.py
"""Pages whose blocks are parts of a file that another test runs."""
STORED = {"store": "ila_sdp.sdp-cutoff"}
"""Pages that read a claim of the suite from the default store."""
PAGES = sorted(p.stem for p in DOCS.glob("*.md") if BLOCK.search(p.read_text()))
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def blocks(page):
    return BLOCK.findall((DOCS / f"{page}.md").read_text())


@pytest.mark.parametrize("page", [p for p in PAGES if p not in SHOWN_ELSEWHERE])
def test_every_block_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if page in STORED:
        rf.check(STORED[page], store="runs/current").replicates()
    names = {"__name__": "__main__"}
    for number, block in enumerate(blocks(page), start=1):
        exec(compile(block, f"{page}.md, block {number}", "exec"), names)


def test_every_link_of_a_page_leads_somewhere():
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md"]:
        for target in LINK.findall(page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """Return the file that the tutorial tells a reader to write: its blocks that bind claims."""
    file = tmp_path_factory.mktemp("tutorial") / "claims_tutorial.py"
    kept = [b for b in blocks("tutorial") if "rf.check" not in b]
    file.write_text("\n\n".join(kept))
    return file


def numbers(found):
    """Return what must not depend on the way in."""
    plain = found.to_json()
    return {name: plain[name] for name in ("verdict", "replicates", "checks", "controls")}


@pytest.mark.slow
def test_the_tutorial_gives_the_same_numbers_by_check_under_pytest_and_by_the_command(tutorial):
    names = {"__name__": "__main__"}
    exec(tutorial.read_text(), names)
    live = {c.id: rf.check(c).found for c in names.values() if isinstance(c, rf.Claim)}
    assert {one.verdict for one in live.values()} == {"supported"}
    assert len(live) == 3
    by_command, by_pytest = tutorial.parent / "by_command", tutorial.parent / "by_pytest"
    code, _, err = fresh("run", tutorial, "--store", by_command, "--workers", 1)
    assert code == 0, err
    options = ["-q", "-p", "no:cacheprovider", f"--refutable-store={by_pytest}", tutorial.name]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=tutorial.parent,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    for name, found in live.items():
        for store in (by_command, by_pytest / name):
            assert numbers(Store(store, create=False).result(name)) == numbers(found)


@pytest.mark.slow
def test_the_tutorial_runs_in_a_kernel_of_jupyter(tutorial):
    cells = [tutorial.read_text(), "import refutable as rf\nrf.check(BERNSTEIN, workers=2)"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    NotebookClient(book, timeout=60, kernel_name="python3").execute()
    *progress, shown = book.cells[1].outputs
    assert shown.output_type == "execute_result"
    assert "tutorial.bernstein: supported" in shown.data["text/plain"]
    assert "P(violated)" in shown.data["text/plain"]  # the table goes into the text, not beside it
    assert "<iframe" in shown.data["text/html"]
    said = "".join(o.text if o.output_type == "stream" else o.data["text/plain"] for o in progress)
    assert "[1/1] tutorial.bernstein: supported" in said
    assert "P(violated)" not in said
    assert "Warning" not in said
