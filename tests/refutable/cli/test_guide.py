"""docs/adding-a-paper.md: its first claim gives what the page says that it gives."""

import re
from pathlib import Path

import numpy as np
import pytest
from commands import fresh

from refutable import Cells
from refutable.claims.teeth import excluded, untouched
from refutable.running.registry import discover

PAGE = (Path(__file__).parents[3] / "docs" / "adding-a-paper.md").read_text()
PROGRAM = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]
SCREEN = re.findall(r"^```\n(\$ refutable run .*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]


@pytest.fixture
def my_claim(tmp_path):
    path = tmp_path / "my_claim.py"
    path.write_text(PROGRAM)
    return path


def test_the_first_claim_prints_what_the_page_shows(my_claim, tmp_path):
    run, first, second, show = SCREEN.splitlines()
    assert (run, show) == ("$ refutable run my_claim.py", "$ refutable show my_claim.py")
    store = ("--store", tmp_path / "s")
    code, out, err = fresh("run", my_claim, "--workers", 1, *store)
    assert code == 0, err
    said = out.splitlines()
    assert said[0] == first
    assert said[1].startswith(second.removesuffix("..."))
    code, out, _ = fresh("show", my_claim, *store)
    assert code == 0
    assert "Verdict: supported (approximate)" in out


def test_its_controls_are_such_as_the_page_asks_for(my_claim):
    (claim,) = discover([my_claim], builtin=False).claims.values()
    assert (excluded(claim), untouched(claim)) == ((), ())


def test_its_grid_of_numpy_has_the_cells_that_it_counts():
    call, count = re.findall(r"`(Cells\(n=np.*?)` has (\d+) cells", PAGE, re.DOTALL)[0]
    cells = eval(call, {"np": np, "Cells": Cells})
    assert len(cells) == int(count)
    assert all(type(value) in (int, float) for cell in cells for value in cell.values())
