"""What pre-gating gives: MIN with a window of W coming requests, between LRU and full knowledge."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from refutable.simulations.experts.read_me._requests import EXPERTS, draws, law_of
from refutable.solvers import cache

from refutable import (
    Axis,
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
    Quantile,
    Scope,
)

WINDOWS = (0, 1, 2, 4, 8, 16, 64)


def windows(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    played: Mapping[int, int] = MappingProxyType({}),
) -> Columns:
    """Hit ratios with look-ahead W on common traces, and each step's gain.

    `played` gives the window that is played in place of another: {16: 5} under the name of 16.
    """
    traces = draws(law_of("zipf"), rng, (size, cell.length))
    run = (traces, EXPERTS, cell.k)
    hits = {w: cache.belady_hits(*run, look_ahead=played.get(w, w)) for w in WINDOWS}
    ratio = {w: hit.mean(axis=1) for w, hit in hits.items()}
    best = cache.belady_hits(*run).mean(axis=1)
    return {
        **{f"gain_{b}": ratio[b] - ratio[a] for a, b in pairwise(WINDOWS)},
        **{f"short_{w}": best - ratio[w] for w in WINDOWS},
        "differs_from_lru": (hits[0] != cache.lru_hits(*run)).sum(axis=1),
    }


LOOK_AHEAD = Claim(
    id="read_me.lookahead-window",
    title="Knowing the next 16 requests is nearly as good as knowing them all",
    source="Pre-gating: the router decides for all layers before the first one runs",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "What pre-gating gives is a window of W coming requests: without it MIN is LRU, hits grow "
        "with every doubling of W on the median trace, and $W = 2N$ is within half a point of MIN "
        "with full knowledge."
    ),
    formula='"hit"(W = 0) = "hit"("LRU"), quad "med" "hit"(W) arrow.t "hit"("MIN")',
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
        *(Quantile(f"gain_{w}", 0.5).at_least(0) for w in (1, 2, 4, 8)),
        Quantile("gain_16", 0.5, k=(3, 4, 5)).at_least(0),  # at k = 2 nothing is left to gain
        Exact("short_16").at_most(0.005),
    ),
    controls=(
        FalseTheory("one request of look-ahead suffices", Exact("short_1").at_most(0.005)),
        FalseTheory(
            "every doubling of the window gains a hundredth",
            *(Quantile(f"gain_{w}", 0.5).at_least(0.01) for w in (1, 2, 4, 8, 16)),
        ),
        BrokenWorld(
            "a window of one request in place of none",
            change={"played": {0: 1}},
            judged_by="differs_from_lru",
        ),
        BrokenWorld(
            "a window of five in place of 2N",
            change={"played": {16: 5}},
            at={"k": 3},
            judged_by="short_16",
        ),
    ),
    block=32,
    cap=ByEffort(smoke=256, standard=512, full=2048),
    figure=Axis(x="k", label="capacity k"),
)
