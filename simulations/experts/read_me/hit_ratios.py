"""Hit ratios of the policies of Table 4: closed forms under independent requests, printed order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from refutable.simulations.experts.read_me._requests import EXPERTS, Ids, draws, law_of
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
    FalseTheory,
    FloatArray,
    Mean,
    Origin,
    Scope,
    Values,
)

WARM_UP = 128
MARGIN = 0.003


def independent(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Independent requests from the cell's law."""
    return draws(law_of(cell.law), rng, (size, WARM_UP + cell.length))


STICKY = 0.02


def sticky(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Every request repeats the last one with probability STICKY: locality within a request."""
    traces = independent(cell, rng, size)
    fresh = rng.random(traces.shape) >= STICKY
    fresh[:, 0] = True
    last = np.maximum.accumulate(np.where(fresh, np.arange(traces.shape[1]), 0), axis=1)
    return np.take_along_axis(traces, last, axis=1)


def scanning(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Draw a request anew, once, if it was among the last three: locality turned round."""
    traces = independent(cell, rng, size)
    again = independent(cell, rng, size)
    for t in range(1, traces.shape[1]):
        repeats = (traces[:, [t]] == traces[:, max(t - 3, 0) : t]).any(axis=1)
        traces[:, t] = np.where(repeats, again[:, t], traces[:, t])
    return traces


def hit_ratios(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    requests: Callable[[Cell, np.random.Generator, int], Ids] = independent,
    swapped: Mapping[str, str] = MappingProxyType({}),
) -> Columns:
    """Hit ratios of all policies on common traces, after a warm-up.

    ``lru_over_belady`` is taken from the empty caches on: from there MIN cannot be beaten.
    `swapped` gives a policy's name to another: {"lru": "fifo"} plays FIFO under LRU's name.
    """
    traces = requests(cell, rng, size)
    run = (traces, EXPERTS, cell.k)
    hits = {
        "lru": cache.lru_hits(*run),
        "fifo": cache.fifo_hits(*run),
        "random": cache.random_hits(*run, rng),
        "belady": cache.belady_hits(*run),
    }

    def played(name: str, start: int = 0) -> FloatArray:
        return np.asarray(hits[swapped.get(name, name)][:, start:].mean(axis=1))

    ratio = {name: played(name, WARM_UP) for name in hits}
    return ratio | {
        "fifo_minus_lru": ratio["fifo"] - ratio["lru"],
        "lru_over_belady": played("lru") - played("belady"),
    }


def king(cell: Cell) -> float:
    """LRU's hit ratio in the cell."""
    return theory.king_hit_ratio(law_of(cell.law), cell.k)


def gelenbe(cell: Cell) -> float:
    """Hit ratio of FIFO and random replacement in the cell."""
    return theory.gelenbe_hit_ratio(law_of(cell.law), cell.k)


def irm_cells(*sizes: int) -> Cells:
    """Both laws at the given cache sizes."""
    return Cells(law=("zipf", "uniform"), k=sizes, length=(500,))


RATIO, DIFFERENCE = (0, 1), (-1, 1)
"""Bounds of a hit ratio, and of the difference of two."""


ZIPF_3 = {"law": "zipf", "k": 3}

IRM = Claim(
    id="read_me.irm-hit-ratios",
    title="Under independent requests the hit ratios have closed forms",
    source="Policies of Table 4; King (1971) for LRU, Gelenbe (1973) for FIFO and random",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "Under independent requests LRU follows King's formula, FIFO and random replacement "
        "share Gelenbe's, and LRU is the better of them. MIN is at least as good on every trace."
    ),
    formula='"LRU": sum_((i_1..i_k)) product_j p_(i_j) / (1 - sum_(l<j) p_(i_l)) sum_j p_(i_j), '
    'quad "FIFO": (sum_(|S|=k) product_S p sum_S p) / (sum_(|S|=k) product_S p)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The hit ratios of Table 4, whose trace is neither independent nor published.",
    assumptions=("8 experts", "independent requests", "128 requests of warm-up"),
    cells=ByEffort(smoke=irm_cells(3), standard=irm_cells(2, 3, 4, 5), full=irm_cells(2, 3, 4, 5)),
    simulate=hit_ratios,
    expect=(
        Mean("lru", bounds=RATIO).near(king, MARGIN),
        Mean("fifo", bounds=RATIO).near(gelenbe, MARGIN),
        Mean("random", bounds=RATIO).near(gelenbe, MARGIN),
        Mean("fifo_minus_lru", bounds=DIFFERENCE, law="zipf").at_most(0),
        Exact("lru_over_belady").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "one request in fifty repeats the last",
            change={"requests": sticky},
            at=ZIPF_3,
            judged_by=("lru", "fifo", "random"),
        ),
        BrokenWorld(
            "FIFO in LRU's place", change={"swapped": {"lru": "fifo"}}, at=ZIPF_3, judged_by="lru"
        ),
        BrokenWorld(
            "requests that seldom repeat one of the last three",
            change={"requests": scanning},
            at=ZIPF_3,
            judged_by="fifo_minus_lru",
        ),
        BrokenWorld(
            "FIFO in MIN's place",
            change={"swapped": {"belady": "fifo"}},
            at=ZIPF_3,
            judged_by="lru_over_belady",
        ),
    ),
    block=512,
    cap=ByEffort(smoke=16384, standard=16384, full=32768),
    figure=Axis(x="k", label="capacity k"),
)


def table_4(cell: Cell) -> Values:
    """Compare the printed rows, in points."""
    del cell
    rows = {name: np.array(row) for name, row in theory.TABLE_4.items()}
    return {
        "belady_ahead": rows["belady"] - np.maximum(rows["lru"], rows["random"]),
        "lru_over_random": rows["lru"] - rows["random"],
    }


TABLE_4_ORDER = Claim(
    id="read_me.table4-order",
    title="In the printed table Belady is ahead at every cache size",
    source="Table 4: hit ratios at capacities 2 to 5",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="In Table 4 Belady is ahead of LRU and of random replacement at every capacity.",
    formula='"hit"("MIN") > max("hit"("LRU"), "hit"("random"))',
    scope=Scope.ARITHMETIC,
    does_not_show="The hit ratios themselves; the trace is not published.",
    compute=table_4,
    expect=(Exact("belady_ahead").at_least(0.01),),
    controls=(
        FalseTheory(
            "Belady is ahead by five points at every capacity",
            Exact("belady_ahead").at_least(5),
        ),
        FalseTheory("LRU beats random at every capacity", Exact("lru_over_random").at_least(0)),
    ),
)
