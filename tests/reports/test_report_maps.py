"""Grids over two numbers become maps where curves or rows could not be told apart."""

from __future__ import annotations

import re
from typing import Any

import drawn
import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from refutable.reports.figures import draw, letters
from refutable.reports.figures.colours import COLOUR_MAP
from refutable.reports.figures.maps import _signs, _values
from refutable.reports.figures.picturing import picture
from refutable.reports.figures.style import TEXT


def _check(x: float, y: float, estimate: float, status: str = "inside") -> dict[str, Any]:
    return {
        "functional": "P(ok)",
        "cell": {"rho": x, "delta": y, "n": 100},
        "estimate": estimate,
        "predicted": None,
        "interval": [0.0, 1.0],
        "region": [None, None] if status == "shown" else [0.9, None],
        "yes_or_no": False,
        "status": status,
        "ladder": [],
    }


def _claim(across: int, up: int, axis: str | None) -> dict[str, Any]:
    grid = [(x, y) for x in range(1, across + 1) for y in range(1, up + 1)]
    return {
        "id": "heat.map",
        "evidence": "statistical",
        "figure": axis and {"x": axis, "label": "sparsity", "log": False, "y": "", "marks": []},
        "checks": [_check(x, y, x / across, "shown" if x < y else "inside") for x, y in grid],
        "controls": [{"name": "wrong", "checks": [_check(1, up, 0.25, "outside")]}],
        "drawn": [],
        "curves": [],
        "boundary": [],
    }


@pytest.mark.parametrize(
    ("across", "up", "axis", "mapped"),
    [
        (9, 9, None, True),
        (9, 9, "rho", True),
        (9, 9, "delta", True),
        (9, 5, "rho", False),
        (9, 5, "delta", True),
        (4, 4, None, False),
        (30, 2, None, False),
    ],
)
def test_a_map_is_drawn_where_curves_or_rows_would_be_too_many(across, up, axis, mapped):
    found = picture(_claim(across, up, axis))
    assert found is not None
    assert bool(found.across) is mapped
    if mapped:
        turned = axis == "delta"
        assert found.across == ("rho" if turned else "delta")
        assert len(found.places) == (up if turned else across)
        assert len(found.heights) == (across if turned else up)
        assert found.omitted == 0
    if mapped and axis:
        assert found.axis == "sparsity"


def test_every_field_has_the_estimate_of_its_cell_and_what_is_judged_covers_what_is_shown():
    claim = _claim(9, 9, None)
    claim["checks"].append(_check(2, 5, 0.75, "outside"))
    claim["checks"].append(_check(2, 5, 0.5, "shown"))
    found = picture(claim)
    assert found is not None
    (panel,) = found.panels
    values = np.array(_values(panel.own, found.places, found.heights))
    assert values[0].tolist() == [x / 9 for x in range(1, 10)]
    assert values[4, 1] == 0.75
    controls = np.array(_values(panel.controls, found.places, found.heights))
    assert np.isnan(controls).sum() == 80
    assert controls[8, 0] == 0.25


class _Signs:
    def __init__(self) -> None:
        self.drawn: dict[tuple[float, float], str] = {}

    def dots(self, xs: Any, ys: Any, dot: Any, *_: Any) -> None:
        self.drawn.update(dict.fromkeys(zip(xs, ys, strict=True), dot.shape))


def test_signs_say_what_is_judged_and_nothing_else():
    found = picture(_claim(9, 9, None))
    assert found is not None
    (panel,) = found.panels
    own, wrong = _Signs(), _Signs()
    _signs(own, panel.own, found.places, found.heights, float)
    _signs(wrong, panel.controls, found.places, found.heights, float)
    assert set(own.drawn.values()) == {"."}
    assert {(x - 0.5, y - 0.5) for x, y in own.drawn} == {
        (x, y) for x in range(9) for y in range(9) if x >= y
    }
    assert wrong.drawn == {(0.5, 8.5): "x"}


def test_a_map_is_the_same_bytes_twice_and_names_both_axes():
    found = picture(_claim(9, 9, "rho"))
    assert found is not None
    svg = draw.svg(found)
    assert draw.svg(found) == svg
    texts = drawn.texts(svg)
    assert {"sparsity"} <= {text.words for text in texts if not text.turned}
    (upwards,) = (text for text in texts if text.turned)
    assert upwards.words == "delta"
    ticks = [text for text in texts if text.anchor == "end"]
    assert upwards.x < min(text.x - letters.width(text.words, TEXT) for text in ticks)


def test_every_field_has_a_colour_and_the_scale_has_the_same_ones():
    """The colours of the least and of the greatest estimate are the ends of the scale."""
    grid = [(x, y) for x in range(1, 10) for y in range(1, 10)]
    claim = _claim(9, 9, None) | {"checks": [_check(x, y, (x - 1) / 8) for x, y in grid]}
    svg = draw.svg(picture({**claim, "controls": []}))
    fields = re.findall(r"fill: (#\w+); stroke: #ffffff; stroke-width: 0.5", svg)
    stops = re.findall(r"stop-color: (#\w+)", svg)
    assert len(fields) == 81
    assert (fields[0], fields[-1]) == (stops[0], stops[-1])
    theirs = matplotlib.colormaps[COLOUR_MAP](np.linspace(0, 1, len(stops)))
    assert stops == [to_hex(colour) for colour in theirs]
    assert set(fields) <= set(stops)
