"""How long reports take; compared only within one process."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib
import pytest
import report_stores as stores
from matplotlib.figure import Figure
from refutable.reports import formulas, model, pdf
from refutable.reports.figures import draw, picturing, scales
from refutable.reports.figures.panels import Picture
from turns import Beside

from refutable import reports


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> model.Model:
    return model.build(stores.many(tmp_path_factory.mktemp("bench") / "store", 150, 20))


def test_pdf_of_150_claims_besides_figures(benchmark: Any, built: model.Model) -> None:
    math = formulas.mathml(claim["formula"] for claim in built["claims"])
    benchmark.pedantic(pdf.pdf, (built, {}, math), rounds=3, warmup_rounds=1)


def test_model_of_150_claims(benchmark: Any, tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 150, 20)
    benchmark.pedantic(model.build, (store,), rounds=3)


def _plainly(picture: Picture) -> str:
    """Return the same points on axes of matplotlib, as SVG: no legend, no hatch, no key."""
    figure = Figure(figsize=(8.6, 3.0))
    places = picture.places
    (panel,) = picture.panels
    for column, points in enumerate((panel.own, panel.controls)):
        axes = figure.add_axes((0.09 + 0.46 * column, 0.3, 0.43, 0.6))
        axes.set(xlim=scales.limits(places, False), ylim=(-0.04, 1.04), xlabel=picture.axis)
        axes.set_title(panel.functional)
        axes.grid(axis="y")
        for point in points:
            low, high = (0.0 if p is None else p for p in point.region)
            axes.bar(point.x, high - low, 0.1, low)
        axes.vlines([p.x for p in points], *zip(*(p.interval for p in points), strict=True))
        axes.plot([p.x for p in points], [p.estimate for p in points], "o")
    file = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format="svg")
    return file.getvalue()


@pytest.mark.benchmark(group="a figure of two panels")
def test_a_figure_beats_axes_of_matplotlib(beside: Beside, built: model.Model) -> None:
    shown = picturing.picture(built["claims"][0])
    assert shown is not None
    theirs = partial(_plainly, shown)
    assert beside("matplotlib", partial(draw.svg, shown), theirs, turns=5) > 10


@pytest.mark.benchmark(group="60 formulas as MathML")
def test_formulas_in_one_document_beat_one_by_one(beside: Beside, built: model.Model) -> None:
    sources = [claim["formula"] for claim in built["claims"][:60]]

    def alone() -> list[object]:
        return [formulas.mathml([source]) for source in sources]

    assert beside("one document each", lambda: formulas.mathml(sources), alone, turns=3) > 2


@pytest.mark.slow
def test_300_claims_and_100_figures(benchmark: Any, tmp_path: Path) -> None:
    store = stores.many(tmp_path / "store", 300, 100)
    benchmark.pedantic(reports.write, (store, tmp_path / "out"), rounds=1)
