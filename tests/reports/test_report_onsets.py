"""The figure of a map: its cells, and theory's boundary at the place where theory has it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from refutable.reports import grounds, onsets

X, Y = [1.0, 2.0, 3.0, 4.0], [10, 20, 30]
WIDE, HIGH = onsets.WIDE / len(X), onsets.HIGH / len(Y)


def plane(**changes: Any) -> dict[str, Any]:
    made = {
        "kind": "map",
        "sentence": "It holds.",
        "x": "ratio",
        "y": "n",
        "x_values": X,
        "y_values": Y,
        "found": "..##.?##.###",
        "theory": "..##.###.###",
        "words": "ratio >= 2",
        "boundary": [],
    }
    return {"id": "a.b", "onsets": [{**made, **changes}]}


def line(claim: dict[str, Any]) -> np.ndarray:
    """Return the points of the boundary, in cells from the left and from below."""
    path = re.search(r'<path d="M([^"]*)"', str(onsets.markup(claim)))
    assert path is not None
    points = np.array([part.split() for part in path[1].split("L")], dtype=float)
    across = (points[:, 0] - onsets.LEFT) / WIDE
    return np.column_stack([across, len(Y) - (points[:, 1] - 8) / HIGH])


def test_one_point_in_each_row_gives_a_line_from_edge_to_edge() -> None:
    found = line(plane(boundary=[[2.5, 10], [2.0, 20], [1.5, 30]]))
    assert np.allclose(found, [[2, 0], [2, 0.5], [1.5, 1.5], [1, 2.5], [1, 3]], atol=0.01)


def test_one_point_in_each_column_likewise() -> None:
    found = line(plane(boundary=[[1.0, 15], [2.0, 20], [3.0, 25], [4.0, 29]]))
    rows = [1, 1, 1.5, 2, 2.4, 2.4]
    assert np.allclose(found, np.column_stack([[0, 0.5, 1.5, 2.5, 3.5, 4], rows]), atol=0.01)


def test_without_points_the_sides_of_the_cells_are_drawn() -> None:
    page = str(onsets.markup(plane()))
    path = re.search(r'<path d="([^"]*)"', page)
    assert path is not None
    assert path[1].count("v") == 3  # one side in each row
    assert path[1].count("h") == 1  # of the one cell that differs from the one below
    assert page.count("<rect") == 12
    assert "Line: theory: ratio &gt;= 2." in page


def test_the_pdf_gets_the_figure_in_ink() -> None:
    ((name, svg, caption),) = onsets.printed(plane())
    assert name == "a.b map 0"
    assert "currentColor" not in svg
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert caption.startswith("Blue: it holds; red: it fails; grey: open.")


def test_nothing_is_said_of_theory_where_it_says_nothing() -> None:
    ((_, _, caption),) = onsets.printed(plane(theory="?" * 12, words=""))
    assert "theory" not in caption


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        (None, ""),
        ({"searches": 1, "owned": 0.01}, "1 search for where claims hold"),
        ({"searches": 12, "owned": 0.12}, "own an error probability of 12 % together"),
    ],
)
def test_what_searches_may_err_stands_beside_the_verdicts(
    sought: dict[str, Any] | None, said: str
) -> None:
    ledger = {"claims": 3, "owned": 0.001, "families": [], "together": 0.01}
    found = grounds.ledger(
        {"suite_error": 0.01, "ledger": {**ledger, **({"sought": sought} if sought else {})}}
    )
    assert said in found
    assert ("Beside the verdicts" in found) is bool(sought)
