"""Axes, ticks, letters and marks of figures; what matplotlib does as well is compared with it."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import drawn
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.markers import MarkerStyle
from matplotlib.textpath import TextToPath
from refutable.reports.figures import draw, legends, letters, scales
from refutable.reports.figures.axes import Scale, Span, placed
from refutable.reports.figures.dots import CORNERS, ROUND, Dot
from refutable.reports.figures.panels import Panel, Picture, Point
from refutable.reports.figures.sheet import Sheet, Stroke, polyline
from refutable.reports.figures.style import MARKERS, SMALL, TEXT


@pytest.mark.parametrize(
    "words", ["depth=0", "n = 1,024", "\u22121\u00d710\u207b\u2076", "Wij", ""]
)
def test_words_are_as_wide_as_matplotlib_draws_them(words: str) -> None:
    wide, _, _ = TextToPath().get_text_width_height_descent(
        words, FontProperties(family="DejaVu Sans", size=SMALL), False
    )
    kerning = 0.06 * SMALL  # which is not counted
    assert letters.width(words, SMALL) == pytest.approx(wide, abs=kerning)


def _spans() -> list[Span]:
    numbers = [(-0.04, 1.04), (0.2, 11.8), (999_999.6, 1_000_005.4), (-3e-9, 7e-7), (-0.5, -0.1)]
    powers = [(0.5, 3.0), (0.7, 90.0), (3e-7, 9.0), (0.02, 2e5), (1e-140, 1e140)]
    return [*(Span(*ends) for ends in numbers), *(Span(*ends, log=True) for ends in powers)]


def _theirs(span: Span, points: float, across: bool) -> list[float]:
    """Return the ticks that matplotlib would have on an axis of that length."""
    from matplotlib.ticker import LogLocator

    figure = Figure(figsize=(points / 72, points / 72), dpi=72)
    axes = figure.add_axes((0, 0, 1, 1))
    axis: Any = axes.xaxis if across else axes.yaxis
    axes.tick_params(labelsize=TEXT)
    kind, limits = ("xscale", "xlim") if across else ("yscale", "ylim")
    axes.set(**{kind: "log" if span.log else "linear", limits: (span.low, span.high)})
    if span.log:
        few = span.high < 300 * span.low
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=6))
    return [at for at in axis.get_majorticklocs() if span.low <= at <= span.high]


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("points", [40.0, 128.2, 269.3, 554.0])
@pytest.mark.parametrize("span", _spans(), ids=str)
def test_ticks_are_those_of_matplotlib(span: Span, points: float, across: bool) -> None:
    room = points / (scales.ACROSS if across else scales.UPWARDS)
    ticks = scales.value_ticks(span, room)
    seen = [at for at, _ in ticks if span.low <= at <= span.high]
    assert seen == pytest.approx(_theirs(span, points, across))
    assert len({said for _, said in ticks}) == len(ticks)


def test_names_of_a_legend_do_not_touch() -> None:
    names = [f"depth={k}{', wide' * (k % 4)}" for k in range(11)]
    points = tuple(
        Point(x, name, name, 0.5, 0.5, (0.4, 0.6), (0.1, 0.9)) for name in names for x in (1.0, 2.0)
    )
    svg = draw.svg(Picture("a.b", "n", False, (Panel("E[x]", points, ()),), 0))
    named = [text for text in drawn.texts(svg) if text.words in names]
    assert len(named) == len(names)
    lines = sorted({text.y for text in named})
    assert all(b - a > SMALL for a, b in itertools.pairwise(lines))
    sample = legends.SAMPLE * SMALL
    for line in lines:
        row = sorted((text for text in named if text.y == line), key=lambda text: text.x)
        for one, after in itertools.pairwise(row):
            assert one.x + letters.width(one.words, SMALL) + sample < after.x


def test_what_is_far_away_or_nowhere_is_no_number_of_the_sheet() -> None:
    scale = Scale(Span(1.0, 100.0, log=True), 0.0, 10.0)
    assert [scale.at(value) for value in (1.0, 10.0, 100.0)] == pytest.approx([0, 5, 10])
    assert scale.at(0.0) == scale.at(1e-300) == -500
    assert math.isnan(scale.at(math.nan))
    assert Scale(Span(3.0, -1.0), 0.0, 4.0).at(0.0) == 3  # upside down
    assert scale.seen([(0.999, "too low"), (100.0, "the end")]) == [(10.0, "the end")]


def test_a_line_has_gaps_and_numbers_have_a_hundredth() -> None:
    places = [(0.0, 1.005), (-0.001, 2.0), (math.nan, 0.0), (3.0, 1234.567)]
    assert polyline(places) == "M0 1L0 2M3 1234.57"
    assert polyline(places[:1], closed=True) == "M0 1z"


@pytest.mark.parametrize("shape", sorted(CORNERS))
def test_shapes_have_the_corners_of_matplotlib(shape: str) -> None:
    theirs = MarkerStyle(shape)
    path = theirs.get_path().transformed(theirs.get_transform())
    corners = {(round(float(x), 6) + 0.0, round(-float(y), 6) + 0.0) for x, y in path.vertices}
    assert {(round(x, 6) + 0.0, round(y, 6) + 0.0) for x, y in CORNERS[shape]} == corners


@pytest.mark.parametrize("shape", [*MARKERS, ".", "x", "+"])
def test_every_shape_lies_about_its_place(shape: str) -> None:
    path = Dot(shape, "#000000", "#000000").at(10.0, 20.0, 4.0)
    if shape in ROUND:
        radius = 4 * ROUND[shape]
        assert path.startswith(f"M{10 - radius:g} 20a{radius:g} {radius:g}")
        return
    numbers = [float(found) for found in re.findall(r"[\d.]+", path)]
    xs, ys = numbers[::2], numbers[1::2]
    for values, middle in ((xs, 10), (ys, 20)):
        assert min(values) == pytest.approx(2 * middle - max(values), abs=0.02)
        assert 3.9 < max(values) - min(values) < 5.7


def test_the_higher_is_drawn_above_the_lower_whatever_comes_first() -> None:
    sheet = Sheet("a.b", 1, 1)
    for drawn_path, order in (("M1 1", 5.0), ("M2 2", 1.0), ("M3 3", 5.0), ("M4 4", 2.0)):
        sheet.path(drawn_path, "", order)
    assert re.findall(r'd="M(\d) ', str(sheet))[1:] == ["2", "4", "1", "3"]


def test_what_lies_beyond_the_axes_is_cut() -> None:
    axes = placed(Sheet("a.b", 2, 2), (10, 20, 50, 60), Span(0, 1), Span(0, 1))
    axes.line((0, 1), (0, 7), Stroke("#000000", 1), 1)
    axes.area((0, 1, 1), (0, 0, 7), "", 1)
    axes.dots((3,), (0,), Dot("s", "#000000", "#000000"), 5, 1)
    svg = str(axes.sheet)
    assert drawn.boxes(svg) == [drawn.Box(10, 20, 50, 60)]
    assert svg.count(f'clip-path="url(#{axes.clip})"') == 3
    assert svg.count(f'id="{axes.clip}"') == 1
    assert "M10 80L60 -340" in svg


@pytest.mark.parametrize(("names", "count"), [(0, 1), (1, 1), (7, 3), (9, 3), (19, 4)])
def test_columns_of_names_are_filled_one_after_the_other(names: int, count: int) -> None:
    shown = [(None, str(place)) for place in range(names)]
    columns = [len(members) for members in legends._split(shown, count)]
    theirs = [len(part) for part in np.array_split(range(names), count) if len(part)]
    assert columns == theirs
