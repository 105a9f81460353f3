"""What pre-gating gives: MIN with a window of W coming requests, between LRU and full knowledge."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from refutable.simulations.experts.read_me._requests import EXPERTS, draws, law_of
from refutable.solvers import cache

from refutable import (
    Axis,
    Basis,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Mean,
    Origin,
    Scope,
)

WINDOWS = (0, 1, 2, 4, 8, 16, 64)


def windows(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Hit ratios with look-ahead W on common traces, and each step's gain."""
    traces = draws(law_of("zipf"), rng, (size, cell.length))
    run = (traces, EXPERTS, cell.k)
    ratio = {w: cache.belady_hits(*run, look_ahead=w).mean(axis=1) for w in WINDOWS}
    best = cache.belady_hits(*run).mean(axis=1)
    lru = cache.lru_hits(*run)
    return {
        **{f"gain_{b}": ratio[b] - ratio[a] for a, b in pairwise(WINDOWS)},
        **{f"short_{w}": best - ratio[w] for w in WINDOWS},
        "differs_from_lru": (cache.belady_hits(*run, look_ahead=0) != lru).sum(axis=1),
    }


LOOK_AHEAD = Claim(
    id="read_me.lookahead-window",
    title="Knowing the next 16 requests is nearly as good as knowing them all",
    source="Pre-gating: the router decides for all layers before the first one runs",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "What pre-gating gives is a window of W coming requests: without it MIN is LRU, hits grow "
        "with W, and W = 2N is within half a point of MIN with full knowledge."
    ),
    formula='"hit"(W = 0) = "hit"("LRU"), quad "hit"(W) arrow.t "hit"("MIN")',
    scope=Scope.SCALED_DOWN,
    does_not_show="The window that a real batch gives; requests here are independent.",
    assumptions=("8 experts, independent Zipf(0.8) requests", "ties go to the least recently used"),
    cells=ByEffort(
        smoke=Cells(k=(3,), length=(4000,)),
        standard=Cells(k=(2, 3, 4, 5), length=(8000,)),
        full=Cells(k=(2, 3, 4, 5), length=(8000,)),
    ),
    simulate=windows,
    expect=(
        Exact("differs_from_lru").equals(0),
        *(Mean(f"gain_{w}").at_least(0) for w in (1, 2, 4, 8)),
        Mean("gain_16", k=(3, 4, 5)).at_least(0),  # at k = 2 nothing is left to gain
        Exact("short_16").at_most(0.005),
    ),
    controls=(
        FalseTheory("one request of look-ahead suffices", Exact("short_1").at_most(0.005)),
        FalseTheory("look-ahead gains nothing", Mean("gain_1").at_most(0)),
    ),
    block=32,
    cap=ByEffort(smoke=256, standard=512, full=2048),
    figure=Axis(x="k", label="capacity k"),
)
