"""What an onset costs beside a fixed grid and beside ProBABLI: ``python onset_cost.py [runs]``.

The grid has twenty cells, each with as many replicates, and exact (Clopper-Pearson) limits at the
same error, shared among its cells; or it is stopped cell by cell, by the confidence sequence, at a
cap. As many replicates are given to it as make its brackets as wide, on average, as those of the
search. The tolerance is a tenth of the range: with steps of 1/19 no grid of twenty is much finer.

What no search can undercut is printed too: what it takes to decide the two ends of the bracket
alone, by the same confidence sequences at the same share of the error, if one is told the onset.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).parent))

from probabli import solve

from refutable.calibration.onsets import ALPHA, EDGE, Case, Curve, logistic, run, step
from refutable.claims.cells import Cell
from refutable.deciding.onsets.points import Point
from refutable.deciding.onsets.search import MOST, WITHIN
from refutable.deciding.paths import binomial_times, bounds

CELLS = 20
TOLERANCE = 0.1
GRID = np.linspace(0.0, 1.0, CELLS)
SIZES = np.unique(np.rint(np.geomspace(16, 65_536, 49)).astype(int))


@dataclass(frozen=True)
class Cost:
    """One curve."""

    curve: str
    runs: int
    search: float
    search_width: float
    search_missed: int
    told: float
    grid: float
    grid_width: float
    grid_missed: int
    stopped_grid: float
    stopped_width: float
    probabli: float
    probabli_width: float
    probabli_missed: int
    probabli_failed: int


def curves() -> dict[str, Curve]:
    """Return the curves."""
    slopes = {f"logistic, slope {k}": partial(logistic, slope=float(k)) for k in (8, 20, 60)}
    return {**slopes, "step": step}


def rates(curve: Curve, at: float) -> np.ndarray:
    """Return the rate in each cell of the grid."""
    return np.array([min(max(curve(x, at), 0.001), 0.999) for x in GRID])


def bracket(fails: np.ndarray, holds: np.ndarray) -> tuple[int, int] | None:
    """Return the last cell that fails before the first that holds, and that one."""
    up = np.flatnonzero(holds)
    down = np.flatnonzero(fails[: up[0]]) if up.size else up
    return (int(down[-1]), int(up[0])) if down.size else None


def of_grid(curve: Curve, ats: np.ndarray, many: int, rng: np.random.Generator) -> tuple:
    """Return mean width and misses of a grid with `many` replicates in each cell."""
    level = ALPHA / CELLS
    widths, missed = [], 0
    for at in ats:
        p = rates(curve, at)
        k = rng.binomial(many, p)
        upper = np.where(k < many, scipy.special.betaincinv(k + 1, many - k, 1 - level), 1.0)
        lower = np.where(k > 0, scipy.special.betaincinv(k, many - k + 1, level), 0.0)
        fails, holds = upper < EDGE, lower >= EDGE
        missed += bool((fails & (p >= EDGE)).any() or (holds & (p < EDGE)).any())
        pair = bracket(fails, holds)
        widths.append(GRID[pair[1]] - GRID[pair[0]] if pair else 1.0)
    return float(np.mean(widths)), missed


def of_stopped(curve: Curve, ats: np.ndarray, cap: int, rng: np.random.Generator) -> tuple:
    """Return mean width and mean replicates of a grid whose cells stop when they are decided."""
    at_looks = bounds(EDGE, math.inf, math.log(CELLS / ALPHA), cap, 8, 512)
    widths, costs = [], []
    for at in ats:
        times = [binomial_times(p, at_looks, 1, rng) for p in rates(curve, at)]
        inside = np.array([t.inside[0] for t in times])
        outside = np.array([t.outside[0] for t in times])
        pair = bracket(np.isfinite(outside), np.isfinite(inside))
        widths.append(GRID[pair[1]] - GRID[pair[0]] if pair else 1.0)
        costs.append(np.minimum(np.minimum(inside, outside), cap).sum())
    return float(np.mean(widths)), float(np.mean(costs))


def of_told(case: Case, ats: np.ndarray, rng: np.random.Generator) -> float:
    """Return the mean replicates that decide both ends of a bracket around the known onset."""
    half, many = WITHIN * TOLERANCE / 2, 0
    for at in ats:
        for place in (at - half, at + half):
            cell = Cell({"u": float(place)})
            point = Point(place, cell, case.expectation, ALPHA / MOST)
            while point.open:
                point.feed(case.draw(case.mean(place, at), rng), case.block)
            many += point.replicates
    return many / len(ats)


def as_wide(width: float, of: Callable[[int], tuple]) -> tuple[int, tuple]:
    """Return the fewest replicates per cell whose brackets are as narrow, and what they gave."""
    low, high = 0, len(SIZES) - 1
    while low < high:
        middle = (low + high) // 2
        if of(int(SIZES[middle]))[0] <= width:
            high = middle
        else:
            low = middle + 1
    return int(SIZES[low]), of(int(SIZES[low]))


def cost(name: str, curve: Curve, runs: int, seed: int = 1) -> Cost:
    """Return the costs on one curve."""
    rng = np.random.default_rng([seed, len(name)])
    case = Case(name, curve, TOLERANCE, block=8)
    found = [run(case, rng) for _ in range(runs)]
    width = float(np.nanmean([one.width for one in found]))
    ats = rng.uniform(0.3, 0.7, runs)
    many, grid = as_wide(width, lambda n: of_grid(curve, ats, n, np.random.default_rng(seed)))
    _, stopped = as_wide(width, lambda n: of_stopped(curve, ats, n, np.random.default_rng(seed)))
    solved = [
        (at, solve(lambda x, at=at: min(max(curve(x, at), 0.001), 0.999), EDGE, rng)) for at in ats
    ]
    whole = [(at, s) for at, s in solved if not math.isnan(s.lower + s.upper)]
    return Cost(
        curve=name,
        runs=runs,
        search=float(np.mean([one.replicates for one in found])),
        search_width=width,
        search_missed=sum(one.missed for one in found),
        told=of_told(case, ats, np.random.default_rng(seed)),
        grid=float(CELLS * many),
        grid_width=grid[0],
        grid_missed=grid[1],
        stopped_grid=stopped[1],
        stopped_width=stopped[0],
        probabli=float(np.mean([s.replicates for _, s in solved])),
        probabli_width=float(np.mean([s.upper - s.lower for _, s in whole])) if whole else 0.0,
        probabli_missed=sum(not s.lower <= at <= s.upper for at, s in whole),
        probabli_failed=len(solved) - len(whole),
    )


def main() -> None:
    """Print a line for each curve and the whole as JSON."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    rows = []
    for name, curve in curves().items():
        one = cost(name, curve, runs)
        rows.append(asdict(one))
        print(
            f"{one.curve:20} search {one.search:7.0f} (width {one.search_width:.3f}, "
            f"{one.search_missed} missed; told the onset {one.told:.0f}); "
            f"grid {one.grid:8.0f} = {one.grid / one.search:.1f}x "
            f"({one.grid_width:.3f}, {one.grid_missed} missed); stopped grid "
            f"{one.stopped_grid:8.0f} = {one.stopped_grid / one.search:.1f}x "
            f"({one.stopped_width:.3f}); ProBABLI {one.probabli:7.0f} "
            f"({one.probabli_width:.4f}, {one.probabli_missed} of "
            f"{one.runs - one.probabli_failed} missed, {one.probabli_failed} without interval)",
            flush=True,
        )
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
