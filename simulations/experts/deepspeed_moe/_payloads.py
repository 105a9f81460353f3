"""What ranks send one another, and the orders in which it may be left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Payload = NDArray[np.int64]


def labelled(ranks: int, width: int = 2) -> Payload:
    """Payload in which every number is unique: a block at the wrong place cannot go unnoticed."""
    return np.arange(ranks * ranks * width, dtype=np.int64).reshape(ranks, ranks, width)


def by_rank(delivered: Payload, group: int) -> Payload:
    """Leave the blocks in the order of the ranks they come from."""
    del group
    return delivered


def by_local_index(delivered: Payload, group: int) -> Payload:
    """Put the blocks in the order of the local index, then of the node, they come from."""
    ranks, _, width = delivered.shape
    nodes = delivered.reshape(ranks, ranks // group, group, width)
    return np.swapaxes(nodes, 1, 2).reshape(delivered.shape)
