"""How near the density comes to the truth with as many, more or fewer experts kept.

Around Proposition 1 (recalled): the least squared Hellinger distance over bounded parameters.
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import (
    AffineFamily,
    Gate,
    Layout,
    Parameters,
    nearest,
    quadrature,
)
from refutable.theory.experts import topk_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FloatArray,
    Origin,
    Scope,
    Values,
)

TRUTHS = {2: theory.TWO_TRUTH, 3: theory.BASE_TRUTH, 4: theory.FOUR_TRUTH}
HALVES = ((-1.0, 0.0), (0.0, 1.0))
LOWEST = {"gate": -8.0, "expert": -6.0, "log_v": np.log(0.02)}
HIGHEST = {"gate": 8.0, "expert": 6.0, "log_v": np.log(9.0)}
ENOUGH = ("2-1-3-1", "3-2-4-2", "4-2-5-2")
MORE = ("2-1-3-2", "3-2-4-3", "4-2-5-3")
TOO_FEW = ("3-2-4-1", "4-2-5-1")


def population_minimum(true_k: int, kept: int, k: int, k_bar: int, starts: int) -> float:
    """Return the least H^2 found between the truth and k experts under a top-`k_bar` gate.

    Bounded parameters: b0, b1 in [-8, 8] (last gate at 0), a, c in [-6, 6], v in [0.02, 9].
    """
    truth = TRUTHS[true_k]
    gate = Gate(top_k=k_bar)
    nodes = quadrature(parameters(truth), Gate(top_k=kept), HALVES, 24, 24)
    layout = Layout(k, 1, False)
    family = AffineFamily(layout, gate, np.zeros(layout.size), np.eye(layout.size))
    low, high = _box(layout)
    begin = np.clip(_starts(truth, layout, starts), low + 1e-6, high - 1e-6)
    return nearest(family, nodes, begin, evaluations=80, bounds=(low, high))[0]


def _box(layout: Layout) -> tuple[FloatArray, FloatArray]:
    counts = [layout.gates, 2 * layout.k, layout.k]
    ends = [[side["gate"], side["expert"], side["log_v"]] for side in (LOWEST, HIGHEST)]
    low, high = (np.repeat(np.asarray(end), counts) for end in ends)
    return low, high


def _starts(truth: Atoms, layout: Layout, count: int) -> FloatArray:
    """Return the true experts and copies of them, slopes scaled, with small or large noise."""
    rng = np.random.default_rng(29)
    base, k = len(truth.b0), layout.k
    rows = []
    for i in range(count):
        pick = np.concatenate([np.arange(base), rng.integers(0, base, k - base)])
        p = parameters(Atoms(truth.b0[pick], truth.b1[pick] * rng.uniform(0.7, 1.3), truth.a[pick],
                             truth.c[pick], truth.v[pick]))  # fmt: skip
        spread = 0.15 if i % 3 else 0.8
        rows.append(_pack(p, layout) + spread * rng.standard_normal(layout.size))
    return np.asarray(rows)


def _pack(p: Parameters, layout: Layout) -> FloatArray:
    return np.asarray(layout.pack(p.pinned()))


def population(cell: Cell, truth_keeps: int = 0, more: int = 0) -> Values:
    """Least squared Hellinger distance found over bounded G.

    The truth keeps `truth_keeps` and the fit keeps `more` experts more than the setting says.
    """
    true_k, kept, k, k_bar = (int(part) for part in str(cell.setting).split("-"))
    least = population_minimum(true_k, kept + truth_keeps, k, k_bar + more, int(cell.starts))
    return {"least": least}


def drowned(cell: Cell) -> float:
    """Return the largest H^2 expected: rounding at Kbar = K, the surplus weight e^(-2B) above."""
    return float(np.exp(2 * LOWEST["gate"])) if cell.setting in MORE else 1e-10


POPULATION = Claim(
    id="topk_moe.topk-kbar-population-minimum",
    title="The truth is reached if as many experts are kept, and not with fewer",
    source="Derived, around Proposition 1 (recalled)",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "The truth is reached if as many experts are kept as the truth keeps; with more kept, up "
        "to the weight $e^(-2B)$ that gates bounded by B leave to the surplus; not with fewer kept."
    ),
    formula=(
        "inf_G H^2 (p_G, p_(G^*)) = 0 quad (overline(K) = K), quad "
        "<= e^(-2 B) quad (overline(K) > K), quad > 0 quad (overline(K) < K)"
    ),
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Settings read k*-K-k-Kbar; $B = 8$. A surplus expert of weight w costs at most w in "
        "$H^2$. The floor for Kbar < K is the least value over the starts: evidence, not a bound."
    ),
    cells=ByEffort(
        smoke=Cells(setting=("2-1-3-1", "3-2-4-1"), starts=(3,)),
        standard=Cells(setting=(*ENOUGH, *MORE, *TOO_FEW), starts=(8,)),
        full=Cells(setting=(*ENOUGH, *MORE, *TOO_FEW), starts=(24,)),
    ),
    compute=population,
    expect=(
        Exact("least", setting=(*ENOUGH, *MORE)).at_most(drowned),
        Exact("least", setting=TOO_FEW).at_least(0.1),
    ),
    controls=(
        BrokenWorld(
            "the truth keeps one more", change={"truth_keeps": 1}, at={"setting": "2-1-3-1"}
        ),
        BrokenWorld("the fit keeps one more", change={"more": 1}, at={"setting": "3-2-4-1"}),
    ),
)
