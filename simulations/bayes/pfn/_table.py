"""Tables fitted to samples from a prior over coins: a PFN that is nothing but its counts."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.theory.bayes import pfn as theory

from refutable import FloatArray

LONGEST, PRIOR_A, PRIOR_B = 8, 2.0, 5.0
CELLS = (LONGEST + 1) * (LONGEST + 2) // 2

COINS = (
    "coins have a Beta(2, 5) prior; n is uniform on 0 to 8, k of n tosses are successes, and the "
    "next toss is predicted",
    "the table has a cell for each (k, n), 45 of them, each fitted on its own",
)


class Counts(NamedTuple):
    """What tables are fitted to.

    Attributes
    ----------
    tosses, successes : ndarray of int, shape (size, cells)
        Samples in each cell, and those of them whose next toss is a success.
    """

    tosses: NDArray[np.int64]
    successes: NDArray[np.int64]


@functools.cache
def law() -> FloatArray:
    """Return how probable each cell is."""
    return theory.table_law(LONGEST, PRIOR_A, PRIOR_B)


def predictive(a: float = PRIOR_A, b: float = PRIOR_B) -> FloatArray:
    """Return the posterior predictive of each cell, for a prior Beta(a, b)."""
    return theory.table_predictive(LONGEST, a, b)


def toss(
    rng: Generator, size: int, samples: int, b: float = PRIOR_B, foreign: float = 0.0
) -> Counts:
    """Draw coins from Beta(2, b), up to 8 tosses of each and the next one, and count.

    Parameters
    ----------
    size, samples : int
        Tables, and coins for each of them.
    b : float
    foreign : float
        Share of the next tosses that are of another coin.
    """
    shape = (size, samples)
    coin = rng.beta(PRIOR_A, b, shape)
    n = rng.integers(0, LONGEST + 1, shape)
    cell = rng.binomial(n, coin) + n * (n + 1) // 2 + CELLS * np.arange(size)[:, None]
    if foreign:
        coin = np.where(rng.random(shape) < foreign, rng.permuted(coin, axis=1), coin)
    following = cell[rng.random(shape) < coin]
    tosses, successes = (np.bincount(a.ravel(), minlength=size * CELLS) for a in (cell, following))
    return Counts(tosses.reshape(size, CELLS), successes.reshape(size, CELLS))


def count(rng: Generator, size: int, samples: int) -> Counts:
    """Draw the same counts without their coins: as many as there are cells, and not samples.

    Where a sample falls has the law `law`, and the next toss, the cell being given, the predictive:
    `toss` is for the claim that this is so.
    """
    tosses = rng.multinomial(samples, law(), size)
    return Counts(tosses, rng.binomial(tosses, predictive()))
