"""Evicting the farthest next use (Belady) against the exact optimum and on-line policies.

Optima come from exhaustive dynamic programming.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.simulations.experts.read_me._requests import pairs
from refutable.solvers import cache
from refutable.theory.experts.read_me import caching as theory

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
    FloatArray,
    Origin,
    Scope,
    Values,
)

SIZES = np.array([1.0, 2.0, 3.0, 1.0, 2.0])


def gap(
    demands: NDArray[np.int64],
    sizes: FloatArray,
    capacity: float,
    *,
    nearest: bool = False,
    per_step: bool = False,
) -> Columns:
    """Cost of farthest-first (or nearest-first) above the least possible."""
    ones = np.ones_like(sizes)
    args = (demands, sizes, capacity, ones)
    greedy = cache.farthest_first_cost(*args, per_step=per_step, nearest=nearest)
    return {"gap_to_optimum": greedy - cache.optimal_cost(*args, per_step=per_step)}


def policies_on_traces(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    look_ahead: int | None = None,
    off: int = 0,
) -> Columns:
    """MIN against the exact optimum and the on-line policies, on uniform random traces.

    Parameters
    ----------
    look_ahead : int or None
        Requests that MIN knows ahead; all of them with None.
    off : int
        Added to the factor k of LRU's bound.
    """
    traces = rng.integers(0, cell.experts, (size, cell.length))
    run = (traces, cell.experts, cell.k)
    best = cache.belady_hits(*run, look_ahead=look_ahead).sum(axis=1)
    lru = cache.lru_hits(*run).sum(axis=1)
    others = [cache.fifo_hits(*run).sum(axis=1), cache.random_hits(*run, rng).sum(axis=1)]
    ones = np.ones(cell.experts)
    optimum = cell.length - cache.optimal_cost(1 << traces, ones, cell.k, ones)
    misses = cell.length - best
    return {
        "gap_to_optimum": optimum - best,
        "others_ahead": np.max([lru, *others], axis=0) - best,
        "beyond_k_competitive": cell.length - lru - (cell.k + off) * misses - cell.k,
    }


def nearest_first(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Evict the nearest next use instead of the farthest."""
    demands = 1 << rng.integers(0, cell.experts, (size, cell.length))
    return gap(demands, np.ones(cell.experts), cell.k, nearest=True)


def unequal_pairs(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Two experts of unequal size per step; room for any two of the five."""
    del cell
    return gap(pairs(rng, size, 9, SIZES.size), SIZES, 5.0)


def trace_cells(most: int) -> Cells:
    """All (N, k) with N up to `most` experts and a cache of 1..N-1."""
    return Cells.of(
        *({"experts": n, "k": k, "length": 18} for n in range(3, most + 1) for k in range(1, n))
    )


BELADY = Claim(
    id="read_me.belady-optimal",
    title="Evicting the expert whose next use is farthest misses least",
    source="Section on expert caching: evict argmax_e F(e, t); Belady (1966); Sleator and Tarjan",
    origin=Origin.IMPLIED,
    basis=Basis.FULL_TEXT,
    statement=(
        "Evicting the expert whose next use is farthest gives the most hits that any policy can "
        "have, on every trace; LRU misses at most k times as often, plus k."
    ),
    formula='"hits"("MIN") = max_pi "hits"(pi), quad "miss"("LRU") <= k "miss"("MIN") + k',
    scope=Scope.AS_STATED,
    does_not_show="Optimality where several experts of unequal size are needed at once.",
    assumptions=("one expert per request", "experts of equal size", "the whole trace is known"),
    cells=ByEffort(smoke=trace_cells(5), standard=trace_cells(6), full=trace_cells(6)),
    simulate=policies_on_traces,
    expect=(
        Exact("gap_to_optimum").equals(0),
        Exact("others_ahead").at_most(0),
        Exact("beyond_k_competitive").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "evict the nearest next use",
            simulate=nearest_first,
            at={"experts": 5, "k": 3},
            judged_by="gap_to_optimum",
        ),
        BrokenWorld(
            "two experts of unequal size per step",
            simulate=unequal_pairs,
            cells=Cells(),
            judged_by="gap_to_optimum",
        ),
        BrokenWorld(
            "MIN that knows one request ahead",
            change={"look_ahead": 1},
            at={"experts": 5, "k": 3},
            judged_by=("gap_to_optimum", "others_ahead"),
        ),
        BrokenWorld(
            "LRU misses at most k - 1 times as often",
            change={"off": -1},
            at={"experts": 5, "k": 2},
            judged_by="beyond_k_competitive",
        ),
    ),
    block=128,
    cap=ByEffort(smoke=128, standard=512, full=2048),
)


def unit_pairs(cell: Cell, rng: np.random.Generator, size: int, per_step: bool = False) -> Columns:
    """Two experts of unit size per step; the cost counts missed experts, or steps with a miss."""
    demands = pairs(rng, size, cell.length, cell.experts)
    return gap(demands, np.ones(cell.experts), cell.k, per_step=per_step)


BELADY_PAIRS = Claim(
    id="read_me.belady-two-experts",
    title="Farthest next use stays optimal with two equal experts per step",
    source="The caching rule applied to the paper's batches, which need several experts at once",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "With two experts of equal size per step, evicting the farthest next use still misses "
        "the fewest experts; with unequal sizes, or if a step with any miss costs the same, not."
    ),
    formula='"misses"("MIN") = min_pi "misses"(pi) "  for demands of two unit-size experts"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Larger demands; the least latency, which depends on what is loaded together.",
    assumptions=("no expert of the current step is evicted",),
    cells=Cells(experts=(5,), k=(2, 3), length=(9,)),
    simulate=unit_pairs,
    expect=(Exact("gap_to_optimum").equals(0),),
    controls=(
        BrokenWorld("unequal sizes", simulate=unequal_pairs, cells=Cells()),
        BrokenWorld("a step with any miss costs one", change={"per_step": True}),
    ),
    block=256,
    cap=ByEffort(smoke=1024, standard=2048, full=8192),
)


def cycle(cell: Cell, excess: int = 1, look_ahead: int = 0) -> Values:
    """Hit ratios on a cycle through k + `excess` experts; LRU may look ahead."""
    run = (np.arange(cell.length)[None] % (cell.k + excess), cell.k + excess, cell.k)
    ratios = {
        "min_ratio": cache.belady_hits(*run),
        "lru_ratio": cache.belady_hits(*run, look_ahead=look_ahead)
        if look_ahead
        else cache.lru_hits(*run),
    }
    return {name: hits.mean() for name, hits in ratios.items()}


CYCLE = Claim(
    id="read_me.cyclic-trace",
    title="On a cycle of experts one too long, least-recently-used never hits",
    source="Section on expert caching; the classical worst case of LRU",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="On a cycle through k + 1 experts LRU never hits, while MIN hits (k - 1)/k.",
    formula='"hit"("LRU") = 0, quad "hit"("MIN") = (k - 1)/k',
    scope=Scope.AS_STATED,
    does_not_show="How often real traces are cyclic.",
    cells=Cells(k=(2, 3, 4, 5), length=(6000,)),
    compute=cycle,
    expect=(
        Exact("lru_ratio").equals(0),
        Exact("min_ratio").near(
            lambda c: theory.cyclic_min_hit_ratio(c.k), lambda c: (c.k + 1) / c.length
        ),
    ),
    controls=(
        BrokenWorld("a cycle that is too long by two", change={"excess": 2}),
        BrokenWorld(
            "LRU that knows the next request", change={"look_ahead": 1}, judged_by="lru_ratio"
        ),
    ),
    figure=Axis(x="k", label="capacity k", curve=True),
)
