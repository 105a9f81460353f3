"""What the finite number of samples costs: the excess loss of a fitted table."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.pfn._table import CELLS, COINS, LONGEST, count, law, predictive
from refutable.theory.bayes import pfn as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    Scope,
    Slope,
)

SIZES = (10_000, 100_000, 1_000_000)


def excesses(
    cell: Cell, rng: Generator, size: int, pseudo: float = 0.5, extra: float = 0.0
) -> Columns:
    """Excess loss of tables fitted to more and more samples.

    Parameters
    ----------
    cell : Cell
        Without parameters.
    pseudo : float
        Successes, and failures, that are added to those of each cell.
    extra : float
        Share of samples that the tables have beyond what is said.

    Returns
    -------
    dict of ndarray, shape (size, 3) and (size,)
        ``excess``: in nats, for each of `SIZES`; ``relative``: the last one over ``cells / (2 N)``.
    """
    ladder = [_excess(rng, size, round(n * (1 + extra)), pseudo) for n in SIZES]
    excess = np.stack(ladder, axis=-1)
    return {"excess": excess, "relative": excess[:, -1] / _curve(cell, np.array(SIZES[-1:]))}


def _excess(rng: Generator, size: int, samples: int, pseudo: float) -> FloatArray:
    tosses, successes = count(rng, size, samples)
    p, q = predictive(), (successes + pseudo) / (tosses + 2 * pseudo)
    divergence = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    return np.asarray(divergence @ law())


def _curve(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    return theory.table_excess(LONGEST, sizes)


def _slower(cell: Cell, sizes: FloatArray) -> FloatArray:
    del cell
    return np.asarray(sizes**-0.93)


EXCESS = Claim(
    id="pfn.table-excess-loss",
    title="A fitted table loses half a nat for each cell, over the number of draws",
    source="Corollary 1.1 for the table of tabular-pfn-is-bayes",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="The loss of a fitted table exceeds that of the exact predictive by 45 cells over "
    "twice the number of samples: it falls as $1/N$ from 10,000 to 1,000,000 samples, "
    "and there its median is within a twentieth of what that of a chi-squared law is, "
    "0.985 of the mean.",
    formula='"med" "KL"(p || hat(q)_N) tilde.op "med"(chi^2_45)/(2 N)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The excess loss of a network: its weights are no free cells, and it stops "
    "before its minimum.",
    assumptions=(*COINS, "half a success and half a failure are added to each cell"),
    cells=Cells(),
    simulate=excesses,
    expect=(
        Slope("excess", SIZES, curve=_curve).near(0.0, 0.03),
        Quantile("relative", 0.5).near(theory.median_share(CELLS), 0.05),
    ),
    controls=(
        FalseTheory("falling as N^-0.93", Slope("excess", SIZES, curve=_slower).near(0.0, 0.03)),
        BrokenWorld(
            "twenty successes and failures added to each cell",
            change={"pseudo": 20.0},
            judged_by="excess",
        ),
        BrokenWorld("a tenth more samples", change={"extra": 0.1}, judged_by="relative"),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16_384, full=65_536),
    figure=Axis(x="samples", label="samples N", log=True),
)
