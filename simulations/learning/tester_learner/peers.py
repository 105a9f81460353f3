"""Whether convex learners miss the error that the non-convex surrogate reaches.

Gollakota, Klivans, Stavropoulos and Vasilyan (ICLR 2024), why a non-convex surrogate; the noise
that tells the learners apart is ours.
"""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.learning.tester_learner._samples import (
    fitted,
    grid,
    massart_sample,
    stacked,
)
from refutable.solvers.halfspace import averaging_direction

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    Origin,
    Quantile,
    Scope,
)


def peers(cell: Cell, rng: Generator, size: int, stand_in: str = "") -> Columns:
    """Excess errors of the tester-learner and its peers on the same samples.

    Parameters
    ----------
    stand_in : str
        Name of a peer that is taken for the learner; the peers' own differences stay as they are.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``ours``, and by how much ``logistic``, ``svc`` and ``averaging`` exceed it.
    """
    columns = stacked([_side_by_side(cell, rng) for _ in range(size)])
    if stand_in:
        columns["ours"] = columns["ours"] + columns[stand_in]
    return columns


def _side_by_side(cell: Cell, rng: Generator) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    sample = massart_sample(cell, rng)
    x, y = sample.x, sample.y
    ours = sample.excess(fitted(cell, sample, rng).coef_[0])[0]
    directions = {
        "logistic": LogisticRegression(fit_intercept=False).fit(x, y).coef_[0],
        "svc": LinearSVC(fit_intercept=False, random_state=0).fit(x, y).coef_[0],
        "averaging": averaging_direction(x, y),
    }
    return {"ours": ours} | {k: sample.excess(w)[0] - ours for k, w in directions.items()}


CONVEX = ("logistic", "svc", "averaging")
SETTING = {
    "d": 3, "n": 4000, "sigma": 0.2, "eta": 0.1, "eps": 0.3,
    "batch": 2000, "steps": 30, "polish": 20,
}  # fmt: skip

PEERS = Claim(
    id="tester_learner.convex-peers-miss-opt",
    title="Convex learners keep an error that the non-convex learner does not",
    source="Introduction: why a non-convex surrogate; the noise is ours",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement="Under a Gaussian marginal and Massart noise on the quadrants where y* and an "
    "orthogonal direction agree, logistic regression, the linear SVM and averaging keep, in the "
    "median sample, an excess error above 0.01 over the learner's, whose own is below 0.01.",
    formula='"median of" quad "err"("convex") - "err"(h) >= 0.01',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="One noise at one rate; scikit-learn's defaults with no intercept. Nothing about "
    "peers with a bounded loss, and nothing about rare samples on which the learner fails.",
    cells=ByEffort(
        smoke=grid(("gaussian",), SETTING, "quadrant"),
        standard=grid(("gaussian",), SETTING | {"n": 20_000}, "quadrant"),
        full=grid(("gaussian", "quartic"), SETTING | {"n": 100_000, "sigma": 0.1}, "quadrant"),
    ),
    simulate=peers,
    expect=(
        Quantile("ours").at_most(0.01),
        *(Quantile(peer).at_least(0.01) for peer in CONVEX),
    ),
    controls=(
        BrokenWorld(
            "a fifth of the noise",
            cells=grid(("gaussian",), SETTING | {"eta": 0.02}, "quadrant"),
            judged_by=CONVEX,
        ),
        BrokenWorld(
            "the linear SVM in the learner's place",
            change={"stand_in": "svc"},
            cells=grid(("gaussian",), SETTING, "quadrant"),
            judged_by="ours",
        ),
        BrokenWorld(
            "random flips at the same rate, where every peer is consistent",
            cells=grid(("gaussian",), SETTING, "constant"),
            judged_by="logistic",
        ),
    ),
    block=16,
    cap=ByEffort(smoke=600, standard=800, full=800),
)
