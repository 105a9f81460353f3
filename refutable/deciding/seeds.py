"""Every block's generator, from what the block is and nothing else."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from refutable.claims.cells import Cell


def entropy(suite_seed: int, claim_id: str, cell: Cell, block: int) -> int:
    """Return the 128-bit seed of a block.

    All worlds of a claim share it, so that methods compared in one cell see the same numbers.
    """
    key = json.dumps([suite_seed, claim_id, cell.canonical, block], separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=16).digest(), "big")


def generator(suite_seed: int, claim_id: str, cell: Cell, block: int) -> np.random.Generator:
    """Return the generator of a block: PCG64, independent of workers, order and resumption."""
    return np.random.Generator(np.random.PCG64(entropy(suite_seed, claim_id, cell, block)))
