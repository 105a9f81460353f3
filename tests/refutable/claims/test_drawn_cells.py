"""Cells that are for the figure alone have no say, and curves say what the bounds say."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from refutable import Axis, Cells, Claim, Effort, FalseTheory, Mean, Paper, Scope
from refutable.claims.claim import DRAWN, SHOWN
from refutable.claims.curves import POINTS, along_axis, boundary, curves
from refutable.deciding.results import ClaimResult
from refutable.deciding.trial import Trial
from refutable.running.job import Job
from refutable.running.registry import Source
from refutable.running.tasks import Task, draw, world_of

PAPER = Paper(key="drawn", field="games", title="T", authors=("A",), year=2000, venue="V")


def half(cell, rng, size):
    return {"x": rng.random(size) * cell.n}


def _middle(cell):
    return cell.n / 2


CLAIM = Claim(
    id="drawn.x",
    paper=PAPER,
    source="s",
    statement="s.",
    formula="x",
    scope=Scope.AS_STATED,
    does_not_show="d",
    cells=Cells(n=(1.0, 4.0)),
    simulate=half,
    expect=(Mean("x", bounds=(0, 4)).near(_middle, 0.2),),
    controls=(FalseTheory("nothing", Mean("x", bounds=(0, 4)).at_most(0.1)),),
    block=16,
    cap=20_000,
    figure=Axis(x="n", curve=True),
    draw=Cells(n=(1.0, 2.0, 3.0)),
)


def _decided(claim):
    job = Job(claim, Source("file", __file__), Effort.SMOKE, 0)
    while not job.trial.done:
        for key in list(job.trial.needs()):
            world = job.worlds[key.world]
            rng = np.random.default_rng([0, key.block, int(key.cell.n)])
            job.trial.feed(key, world.simulate(key.cell, rng, world.size))
    return job, job.trial.result()


def test_they_change_nothing_but_what_is_drawn():
    job, found = _decided(CLAIM)
    other, without = _decided(dataclasses.replace(CLAIM, draw=None))
    assert [check.cell["n"] for check in found.drawn] == [2.0, 3.0]
    assert all(check.status == "shown" for check in found.drawn)
    assert all(DRAWN <= check.replicates < DRAWN + CLAIM.block for check in found.drawn)
    assert [check.predicted for check in found.drawn] == [1.0, 1.5]
    assert dataclasses.replace(found, drawn=()) == without
    assert job.terms == other.terms
    assert list(job.trial.used()) == list(other.trial.used())
    assert ClaimResult.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("effort", list(Effort))
def test_a_cell_of_the_grid_is_not_drawn_twice(effort):
    world = CLAIM.drawn(effort)
    assert world is not None
    assert [cell.n for cell in world.cells] == [2.0, 3.0]
    assert dataclasses.replace(CLAIM, draw=Cells(n=(1.0,))).drawn(effort) is None


def test_the_command_of_a_block_finds_its_world():
    assert world_of(CLAIM, SHOWN).key == SHOWN


def test_nothing_is_predicted_where_no_expectation_speaks():
    only = (Mean("x", bounds=(0, 4), n=4.0).near(_middle, 0.2),)
    trial = Trial(dataclasses.replace(CLAIM, expect=only), Effort.SMOKE, 0, "")
    assert [check.region.predicted for check in trial.drawn] == [None, None]


def test_a_curve_has_the_cells_and_what_the_bounds_say_between_them():
    (curve,) = curves(CLAIM, Effort.SMOKE)
    assert {1.0, 2.0, 3.0, 4.0} <= set(curve["x"])
    assert len(curve["x"]) >= POINTS
    np.testing.assert_allclose(curve["predicted"], np.divide(curve["x"], 2), rtol=1e-5)
    np.testing.assert_allclose(curve["lower"], np.divide(curve["x"], 2) - 0.2, rtol=1e-4)


def test_whole_numbers_stay_whole_and_no_curve_is_drawn_unasked():
    whole = dataclasses.replace(CLAIM, cells=Cells(n=(1, 9)), draw=None)
    (curve,) = curves(whole, Effort.SMOKE)
    assert curve["x"] == list(range(1, 10))
    assert curves(dataclasses.replace(whole, figure=Axis(x="n")), Effort.SMOKE) == []


def test_a_table_that_knows_the_cells_alone_leaves_the_curve_out():
    known = {1.0: 0.5, 4.0: 2.0}
    expect = (Mean("x", bounds=(0, 4)).near(lambda cell: known[cell.n], 0.2),)
    claim = dataclasses.replace(CLAIM, expect=expect, draw=None)
    assert along_axis(claim, Effort.SMOKE) == {"curves": [], "boundary": []}


def test_a_map_keeps_its_predicted_boundary():
    grid = Cells(n=(1.0, 2.0, 3.0), p=(1.0, 2.0, 3.0))
    axis = Axis(x="n", boundary=lambda n: n**2)
    claim = dataclasses.replace(CLAIM, cells=grid, draw=None, figure=axis)
    points = boundary(claim, Effort.SMOKE)
    assert points[0] == [1.0, 1.0]
    assert points[-1] == [3.0, 9.0]
    assert boundary(CLAIM, Effort.SMOKE) == []


def test_a_block_for_the_figure_alone_is_drawn_by_a_task():
    found = draw(
        Task(Source("file", __file__), CLAIM.id, SHOWN, CLAIM.drawn(Effort.SMOKE).cells[0], 0, 0)
    )
    assert not found.error
    assert found.outcome is not None
