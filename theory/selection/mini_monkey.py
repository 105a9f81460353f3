r"""Mini-Monkey: where two tile grids cut an object, shared cut lines, token counts.

A grid (m, k) has m columns and k rows. An object of relative size (w, h) placed uniformly is uncut
iff no inner line of the grid lies strictly inside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import gcd

import numpy as np

from refutable.claims.records import Paper

PAPER = Paper(
    key="mini_monkey",
    field="selection",
    title="Mini-Monkey: Alleviating the Semantic Sawtooth Effect for Lightweight MLLMs via "
    "Complementary Image Pyramid",
    authors=("Mingxin Huang", "Yuliang Liu", "Dingkang Liang", "Lianwen Jin", "Xiang Bai"),
    year=2025,
    venue="ICLR 2025",
    arxiv="2408.02034",
    code="https://github.com/Yuliang-Liu/Monkey (project/mini_monkey)",
    read="Code at commit 498e1d9: project/mini_monkey/demo.py and "
    "internvl/model/internvl_chat/modeling_minimonkey_chat.py, and the README; read, not run.",
    not_checked=(
        "OCRBench 802 (12 more than the 8B model): needs the trained model and the benchmark",
        "that uncut objects are read better: the geometry alone is tried here",
    ),
)

DETAILED = (4, 12)
ADAPTIVE = (3, 7)
TOKENS_PER_TILE = (448 // 14) ** 2 // 4
KEPT_SHARE = 0.5

Grid = tuple[int, int]


def inner_lines(parts: Iterable[int]) -> tuple[float, ...]:
    """Inner lines l/m of the given divisions of one axis, without repeats, ascending."""
    return tuple(sorted({i / m for m in parts for i in range(1, m)}))


def covered_length(lines: Iterable[float], size: float) -> float:
    """Length of the union of the intervals (l - size, l), clipped to [0, 1 - size]."""
    total, reach = 0.0, 0.0
    for line in sorted(lines):
        low, high = max(line - size, 0.0, reach), min(line, 1 - size)
        total += max(high - low, 0.0)
        reach = max(reach, high)
    return total


def uncut_on_axis(parts: Iterable[int], size: float) -> float:
    """Probability that no inner line of any of the divisions cuts the object on this axis."""
    return _uncut_on_axis(frozenset(parts), size)


@cache  # all pairs of grids divide an axis in few ways
def _uncut_on_axis(parts: frozenset[int], size: float) -> float:
    return 1 - covered_length(inner_lines(parts), size) / (1 - size)


def simple_uncut(parts: int, size: float) -> float:
    r"""Probability :math:`U_m(w)=1-\frac{(m-1)w}{1-w}`, valid for w <= 1/m only."""
    return 1 - (parts - 1) * size / (1 - size)


def uncut(grids: tuple[Grid, ...], w: float, h: float) -> float:
    """Probability that the object is uncut in at least one of one or two grids.

    Inclusion-exclusion; uncut in both means clear of the union of the lines on each axis.

    Raises
    ------
    ValueError
        If there are not one or two grids.
    """
    if len(grids) not in (1, 2):
        raise ValueError(f"grids: give one or two, not {len(grids)}")
    single = [uncut_on_axis([m], w) * uncut_on_axis([k], h) for m, k in grids]
    if len(grids) == 1:
        return single[0]
    both = uncut_on_axis([g[0] for g in grids], w) * uncut_on_axis([g[1] for g in grids], h)
    return sum(single) - both


def uncut_if_independent(grids: tuple[Grid, ...], w: float, h: float) -> float:
    """Probability of being uncut in at least one grid if the grids cut independently: wrong."""
    return float(1 - np.prod([1 - uncut((grid,), w, h) for grid in grids]))


def share_a_line(first: Grid, second: Grid) -> bool:
    """Whether two grids have a common cut line: iff gcd of columns or of rows exceeds 1."""
    return gcd(first[0], second[0]) > 1 or gcd(first[1], second[1]) > 1


def released_rule(detailed: Grid, adaptive: Grid) -> bool:
    """Whether the released code admits the adaptive grid: not both dimensions divide."""
    return detailed[0] % adaptive[0] != 0 or detailed[1] % adaptive[1] != 0


def neither_divides_rule(detailed: Grid, adaptive: Grid) -> bool:
    """Whether neither dimension of the adaptive grid divides that of the detailed one."""
    return detailed[0] % adaptive[0] != 0 and detailed[1] % adaptive[1] != 0


def coprime_rule(detailed: Grid, adaptive: Grid) -> bool:
    """Whether both dimensions of the two grids are coprime."""
    return not share_a_line(detailed, adaptive)


def grid_count(low: int, high: int) -> int:
    """Count the grids with low..high tiles: the sum of the numbers of divisors."""
    return sum(n % i == 0 for n in range(low, high + 1) for i in range(1, n + 1))


def tokens(tiles: int) -> int:
    """Image tokens of a number of tiles."""
    return tiles * TOKENS_PER_TILE


def compressed_tokens(detailed: int, adaptive: int, thumbnails: int = 1) -> int:
    """Image tokens left when half of the detailed tokens are dropped, as intended."""
    return int(tokens(detailed) * KEPT_SHARE) + tokens(adaptive + thumbnails)
