"""Feeds columns to one check, block by block."""

import itertools

import numpy as np

from refutable import Effort
from refutable.claims.cells import Cell
from refutable.deciding.checks import Check
from refutable.deciding.estimating import start
from refutable.deciding.outcomes import check_computed

CELL = Cell({"n": 4, "p": 0.25})
ALPHA = 1e-3
SIZES = (10, 20, 40, 80)


def outcomes(rng, size):
    """Return skewed, paired, binary, uniform and ladder columns."""
    den = rng.gamma(3.0, 1.0, size)
    return {
        "event": rng.random(size) < 0.3,
        "x": rng.exponential(2.0, size),
        "num": 0.7 * den + 0.2 * rng.standard_normal(size),
        "den": den,
        "u": rng.random(size) ** 1.2,
        "loss": np.array(SIZES) ** -0.5 * np.exp(0.1 * rng.standard_normal((size, 4))),
    }


def blocks_of(columns, cuts=()):
    """Cut columns into blocks at these rows."""
    ends = [0, *sorted(cuts), len(next(iter(columns.values())))]
    pairs = [(a, b) for a, b in itertools.pairwise(ends) if a < b]
    return [{name: values[a:b] for name, values in columns.items()} for a, b in pairs]


def look_at(functional, columns, cuts=(), alpha=ALPHA):
    """Return the last look, having looked after every block."""
    return _looked(functional, columns, cuts, alpha)[1]


def ladder_at(functional, columns, cuts=(), alpha=ALPHA):
    """Return the losses behind a slope, having looked after every block."""
    return _looked(functional, columns, cuts, alpha)[0].ladder


def _looked(functional, columns, cuts, alpha):
    accumulator = start(functional, CELL)
    look = accumulator.look(alpha)
    for block in blocks_of(columns, cuts):
        accumulator.add(block)
        look = accumulator.look(alpha)
    return accumulator, look


def judge(expectation, *blocks, alpha=ALPHA, close=False, effort=Effort.SMOKE):
    """Return the check of an expectation after these blocks."""
    check = Check(expectation, CELL, alpha, effort)
    for block in blocks:
        columns = {name: np.asarray(values) for name, values in block.items()}
        check.feed(columns, len(next(iter(columns.values()))))
    if close:
        check.close()
    return check


def computed(expectation, **values):
    """Return the closed check of an expectation on computed values."""
    return judge(expectation, check_computed(values), close=True)
