"""Whether blocks are new evidence: none repeats another, and no block has a level of its own.

Both tests are products of e-values whose mean is at most 1 for every law of independent replicates
(discrete, heavy-tailed, another one in each cell), so that Ville's inequality bounds the
probability of a false alarm at any time by the level, whatever one stops for.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection

import numpy as np
import scipy
from numpy.typing import NDArray

from refutable.claims.arrays import Columns, FloatArray
from refutable.claims.cells import Cell

SHARE = 1 / 20
"""Part of a claim's own error probability that a false alarm may have: far rarer than a wrong
verdict, and enough for a block that repeats another, or for three blocks with a level each."""

ROWS = 256
"""Replicates of a block that are looked at: more say the same, and cost."""

POOL = 2048
"""Replicates of a cell after which its blocks are no longer ranked: by then it has been seen."""

_TILTS = np.array([0.5, 1.0, 2.0, 4.0])
"""Of the rank sums, in standard deviations: which one is best depends on how large a level is."""

_EVEN = 2.0
"""Of the cosine that grows where rank sums scatter less than chance lets them."""

REPEATS = (
    "it repeats {where} bit for bit in {name!r}, so it is no new evidence. Draw from the `rng` "
    "that is handed over, from nothing that has a seed of its own."
)
SHARED = (
    "it shares {count} rows of {name!r} with {where}, though no row occurs twice inside a block. "
    "Draw every replicate anew from the `rng` that is handed over."
)
LEVELS = (
    "blocks have a level of their own in {name!r}: their rank sums differ by more than independent "
    "replicates allow. Draw what is random, such as the data set, once per replicate, not once per "
    "block."
)
EVEN = (
    "blocks are more alike in {name!r} than independent replicates allow. Draw every replicate on "
    "its own; balance or antithetic pairs belong inside one replicate."
)


class Watch:
    """Takes the blocks of a world in order, and says what is wrong with them as evidence.

    Parameters
    ----------
    names : collection of str
        Columns that somebody reads.
    level : float
        Probability that it says anything of independent replicates.
    """

    def __init__(self, names: Collection[str], level: float) -> None:
        tests = 4  # of each column: repeats, shared rows, levels that lie apart or too even
        threshold = math.log(tests * max(len(names), 1) / level)
        self.columns = {name: _Column(name, threshold) for name in sorted(names)}

    def take(self, cell: Cell, where: str, columns: Columns) -> str:
        """Return what is wrong with a block beside those before it, with the mend; else "".

        `where` names the block for those that come after it.
        """
        for name, column in self.columns.items():
            values = columns.get(name)
            if values is None or values.dtype.kind not in "biuf" or len(values) < 2:
                continue
            if doubt := column.take(cell, where, values[:ROWS]):
                return doubt
        return ""


class _Column:
    """The tests of one column."""

    def __init__(self, name: str, threshold: float) -> None:
        self.name, self.threshold = name, threshold
        self.seen: dict[bytes, str] = {}
        self.repeats = 0.0  # logarithm of the e-value
        self.blocks = 0
        self.last: dict[Cell, tuple[str, NDArray[np.generic]]] = {}
        self.levels = Levels()

    def take(self, cell: Cell, where: str, rows: NDArray[np.generic]) -> str:
        self.blocks += 1
        earlier = self._repeated(where, rows)
        if earlier and self.repeats >= self.threshold:
            return REPEATS.format(where=earlier, name=self.name)
        values = rows if rows.ndim == 1 else rows[:, -1]  # of a ladder, its last size
        if doubt := self._shared(cell, where, values):
            return doubt
        self.levels.add(cell, values.astype(np.float64))
        if self.levels.even >= self.threshold:
            return EVEN.format(name=self.name)
        return LEVELS.format(name=self.name) if self.levels.apart >= self.threshold else ""

    def _repeated(self, where: str, rows: NDArray[np.generic]) -> str:
        """Return the earlier block that this one repeats, and bet against such a thing.

        Whatever the law, a block that is drawn anew is the sequence v with a probability of at
        most exp(-m H), m being its length and H the entropy of v's own frequencies; there are at
        most k - 1 earlier ones. So 1 - w + w exp(m H) / (k - 1) at a repeat, and 1 - w else, is
        an e-value; the weight w = 1 / (k + 1) loses k + 1 in all.
        """
        key = hashlib.blake2b(np.ascontiguousarray(rows).tobytes(), digest_size=16).digest()
        key += repr(rows.shape).encode()
        earlier = self.seen.get(key, "")
        k = self.blocks
        self.repeats += math.log1p(-1 / (k + 1))
        if not earlier:
            self.seen[key] = where
            return ""
        gain = _surprise(rows) - math.log(k * (k - 1))
        self.repeats = float(np.logaddexp(self.repeats, self.repeats + gain))
        return earlier

    def _shared(self, cell: Cell, where: str, values: NDArray[np.generic]) -> str:
        """Say whether rows are shared with the block before, where no block has a row twice.

        Of 2 m exchangeable rows with k equal pairs, no pair falls into one half of them with
        probability 2**k C(2m - 2k, m - k) / C(2m, m), given the pairs; k blocks share 1 / k**2.
        """
        earlier, before = self.last.get(cell, ("", values[:0]))
        self.last[cell] = where, values
        if len(before) != len(values) or values.dtype.kind != "f" or _ties(values) or _ties(before):
            return ""
        count, m = len(np.intersect1d(before, values)), len(values)
        chance = count * math.log(2) + _log_halves(m - count) - _log_halves(m)
        if not count or -chance < self.threshold + math.log(2) + 2 * math.log(self.blocks):
            return ""
        return SHARED.format(count=count, name=self.name, where=earlier)


class Levels:
    """Rank sums of each block among those before it, in the same cell.

    Of exchangeable replicates they are independent of each other, and each has the law of the
    Mann-Whitney statistic, with the generating function of the Gaussian binomial coefficients
    (Mann & Whitney 1947). So cosh(theta U) over its mean is an e-value, and so is 1 + cos(theta U)
    over its mean: the one grows where blocks lie apart, the other where they are too even. Ties
    are broken at random, which leaves the law as it is.
    """

    def __init__(self) -> None:
        self._pools: dict[Cell, tuple[FloatArray, FloatArray]] = {}
        self._apart = np.zeros(len(_TILTS))
        self.even = 0.0
        """Logarithm of the e-value against blocks that are too much alike."""
        self._ties = np.random.default_rng(0)

    @property
    def apart(self) -> float:
        """Logarithm of the e-value against blocks that lie apart."""
        return float(np.logaddexp.reduce(self._apart)) - math.log(len(_TILTS))

    def add(self, cell: Cell, values: FloatArray) -> None:
        """Take the next block of a cell."""
        pool, marks = self._pools.get(cell, (values[:0], values[:0]))
        n, m = len(pool), len(values)
        if n >= POOL:
            return
        both = np.concatenate([pool, values])
        marks = np.concatenate([marks, self._ties.random(m)])
        self._pools[cell] = (both, marks)
        if n >= m > 1:
            order = np.lexsort((marks, both))
            rank_sum = float(np.flatnonzero(order >= n).sum())
            self._bet(rank_sum - m * (m - 1) / 2 - n * m / 2, n, m)

    def _bet(self, centred: float, n: int, m: int) -> None:
        deviation = math.sqrt(n * m * (n + m + 1) / 12)
        z = _TILTS * centred / deviation
        self._apart += np.logaddexp(z, -z) - math.log(2) - _log_mean(_TILTS / deviation, n, m)
        expected = _mean_cosine(_EVEN / deviation, n, m)
        cosine = math.cos(_EVEN * centred / deviation)
        # never all of the capital on one bet, so that it cannot come to nothing
        self.even += math.log1p(0.9 * cosine) - math.log1p(0.9 * expected)


def _log_mean(tilts: FloatArray, n: int, m: int) -> FloatArray:
    """Return log E cosh(theta U) of the centred rank sum of m among n + m replicates."""
    i = np.arange(1, m + 1)
    half = tilts[:, np.newaxis] / 2
    upper, lower = np.sinh(half * (n + i)) / (n + i), np.sinh(half * i) / i
    total: FloatArray = (np.log(upper) - np.log(lower)).sum(axis=1)
    return total


def _mean_cosine(tilt: float, n: int, m: int) -> float:
    """Return E cos(theta U), the same product with sines."""
    i = np.arange(1, m + 1)
    return float(np.prod(np.sin(tilt * (n + i) / 2) / (n + i) / (np.sin(tilt * i / 2) / i)))


def _surprise(rows: NDArray[np.generic]) -> float:
    """Return m H, with H the entropy of the frequencies of a block's rows."""
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    return float(-(counts * np.log(counts / len(rows))).sum())


def _ties(values: NDArray[np.generic]) -> bool:
    return len(np.unique(values)) < len(values)


def _log_halves(m: int) -> float:
    """Return the logarithm of the number of ways to halve 2 m things."""
    return float(scipy.special.gammaln(2 * m + 1) - 2 * scipy.special.gammaln(m + 1))
