"""The panels of a figure leave no half of a row empty, and every axis is named."""

from __future__ import annotations

import re

import drawn
from hypothesis import given
from hypothesis import strategies as st
from refutable.reports.figures import draw
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.rows import is_lowest, rows


def _points(number: int, series: str = "") -> tuple[Point, ...]:
    return tuple(
        Point(float(x), series, f"n={x}", 0.5, 0.5, (0.4, 0.6), (0.3, 0.7))
        for x in range(1, number + 1)
    )


def _panel(name: str, own: bool, controls: bool) -> Panel:
    return Panel(name, _points(2) if own else (), _points(2, "wrong") if controls else ())


PANELS = st.lists(
    st.sampled_from([(True, True), (True, False), (False, True)]), min_size=1, max_size=5
).map(lambda sides: [_panel(f"f{place}", *both) for place, both in enumerate(sides)])


@given(PANELS)
def test_no_half_row_is_empty(panels: list[Panel]) -> None:
    arranged = rows(panels)
    assert all(half.points for row in arranged for half in row)
    assert all(len(row) == 2 for row in arranged[:-1])
    shown = [(half.panel.functional, half.controls) for row in arranged for half in row]
    wanted = [(p.functional, side) for p in panels for side in (False, True)]
    assert sorted(shown) == sorted(
        (name, side)
        for (name, side), panel in zip(wanted, [p for p in panels for _ in "ab"], strict=True)
        if (panel.controls if side else panel.own)
    )


@given(PANELS)
def test_every_lowest_panel_of_a_column_is_found(panels: list[Panel]) -> None:
    arranged = rows(panels)
    last = len(arranged) - 1
    assert all(is_lowest(arranged, last, column) for column in range(len(arranged[last])))
    halves = [place for place, row in enumerate(arranged) if len(row) == 2]
    for column in (0, 1) if halves else ():
        named = [place for place in halves if is_lowest(arranged, place, column)]
        assert named == [halves[-1]]


def _drawn(*panels: Panel) -> tuple[list[drawn.Box], list[drawn.Text], str]:
    svg = draw.svg(Picture("a.b", "samples n", False, panels, 0))
    return drawn.boxes(svg), drawn.texts(svg), svg


def test_a_control_with_a_functional_of_its_own_stands_beside() -> None:
    boxes, texts, svg = _drawn(_panel("E[gap]", True, False), _panel("E[loss]", False, True))
    assert boxes[0].top == boxes[1].top
    assert boxes[0].left + boxes[0].width < boxes[1].left
    assert [box.below(texts) for box in boxes] == [["samples n"]] * 2
    height = re.search(r'height="([0-9.]+)pt"', svg)
    assert height is not None
    assert float(height[1]) < 3 * 72


def test_a_panel_alone_takes_the_whole_width() -> None:
    boxes, texts, _ = _drawn(_panel("E[gap]", True, True), _panel("E[loss]", False, True))
    assert boxes[2].width > 1.9 * boxes[0].width
    assert [box.below(texts) for box in boxes] == [["samples n"]] * 3
    assert len([text for text in texts if text.words == "samples n"]) == 3
    (title,) = boxes[2].above(texts)
    assert "E[loss]" in title
