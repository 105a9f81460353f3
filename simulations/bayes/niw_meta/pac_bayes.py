"""A PAC-Bayes bound on tables of labels, under posteriors that learn the noise by heart."""

from __future__ import annotations

import numpy as np
import scipy
from numpy.random import Generator
from refutable.theory.bayes import niw_meta as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Columns,
    Mean,
    Origin,
    Probability,
    Scope,
)

PLACES = SAMPLES = 400
"""A table has a label for each of 400 places; a sample has 400 places, some of them repeated."""
COLD = 4.0
"""How much more a posterior trusts the sample than the one for which the bound is least."""
TRADES = np.linspace(0.2, 1.8, 9)
DELTA = 0.05


def tables(cell: Cell, rng: Generator, size: int, share: float = 1.0) -> Columns:
    """Whether the bound is below the risk for any of nine posteriors, on samples of their own.

    Parameters
    ----------
    cell : Cell
        With ``chance`` of the more frequent label.
    share : float
        Of the divergence that is paid for.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``violated``, and ``slack`` of the bound where it is least.
    """
    visits = rng.multinomial(SAMPLES, np.full(PLACES, 1 / PLACES), size)
    ones = rng.binomial(visits, cell.chance)
    trades = TRADES[:, None, None]
    # A posterior of independent labels: of each place, how probable the label 1 is.
    belief = scipy.special.expit(COLD * trades * (2 * ones - visits))
    empirical = ((visits - ones) * belief + ones * (1 - belief)).sum(axis=-1) / SAMPLES
    risk = (cell.chance * (1 - belief) + (1 - cell.chance) * belief).mean(axis=-1)
    entropy = scipy.special.entr(belief) + scipy.special.entr(1 - belief)
    divergence = (np.log(2) - entropy).sum(axis=-1)
    bound = np.stack(
        [
            theory.pac_bayes_bound(e, share * k, SAMPLES, float(t), DELTA)
            for e, k, t in zip(empirical, divergence, TRADES, strict=True)
        ]
    )
    slack = (bound - risk).min(axis=0)
    return {"violated": slack < 0, "slack": slack}


PAC_BAYES = Claim(
    id="niw_meta.pac-bayes-lambda",
    title="A PAC-Bayes bound holds for posteriors that learn random labels by heart",
    source="the bound of Thiemann et al. (2017), recalled; the paper has one of this kind",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="On samples of 400 labels, random or four fifths alike, the bound at level 0.95 is "
    "below the risk of one of nine posteriors over tables of 400 labels in at most 5 % of samples.",
    formula='PP(exists t : EE_q R > (EE_q hat(R)) / (1 - t slash 2) + ("KL"(q || pi) + '
    "ln(2 sqrt(n) slash delta)) / (n t (1 - t slash 2))) <= delta",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The constants of the paper's own bound, which were not readable; that the bound "
    "is tight.",
    assumptions=(
        "uniform prior over tables; posteriors exp(-4 t n hat(R)), $t = 0.2$, 0.4, ..., 1.8",
        "400 places drawn uniformly with replacement, label 1 with the same chance everywhere",
    ),
    weak=True,
    cells=Cells(chance=(0.5, 0.8)),
    simulate=tables,
    expect=(Probability("violated").at_most(DELTA), Mean("slack").shown()),
    controls=(
        BrokenWorld(
            "a quarter of the divergence is paid for, labels four fifths alike",
            change={"share": 0.25},
            at={"chance": 0.8},
            judged_by="violated",
        ),
        BrokenWorld("no divergence is paid for", change={"share": 0.0}, judged_by="violated"),
    ),
    block=32,
    cap=1024,
    figure=Axis(x="chance", label="chance of the more frequent label"),
)
