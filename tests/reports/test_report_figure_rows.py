"""The panels of a figure leave no half of a row empty, and every axis is named."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from refutable.reports.figures import along, draw
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


def _drawn(monkeypatch: pytest.MonkeyPatch, *panels: Panel) -> tuple[list[Any], str]:
    kept: list[Any] = []
    drawing = along.draw

    def spied(figure: Any, picture: Picture, whole: float, room: float) -> None:
        drawing(figure, picture, whole, room)
        kept.extend(figure.axes)

    monkeypatch.setattr(along, "draw", spied)
    svg = draw.svg(Picture("a.b", "samples n", False, panels, 0))
    return kept, svg


def test_a_control_with_a_functional_of_its_own_stands_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    axes, svg = _drawn(monkeypatch, _panel("E[gap]", True, False), _panel("E[loss]", False, True))
    boxes = [one.get_position() for one in axes]
    assert boxes[0].y0 == boxes[1].y0
    assert boxes[0].x1 < boxes[1].x0
    assert [one.get_xlabel() for one in axes] == ["samples n", "samples n"]
    height = re.search(r'height="([0-9.]+)pt"', svg)
    assert height is not None
    assert float(height[1]) < 3 * 72


def test_a_panel_alone_takes_the_whole_width(monkeypatch: pytest.MonkeyPatch) -> None:
    panels = [_panel("E[gap]", True, True), _panel("E[loss]", False, True)]
    axes, _ = _drawn(monkeypatch, *panels)
    widths = [one.get_position().width for one in axes]
    assert widths[2] > 1.9 * widths[0]
    assert [one.get_xlabel() for one in axes] == ["samples n"] * 3
    assert "E[loss]" in axes[2].get_title(loc="left")
