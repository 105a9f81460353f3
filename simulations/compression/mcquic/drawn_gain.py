"""Whether drawn vectors cost so much more under the best factorised prior than under the joint."""

from __future__ import annotations

import numpy as np
from refutable.simulations.compression.mcquic._laws import (
    LAWS,
    covariance,
    gaussian,
    log_ratio,
    marginals,
    ratio_moments,
)
from refutable.simulations.compression.mcquic.rate_gain import MOTIVE
from refutable.solvers.mixture_em import Mixture, sample

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
    Mean,
    Origin,
    Scope,
)
from refutable.claims.expectations import Expectation

DRAWS = 1000
"""Vectors of one replicate."""
MARGIN = 0.02
"""In bits."""


def gaussian_factors(law: Mixture) -> tuple[Mixture, ...]:
    """Return Gaussian laws with the means and variances of the coordinates."""
    means, variances = law.weights @ law.means, np.diag(covariance(law))
    return tuple(
        Mixture(np.ones(1), means[i].reshape(1, 1), variances[i].reshape(1, 1, 1))
        for i in range(law.d)
    )


def drawn(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    drawn_from: Mixture | None = None,
    gaussian_prior: bool = False,
) -> Columns:
    """Mean over 1000 vectors of the bits that the joint prior saves, shape (size,).

    Parameters
    ----------
    drawn_from : Mixture, optional
        Another law of the vectors than the one that both priors are made for.
    gaussian_prior : bool
        Factors of the right means and variances, but Gaussian.
    """
    law = LAWS[cell.law]
    x, _ = sample(rng, drawn_from or law, DRAWS, size)
    factors = gaussian_factors(law) if gaussian_prior else marginals(law)
    saved = log_ratio(law, factors, x.reshape(-1, law.d))
    return {"saved": saved.reshape(size, DRAWS).mean(axis=1)}


def _predicted(cell: Cell) -> float:
    return ratio_moments(LAWS[cell.law])[0]


def _variance(cell: Cell) -> float:
    return ratio_moments(LAWS[cell.law])[1] / DRAWS


def _near(spread: float) -> Expectation:
    """Expect the predicted saving, of `spread` times the variance that the marginal laws leave."""
    return Mean("saved", variance_at_most=lambda cell: spread * _variance(cell)).near(
        _predicted, MARGIN
    )


DRAWN = Claim(
    id="mcquic.vector-prior-drawn",
    title="Drawn vectors cost the multi-information more without a joint prior",
    source=MOTIVE,
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Vectors drawn from Gaussian laws and from mixtures of two components cost, in a "
    "code for the best factorised prior, the multi-information more than in a code for the joint "
    "one, to 0.02 bits; also where their coordinates are uncorrelated.",
    formula="EE log_2 p(x) / (product_i p_i (x_i)) = sum_i H(x_i) - H(x)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Priors that have to be learned from data.",
    assumptions=(
        "both priors are made from the law that is drawn from",
        "the variance of the saving: in closed form for Gaussian laws, by quadrature for mixtures",
    ),
    cells=ByEffort(
        smoke=Cells(law=("correlation 0.5", "correlation 0.9", "two components", "uncorrelated")),
        standard=Cells(law=tuple(LAWS)),
        full=Cells(law=tuple(LAWS)),
    ),
    simulate=drawn,
    expect=(_near(1.0),),
    controls=(
        BrokenWorld(
            "vectors of correlation 0.89, priors for 0.9",
            change={"drawn_from": gaussian(0.89)},
            at={"law": "correlation 0.9"},
            # with R' for R the quadratic form varies by tr((I - R^-1) R')^2 / 2, 1.1 times as much
            expect=(_near(1.25),),
        ),
        BrokenWorld(
            "Gaussian factors of the right variances for two components",
            change={"gaussian_prior": True},
            at={"law": "two components"},
            # twice the standard deviation that the marginal laws leave
            expect=(_near(4.0),),
        ),
        FalseTheory(
            "no more than the first term of the series, $rho^2 / (2 log 2)$",
            Mean("saved", variance_at_most=_variance, law="correlation 0.5").at_most(0.195),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=1024, standard=4096, full=16_384),
    figure=Axis(x="law", label="law of the vectors"),
)
