"""Whether the tester accepts the marginals that it promises to accept.

Gollakota, Klivans, Stavropoulos and Vasilyan (ICLR 2024), definition of testable learning and
Theorem 4.1, tried with an explicit-constant variant of their Algorithm 1: the paper prints no
constants.
"""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.learning.tester_learner._samples import (
    LARGE,
    SMALL,
    TINY,
    fitted,
    grid,
    massart_sample,
    stacked,
)
from refutable.theory.learning import tester_learner as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    Columns,
    Onset,
    Origin,
    Probability,
    Quantile,
    Scope,
)


def acceptance(cell: Cell, rng: Generator, size: int) -> Columns:
    """Verdict and certified excess U of the tester-learner on `size` samples.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``accepted`` and ``certified`` (the bound U on the excess error).
    """
    rows = []
    for _ in range(size):
        model = fitted(cell, massart_sample(cell, rng), rng)
        rows.append({"accepted": model.accepted_, "certified": model.certificate_.excess})
    return stacked(rows)


SHARP = LARGE | {"n": 1_000_000, "sigma": 0.05, "eps": 0.15}
STRONGLY_LOG_CONCAVE = ("quartic", "truncated")


def _elsewhere(marginal: str) -> BrokenWorld:
    return BrokenWorld(
        f"the marginal is {marginal.replace('_', ' ')} instead",
        cells=ByEffort(
            smoke=grid((marginal,), TINY),
            standard=grid((marginal,), SMALL),
            full=grid((marginal,), LARGE),
        ),
    )


COMPLETENESS = Claim(
    id="tester_learner.completeness",
    title="The tester accepts Gaussian and strongly log-concave data",
    source="Definition of testable learning; Theorem 4.1 (completeness), explicit constants ours",
    origin=Origin.IMPLIED,
    basis=Basis.THIRD_PARTY,
    statement="If the marginal is Gaussian (or another isotropic strongly log-concave law) and the "
    "noise is eta-Massart, the tester accepts with probability at least 1 - delta, "
    "$delta = 0.05$.",
    formula='PP["accept"] >= 1 - delta',
    scope=Scope.SCALED_DOWN,
    does_not_show="Nothing about the paper's own constants or its polynomial sample size; one "
    "Massart noise (eta on a half-space), dimensions 2 to 5, excess eps of 0.15 to 0.35.",
    assumptions=("isotropic strongly log-concave marginal", "Massart noise with a known rate eta"),
    cells=ByEffort(
        smoke=grid(("gaussian",), TINY),
        standard=grid(("gaussian",), SMALL | {"eps": 0.25}) + grid(STRONGLY_LOG_CONCAVE, SMALL),
        full=grid(("gaussian",), SHARP) + grid(STRONGLY_LOG_CONCAVE, LARGE),
    ),
    simulate=acceptance,
    expect=(
        Probability("accepted").at_least(1 - theory.DELTA),
        Quantile("certified").shown(
            lambda cell: theory.gaussian_certificate(cell.sigma, cell.eta)[1]
        ),
    ),
    controls=(
        BrokenWorld(
            "15,000 points instead of 40,000", cells=grid(("gaussian",), TINY | {"n": 15_000})
        ),
        _elsewhere("hypercube"),
        _elsewhere("gap"),
    ),
    block=10,
    cap=ByEffort(smoke=600, standard=800, full=800),
    onset=Onset(
        along="n",
        between=(10_000, 80_000),
        scale="log",
        at={k: v for k, v in TINY.items() if k != "n"} | {"marginal": "gaussian", "noise": "half"},
        tolerance=0.3,
        budget=30_000,
        block=50,
    ),
)
