"""Whether pruning by column maxima keeps points apart and removes near-duplicates only.

semdedup in adapt-inf.py (SemDeDup, arXiv 2303.09540), beside sequential greedy (leader) pruning.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.contrastive import normalise
from refutable.solvers.deduplication import (
    column_maxima,
    keep_extreme_maxima,
    keep_leaders,
    largest_kept_similarity,
    uncovered_points,
)

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
    FloatArray,
    Mean,
    MendedWorld,
    Origin,
    Scope,
    Verdict,
)


def similarities(cell: Cell, rng: np.random.Generator, size: int) -> FloatArray:
    """Cosine similarities of points around 40 normal centres in 16 dimensions."""
    centres = rng.standard_normal((size, cell.centres, 16))
    owner = rng.integers(cell.centres, size=(size, cell.n, 1))
    noise = 0.25 * rng.standard_normal((size, cell.n, 16))
    points = normalise(np.take_along_axis(centres, owner, axis=1) + noise)
    return np.asarray(points @ np.swapaxes(points, 1, 2))


def level(similarity: FloatArray, keep: int) -> FloatArray:
    """Return the keep-th smallest column maximum: the largest one that is kept."""
    return np.asarray(np.sort(column_maxima(similarity), axis=1)[:, keep - 1])


def measured(similarity: FloatArray, kept: NDArray[np.bool_], tau: FloatArray) -> Columns:
    """Excess of kept similarities over tau, and pruned points without a kept neighbour."""
    bare = uncovered_points(similarity, kept, tau)
    return {
        "excess": largest_kept_similarity(similarity, kept) - tau,
        "uncovered": bare.sum(axis=1),
        "uncovered_share": bare.sum(axis=1) / (~kept).sum(axis=1),
        "some_uncovered": bare.any(axis=1),
    }


def by_column_maxima(
    cell: Cell, rng: np.random.Generator, size: int, largest: bool = False
) -> Columns:
    """Keep the points of smallest column maximum, as released, or of largest at the same tau."""
    s = similarities(cell, rng, size)
    return measured(s, keep_extreme_maxima(s, cell.keep, largest), level(s, cell.keep))


def leaders(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Keep a point iff no kept point is closer than tau, one after the other."""
    s = similarities(cell, rng, size)
    tau = level(s, cell.keep)
    return measured(s, keep_leaders(s, tau), tau)


DEDUP_CELLS = ByEffort(
    smoke=Cells(n=(400,), keep=(120,), centres=(40,)),
    standard=Cells(n=(400,), keep=(120,), centres=(40,)),
    full=Cells.of({"n": 400, "keep": 120, "centres": 40}, {"n": 3000, "keep": 900, "centres": 300}),
)
DEDUP_CAP = ByEffort(smoke=20, standard=24, full=24)

PAIRWISE = Claim(
    id="adapt_inf.dedup-kept-pairs",
    title="Points kept by smallest column maximum are far apart",
    source="semdedup in adapt-inf.py (SemDeDup, arXiv 2303.09540)",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Points kept by smallest column maximum have pairwise similarity of at most tau, the "
    "largest maximum kept.",
    formula="max_(i, j in K, i != j) cos(v_i, v_j) <= tau = max_(j in K) M_j",
    scope=Scope.AS_STATED,
    does_not_show="That what is pruned was redundant (claim dedup-coverage).",
    cells=DEDUP_CELLS,
    simulate=by_column_maxima,
    expect=(Exact("excess").at_most(1e-12),),
    controls=(BrokenWorld("keeping the largest maxima at the same tau", change={"largest": True}),),
    block=2,
    cap=DEDUP_CAP,
)

COVERAGE = Claim(
    id="adapt_inf.dedup-coverage",
    title="Pruning removes only near-duplicates of what is kept",
    source="semdedup in adapt-inf.py (SemDeDup, arXiv 2303.09540)",
    origin=Origin.GUARD,
    basis=Basis.CODE,
    statement="Pruning by smallest column maximum removes only near-duplicates: every pruned point "
    "has a kept neighbour with similarity of at least tau.",
    formula="forall j in.not K quad exists i in K: cos(v_i, v_j) >= tau",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Any harm to accuracy; synthetic clusters, not gradient vectors.",
    cells=DEDUP_CELLS,
    simulate=by_column_maxima,
    expect=(Exact("uncovered").equals(0), Mean("uncovered_share").shown()),
    controls=(
        FalseTheory(
            "a tenth of the pruned points at most is bare",
            Exact("uncovered").at_most(lambda c: 0.1 * (c.n - c.keep)),
        ),
    ),
    positive=(MendedWorld("each point compared with the kept ones only", simulate=leaders),),
    block=2,
    cap=DEDUP_CAP,
    expected=Verdict.REFUTED,
    why="M_j is the similarity to any earlier point, kept or not. In a chain, j is close to an "
    "earlier i that is itself pruned for an h far from j: then j goes although nothing kept is "
    "near. On synthetic clusters (400 points, 120 kept) about a sixth of the pruned points, 10 to "
    "24 % over draws, have no kept neighbour at tau. Found by construction and by simulation. "
    "The code was read at commit deb587f, not run. "
    "Comparing each point with the kept ones only (greedy leaders) gives both halves (claim "
    "leaders-give-both).",
)

LEADERS = Claim(
    id="adapt_inf.leaders-give-both",
    title="Greedy leaders are far apart and cover all that is pruned",
    source="Sequential greedy (leader) pruning, as a repair of semdedup; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Visiting points in order and keeping one iff no kept point is closer than tau keeps "
    "pairs below tau and leaves every pruned point a kept neighbour.",
    formula="cos(v_i, v_j) <= tau space (i, j in K), quad max_(i in K) cos(v_i, v_j) >= tau "
    "space (j in.not K)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="A fixed number of kept points: tau decides how many are kept.",
    cells=DEDUP_CELLS,
    simulate=leaders,
    expect=(Exact("excess").at_most(1e-12), Exact("uncovered").equals(0)),
    controls=(BrokenWorld("the released column maxima", simulate=by_column_maxima),),
    block=2,
    cap=DEDUP_CAP,
)
