"""How each functional of `refutable.claims.expectations` is estimated, by the functional's type.

===================  =============================================  =======================
module               functional                                     kernel
===================  =============================================  =======================
``probability``      `Probability`                                  ``bernoulli``
``declared``         `Mean` with bounds, or with a variance         ``betting``, ``catoni``
``ratios``           `RatioOfMeans` with bounds                     ``betting``
``means``            `Mean`, `RatioOfMeans`                         ``student``
``slopes``           `Slope`                                        ``empirical``
``slopes``           `ExactSlope`                                   none: every value
``rates``            `RateOfMean`                                   ``betting``, ``student``
``samples``          `Quantile`, `Distribution`                     ``empirical``
``values``           `Exact`, `Certificate`                         none: every value
``answers``          `Printed`, `Symbolic`                          ``deterministic``
===================  =============================================  =======================
"""

from refutable.deciding.estimating import (
    answers,
    means,
    probability,
    rates,
    samples,
    slopes,
    values,
)
from refutable.deciding.estimating.base import Accumulator, Look, Status, start

__all__ = [
    "Accumulator",
    "Look",
    "Status",
    "answers",
    "means",
    "probability",
    "rates",
    "samples",
    "slopes",
    "start",
    "values",
]
