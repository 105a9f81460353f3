"""What the figure of a rate shows: losses, and the prediction through their middle."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from refutable.reports.figures import rungs
from refutable.reports.figures.draw import svg
from refutable.reports.figures.ladders import title
from refutable.reports.figures.picturing import picture
from refutable.reports.figures.rungs import Ladder, typical

from refutable import ExactSlope, RateOfMean, Slope

SIZES = (100.0, 400.0, 1600.0)


def _check(slope: float, curve: tuple[float, ...] | None, **changes: Any) -> dict[str, Any]:
    losses = [3.0 * size**-0.5 for size in SIZES]
    curves = curve or (None,) * len(SIZES)
    ladder = [
        {"size": size, "loss": loss, "relative_error": 0.1, "curve": one}
        for size, loss, one in zip(SIZES, losses, curves, strict=True)
    ]
    made = {
        "functional": "slope of log(loss)",
        "label": "d=3",
        "cell": {"d": 3},
        "predicted": slope,
        "estimate": -0.5,
        "interval": [-0.55, -0.45],
        "region": [-0.6, -0.4],
        "yes_or_no": False,
        "status": "inside",
        "ladder": ladder,
    }
    return {**made, **changes}


def _claim(own: list[dict[str, Any]], control: dict[str, Any]) -> dict[str, Any]:
    controls = [{"name": "n^(-1/4)", "checks": [control]}]
    return {"id": "a.b", "evidence": "statistical", "figure": None, "checks": own} | {
        "controls": controls,
        "drawn": [],
        "curves": [],
        "boundary": [],
    }


@pytest.mark.parametrize(
    ("slope", "curve"),
    [(-0.5, None), (0.0, tuple(7 * size**-0.5 for size in SIZES))],
    ids=["an exponent", "a curve"],
)
def test_a_right_prediction_goes_through_the_losses(
    slope: float, curve: tuple[float, ...] | None
) -> None:
    found = rungs.of_check(_check(slope, curve), "")
    assert found is not None
    np.testing.assert_allclose(found.curve, found.losses)
    for loss, (low, high) in zip(found.losses, found.ends, strict=True):
        assert low == pytest.approx(loss * math.exp(-0.2))
        assert high == pytest.approx(loss * math.exp(0.2))


def test_a_wrong_prediction_crosses_them_in_the_middle() -> None:
    found = rungs.of_check(_check(-0.25, None), "")
    assert found is not None
    ratio = np.log(np.divide(found.losses, found.curve))
    assert ratio.sum() == pytest.approx(0)
    assert np.polyfit(np.log(SIZES), ratio, 1)[0] == pytest.approx(-0.25)


def test_nothing_is_predicted_where_theory_gives_neither_curve_nor_slope() -> None:
    found = rungs.of_check(_check(-0.5, None, predicted=None), "")
    assert found is not None
    assert found.curve == ()


def test_the_figure_has_the_losses_above_the_slopes() -> None:
    claim = _claim([_check(-0.5, None)], _check(-0.25, None))
    shown = picture(claim)
    assert shown is not None
    assert [ladder.series for ladder in shown.ladders] == [""]
    assert [ladder.series for ladder in shown.control_ladders] == ["n^(-1/4)"]
    without = [{**check, "ladder": []} for check in claim["checks"]]
    bare = picture({**claim, "checks": without, "controls": []})
    assert bare is not None
    assert _height(svg(shown)) > _height(svg(bare)) + 2 * 72


def test_series_are_told_apart_by_what_varies() -> None:
    checks = [_check(-0.5, None, cell={"d": d, "k": 2}, label=f"d={d}, k=2") for d in (3, 4)]
    claim = _claim(checks, checks[0])
    assert [ladder.series for ladder in rungs.own(claim)] == ["d=3", "d=4"]
    other = _check(-0.5, None, functional="slope of log(error)", cell={"d": 3, "k": 2})
    told = [ladder.series for ladder in rungs.own(_claim([checks[0], other], other))]
    assert told == ["log(loss)", "log(error)"]


@pytest.mark.parametrize("loss", [0.0, 1e-200, math.inf])
def test_losses_that_no_axis_can_hold_are_left_to_the_tables(loss: float) -> None:
    check = _check(-0.5, None)
    check["ladder"][0]["loss"] = loss
    assert rungs.of_check(check, "") is None


def _height(drawn: str) -> float:
    return float(drawn.split('height="')[1].split("pt")[0])


LABELS = [
    make("loss", (1.0, 2.0)).label + ladder_part
    for make, ladder_part in ((Slope, ""), (RateOfMean, ""), (RateOfMean, " from 2 up"))
] + [ExactSlope("loss", (1.0, 2.0)).label]


def _kept(kind: str) -> Ladder:
    return Ladder("", (1.0, 2.0), (1.0, 0.5), ((1.0, 1.0), (0.5, 0.5)), (), kind)


def test_the_title_says_what_is_kept_of_the_losses():
    assert [typical(name) for name in LABELS] == ["median", "mean", "mean", ""]
    assert "(median, 2 s.e.)" in title([_kept("median"), _kept("median")])
    assert "(median and mean, 2 s.e.)" in title([_kept("median"), _kept("mean")])
    assert title([_kept("")]) == "losses, dashed: prediction"
