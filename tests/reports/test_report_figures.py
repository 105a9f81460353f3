"""Figures show the theorem: curves through the cells, every series named, plain numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import drawn
import pytest
from refutable.reports.figures import draw, legends, scales
from refutable.reports.figures.axes import Axes
from refutable.reports.figures.panels import DRAWN, Curve, Panel, Picture, Point
from refutable.reports.figures.picturing import picture
from refutable.reports.figures.style import COLOURS


def _point(x: float, y: float = 0.5, series: str = "", status: str = "inside") -> Point:
    ends = (y - 0.1, y + 0.1)
    region = (None, None) if status == DRAWN else (y - 0.2, y + 0.2)
    return Point(x, series, f"n={x:g}", y, None, ends, region, status=status)


@dataclass
class Spied:
    """What was drawn on axes, as values."""

    lines: list[tuple[float, ...]] = field(default_factory=list)
    areas: list[tuple[float, ...]] = field(default_factory=list)


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> Spied:
    kept = Spied()
    for name, xs_of in (("line", kept.lines), ("area", kept.areas)):
        drawing = getattr(Axes, name)

        def draws(
            self: Axes, xs: Any, *rest: Any, kept: Any = xs_of, drawing: Any = drawing
        ) -> None:
            kept.append(tuple(xs))
            drawing(self, xs, *rest)

        monkeypatch.setattr(Axes, name, draws)
    return kept


def _check(x: int, status: str = "inside") -> dict[str, Any]:
    region = [None, None] if status == "shown" else [0.2, 0.8]
    return {
        "functional": "P(right)",
        "label": f"n={x}",
        "cell": {"n": x},
        "predicted": None,
        "estimate": 0.5,
        "interval": [0.4, 0.6],
        "region": region,
        "yes_or_no": False,
        "status": status,
        "ladder": [],
    }


def _claim(**changes: Any) -> dict[str, Any]:
    axis = {"x": "n", "label": "samples n", "log": False, "y": ""}
    marks = [{"name": "the cutoff", "x": 3.0}]
    made = {
        "id": "a.b",
        "evidence": "statistical",
        "figure": {**axis, "marks": marks},
        "checks": [_check(1), _check(5)],
        "controls": [],
        "drawn": [_check(3, "shown")],
        "curves": [],
        "boundary": [],
    }
    return {**made, **changes}


def test_cells_for_the_figure_alone_are_drawn_and_the_mark_is_named() -> None:
    found = picture(_claim())
    assert found is not None
    (panel,) = found.panels
    assert {p.x: p.status for p in panel.own} == {1: "inside", 5: "inside", 3: DRAWN}
    assert found.judged == [1, 5]
    svg = draw.svg(found)
    assert ">the cutoff<" in svg
    assert "small: for the figure alone" in svg
    bare = picture(_claim(drawn=[]))
    assert bare is not None
    assert "for the figure alone" not in draw.svg(bare)


def test_a_curve_runs_through_all_its_places_and_shades_its_region(spied: Spied) -> None:
    xs = (1.0, 2.0, 3.0, 4.0)
    curve = Curve("", xs, (0.5, 0.6, 0.7, 0.8), (0.4, 0.5, 0.6, 0.7), (None,) * 4)
    panel = Panel("E[loss]", (_point(1), _point(4, 0.8)), (), (curve,))
    svg = draw.svg(Picture("a.b", "n", False, (panel,), 0))
    assert xs in spied.lines
    assert spied.areas == [(*xs, *xs[::-1])]  # one band, and no box for each cell
    assert svg.count(f"fill: {COLOURS['region']}") == 1


def test_a_band_has_a_gap_where_nothing_is_said(spied: Spied) -> None:
    curve = Curve("", (1.0, 2.0, 3.0, 4.0), (0.5,) * 4, (0.4, 0.4, None, 0.4), (None,) * 4)
    panel = Panel("E[loss]", (_point(1), _point(4, 0.8)), (), (curve,))
    draw.svg(Picture("a.b", "n", False, (panel,), 0))
    assert spied.areas == [(1.0, 2.0, 2.0, 1.0), (4.0, 4.0)]


def test_every_series_is_named_and_two_predictions_are_told_apart() -> None:
    names = [f"depth={k}" for k in range(9)]
    points = tuple(
        Point(x, name, name, 0.5 + k / 20, 0.5 + k / 20, (0.4, 0.6), (0.1, 0.9))
        for k, name in enumerate(names)
        for x in (1.0, 2.0)
    )
    drawn = draw.svg(Picture("a.b", "n", False, (Panel("E[x]", points, ()),), 0))
    assert all(f">{name}<" in drawn for name in names)
    looks = legends.entries(names[:2], False, names[:2])
    assert looks[0].curve.dashes != looks[1].curve.dashes
    assert looks[0].curve.colour != looks[1].curve.colour


def test_more_names_than_fit_are_counted() -> None:
    points = tuple(_point(1.0, series=f"cell={k}") for k in range(legends.MOST + 4))
    both = tuple(_point(2.0, series=p.series) for p in points)
    drawn = draw.svg(Picture("a.b", "n", False, (Panel("E[x]", points + both, ()),), 0))
    assert ">and 4 more in the table<" in drawn


@pytest.mark.parametrize(
    ("value", "spread"), [(1e6, 5.0), (1e-7, 1e-9), (0.999, 1e-4), (1000.0, 1e-3)]
)
def test_ticks_are_told_apart_without_an_offset(value: float, spread: float) -> None:
    points = tuple(
        Point(x, "", "", y, None, (y, y), (None, None))
        for x, y in ((1.0, value), (2.0, value + spread))
    )
    svg = draw.svg(Picture("a.b", "n", False, (Panel("x", points, ()),), 0))
    ticks = [text.words for text in drawn.texts(svg) if text.anchor == "end"]
    assert len(set(ticks)) == len(ticks) > 2
    others = [text.words for text in drawn.texts(svg) if text.anchor != "end"]
    assert others == ["1", "2", "x", "n"]


def test_whole_numbers_stay_whole() -> None:
    points = tuple(_point(float(x)) for x in range(1, 12))
    svg = draw.svg(Picture("a.b", "n", False, (Panel("x", points, ()),), 0))
    ticks = [t.words for t in drawn.texts(svg) if t.anchor == "middle" and t.words != "n"]
    assert all(tick.isdigit() for tick in ticks)
    assert 2 < len(ticks) < 11
    assert scales.limits([1, 11], False) == pytest.approx((0.2, 11.8))


def test_a_fourth_functional_is_drawn_and_what_is_left_out_is_told() -> None:
    def checks(count: int) -> list[dict[str, Any]]:
        return [{**_check(x), "functional": f"E[{k}]"} for k in range(count) for x in (1, 5)]

    four, nine = (picture(_claim(checks=checks(k), drawn=[])) for k in (4, 9))
    assert four is not None
    assert nine is not None
    assert len(four.panels) == 4
    assert "6 more in the tables" in draw.svg(nine)


def test_a_map_has_its_predicted_boundary() -> None:
    checks = [{**_check(1), "cell": {"n": x, "p": y}} for x in range(1, 8) for y in range(1, 8)]
    claim = _claim(checks=checks, drawn=[], boundary=[[1.0, 1.5], [3.0, 3.0], [5.0, 4.5]])
    found = picture(claim)
    assert found is not None
    assert found.across == "p"
    with_line, without = draw.svg(found), draw.svg(picture({**claim, "boundary": []}) or found)
    assert "dashed: the predicted boundary" in with_line
    assert with_line.count("<path") > without.count("<path")


def test_texts_are_texts_in_a_font_that_everybody_has() -> None:
    drawn = draw.svg(
        Picture("a.b", "samples n", False, (Panel("x", (_point(1), _point(2)), ()),), 0)
    )
    assert ">samples n<" in drawn
    assert drawn.count("DejaVu Sans") == 1
    assert not re.search(r'id="(?:figure|axes|text|patch)_', drawn)


def test_figures_of_several_claims_in_a_page_share_no_id() -> None:
    points = (_point(1), _point(2))
    panel = Panel("x", points, tuple(replace(point, series="wrong") for point in points))
    pictures = [Picture(name, "n", False, (panel,), 0) for name in ("a.b", "a.c")]
    first, second = ([*re.findall(r'id="([^"]+)"', draw.svg(one))] for one in pictures)
    assert len(first) == len(set(first)) == 3  # two boxes and the hatch
    assert not set(first) & set(second)
