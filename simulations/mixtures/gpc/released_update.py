"""How many centres the released update leaves when splits and merges are accepted."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.theory.mixtures import gpc as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    Origin,
    Scope,
)


def updated_centres(
    labelled: list[int], split: dict[int, bool], merge: dict[int, bool], drop_merged: bool = False
) -> int:
    """Return how many centres there are after one ``split_and_merge_op``, as it keeps its lists.

    Parameters
    ----------
    labelled : list of int
        Clusters that hold labelled points, which are never split.
    split : dict of int to bool
        The decision for every other cluster.
    merge : dict of int to bool
        The decision for every cluster that is not split.
    drop_merged : bool
        Keep only those that are neither split nor merged, which the code does not do.
    """
    unsplit = [k for k, decided in split.items() if not decided]
    unmerged = [k for k, decided in merge.items() if not decided]
    kept = {*labelled, *unmerged} if drop_merged else {*labelled, *unsplit, *unmerged}
    return len(kept) + 2 * sum(split.values()) + sum(merge.values())


def one_update(cell: Cell, rng: Generator, size: int, drop_merged: bool = False) -> Columns:
    """Draw decisions and compare the number of centres with clusters + splits + merges.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``excess`` over the count predicted; ``fewer``: centres lost by the update, below 0 if any
        were gained.
    """
    excess, fewer = np.empty(size), np.empty(size)
    for i in range(size):
        chance = rng.random((2, cell.k))
        split = {k: bool(chance[0, k] < 0.3) for k in range(cell.labelled, cell.k)}
        merge = {k: bool(chance[1, k] < 0.3) for k, decided in split.items() if not decided}
        centres = updated_centres(list(range(cell.labelled)), split, merge, drop_merged)
        splits, merges = sum(split.values()), sum(merge.values())
        excess[i] = centres - theory.released_centres(cell.k, splits, merges)
        fewer[i] = cell.k - centres
    return {"excess": excess, "fewer": fewer}


UPDATE = Claim(
    id="gpc.released-merge-adds-a-centre",
    title="In the released code an accepted merge adds a centre and removes none",
    source="split_and_merge_op of methods/contrastive_training/gmm_sm.py, commit e9716f4",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement=(
        "The released update keeps the centre of every cluster that is not split, merged or not, "
        "and appends the mean of each merged pair: the number of centres grows by one with every "
        "split and with every merge, and never falls."
    ),
    formula="K' = K + S + M",
    scope=Scope.ARITHMETIC,
    does_not_show=(
        "The lists are kept here as the code keeps them; it was not run. The paper's text may "
        "describe another update, and each epoch starts again from a given number of clusters, so "
        "nothing is said about results."
    ),
    notes=(
        "The list of centres to keep takes up all that were not split before it takes up those "
        "that were not merged, so leaving out the merged ones has no effect.",
        "A pair may be appended twice, once from either side: both decisions are drawn.",
    ),
    cells=Cells(k=(10, 100), labelled=(0, 5)),
    simulate=one_update,
    expect=(Exact("excess").equals(0.0), Exact("fewer").at_most(0.0)),
    controls=(BrokenWorld("merged clusters left out", change={"drop_merged": True}),),
    block=64,
    cap=64,
)
