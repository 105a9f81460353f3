"""Prefetching of layer i + 1 during the compute of layer i, played tick by tick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.theory.experts import read_me as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Origin,
    Printed,
    Scope,
    Values,
)

Ticks = NDArray[np.int64]


def play(load: Ticks, compute: Ticks, ahead: int = 1) -> Ticks:
    """Finish time (R,) of a pipeline played tick by tick; whole durations (R, L).

    A loader and a processor: layer 0 is loaded first; then the loader is at most `ahead` layers
    before the one that is processed, so that with 1 it starts the next one when the processor
    starts a layer.
    """
    rows, layers = load.shape
    row = np.arange(rows)
    loading = np.zeros(rows, dtype=int)  # layer in the loader
    load_left = load[:, 0].copy()
    current = np.full(rows, -1)  # layer in the processor
    work_left = np.zeros(rows, dtype=int)
    clock = np.zeros(rows, dtype=int)
    while True:
        loaded = np.where(load_left == 0, loading, loading - 1)
        starts = (work_left == 0) & (current < loaded)
        current[starts] += 1
        work_left[starts] = compute[row, current][starts]
        more = (load_left == 0) & (loading < np.minimum(layers - 1, current + ahead))
        loading[more] += 1
        load_left[more] = load[row, loading][more]
        busy = (work_left > 0) | (load_left > 0)
        if not busy.any():
            return clock
        clock[busy] += 1
        work_left = np.maximum(work_left - 1, 0)
        load_left = np.maximum(load_left - 1, 0)


def pipeline(cell: Cell, rng: np.random.Generator, size: int, ahead: int = 1) -> Columns:
    """Random whole durations: played time, formula and speed-up; room for `ahead` layers ahead."""
    load = rng.integers(1, cell.longest_load + 1, (size, cell.layers))
    compute = rng.integers(1, 13, (size, cell.layers))
    played = play(load, compute, ahead)
    return {
        "formula_error": played - theory.pipelined_time(load, compute),
        "speed_up": theory.on_demand_time(load, compute) / played,
        "not_hidden": played - (load[:, 0] + compute.sum(axis=1)),
    }


PREFETCH = Claim(
    id="read_me.prefetch-pipeline",
    title="Overlapping loads with compute is always less than twice as fast",
    source="Prefetching of layer i + 1 during the compute of layer i",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "With the load of the next layer overlapped, a pass takes the first load, then the longer "
        "of compute and next load for every layer, then the last compute: always less than twice "
        "as fast as loading on demand."
    ),
    formula="T = l_1 + sum_(i<L) max(c_i, l_(i+1)) + c_L",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Latencies of a real system, where loads contend with compute for memory.",
    assumptions=("one loader, one processor", "a buffer for one layer ahead"),
    cells=Cells(layers=(2, 8), longest_load=(12, 36)),
    simulate=pipeline,
    expect=(
        Exact("formula_error").equals(0),
        Exact("speed_up").at_most(float(np.nextafter(2, 0))),
    ),
    controls=(
        FalseTheory("all loads but the first are hidden", Exact("not_hidden").equals(0)),
        FalseTheory("at most a quarter is saved", Exact("speed_up").at_most(4 / 3)),
        BrokenWorld(
            "a buffer for two layers ahead",
            change={"ahead": 2},
            at={"layers": 8},
            judged_by="formula_error",
        ),
    ),
    block=512,
    cap=ByEffort(smoke=512, standard=4096, full=16384),
)


def long_pipeline(cell: Cell) -> Values:
    """Percentage saved by 1000 equal layers with the cell's times."""
    load, compute = (np.full((1, 1000), t) for t in (cell.load, cell.compute))
    share = play(load, compute) / theory.on_demand_time(load, compute)
    return {"saved_percent": float(100 * (1 - share)[0])}


THIRTY_PERCENT = Claim(
    id="read_me.prefetch-saving",
    title="Prefetching saves 30 percent when load and compute are 3 to 7",
    source='"Prefetching improves latency by up to 30%"',
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "For many equal layers a saving of 30% is what the pipeline gives when the shorter of "
        "load and compute is 3/7 of the longer."
    ),
    formula='"saving" = min(l, c) / (l + c) = 30 % " at " min(l, c) / max(l, c) = 3/7',
    scope=Scope.ARITHMETIC,
    does_not_show="The paper's load and compute times, which are not printed.",
    cells=Cells.of({"load": 3, "compute": 7}, {"load": 7, "compute": 3}),
    compute=long_pipeline,
    expect=(
        Printed("saved_percent").prints("30"),
        Exact("saved_percent").near(100 * theory.saving_of_equal_layers(3 / 7), 0.1),
    ),
    controls=(BrokenWorld("equal load and compute", cells=Cells.of({"load": 5, "compute": 5})),),
)
