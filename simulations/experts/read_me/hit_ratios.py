"""Hit ratios of the policies of Table 4: closed forms under independent requests, printed order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.experts.read_me._requests import EXPERTS, Ids, draws, law_of
from refutable.solvers import cache
from refutable.theory.experts import read_me as theory

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
    Mean,
    Origin,
    Scope,
    Values,
)

WARM_UP = 256
MARGIN = 0.003


def independent(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Independent requests from the cell's law."""
    return draws(law_of(cell.law), rng, (size, WARM_UP + cell.length))


def sticky(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Every request repeats the last one with probability 1/2: locality within a request."""
    traces = independent(cell, rng, size)
    fresh = rng.random(traces.shape) < 0.5
    fresh[:, 0] = True
    last = np.maximum.accumulate(np.where(fresh, np.arange(traces.shape[1]), 0), axis=1)
    return np.take_along_axis(traces, last, axis=1)


def hit_ratios(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    requests: Callable[[Cell, np.random.Generator, int], Ids] = independent,
) -> Columns:
    """Hit ratios of all policies on common traces, after a warm-up."""
    traces = requests(cell, rng, size)
    run = (traces, EXPERTS, cell.k)
    hits = {
        "lru": cache.lru_hits(*run),
        "fifo": cache.fifo_hits(*run),
        "random": cache.random_hits(*run, rng),
        "belady": cache.belady_hits(*run),
    }
    ratio = {name: hit[:, WARM_UP:].mean(axis=1) for name, hit in hits.items()}
    return ratio | {
        "fifo_minus_random": ratio["fifo"] - ratio["random"],
        "fifo_minus_lru": ratio["fifo"] - ratio["lru"],
        "lru_minus_belady": ratio["lru"] - ratio["belady"],
    }


def king(cell: Cell) -> float:
    """LRU's hit ratio in the cell."""
    return theory.king_hit_ratio(law_of(cell.law), cell.k)


def gelenbe(cell: Cell) -> float:
    """Hit ratio of FIFO and random replacement in the cell."""
    return theory.gelenbe_hit_ratio(law_of(cell.law), cell.k)


def irm_cells(*sizes: int) -> Cells:
    """Both laws at the given cache sizes."""
    return Cells(law=("zipf", "uniform"), k=sizes, length=(4000,))


IRM = Claim(
    id="read_me.irm-hit-ratios",
    title="Under independent requests the hit ratios have closed forms",
    source="Policies of Table 4; King (1971) for LRU, Gelenbe (1973) for FIFO and random",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement=(
        "Under independent requests LRU follows King's formula, FIFO and random replacement "
        "share Gelenbe's, LRU is the better of them, and MIN is better than both."
    ),
    formula='"LRU": sum_((i_1..i_k)) product_j p_(i_j) / (1 - sum_(l<j) p_(i_l)) sum_j p_(i_j), '
    'quad "FIFO": (sum_(|S|=k) product_S p sum_S p) / (sum_(|S|=k) product_S p)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The hit ratios of Table 4, whose trace is neither independent nor published.",
    assumptions=("8 experts", "independent requests", "256 requests of warm-up"),
    cells=ByEffort(smoke=irm_cells(3), standard=irm_cells(2, 3, 4, 5), full=irm_cells(2, 3, 4, 5)),
    simulate=hit_ratios,
    expect=(
        Mean("lru").near(king, MARGIN),
        Mean("fifo").near(gelenbe, MARGIN),
        Mean("fifo_minus_random").near(0, MARGIN),
        Mean("fifo_minus_lru", law="zipf").at_most(0),
        Mean("lru_minus_belady").at_most(0),
    ),
    controls=(
        BrokenWorld(
            "sticky requests",
            change={"requests": sticky},
            at={"law": "zipf", "k": 3},
            judged_by="lru",
        ),
        FalseTheory("LRU follows Gelenbe's formula", Mean("lru", law="zipf").near(gelenbe, MARGIN)),
    ),
    block=128,
    cap=ByEffort(smoke=4096, standard=8192, full=16384),
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
        FalseTheory("LRU beats random at every capacity", Exact("lru_over_random").at_least(0)),
    ),
)
