"""How each functional of `refutable.claims.expectations` is estimated, by the functional's type.

===================  =============================================  ====================
module               functional                                     kernel
===================  =============================================  ====================
``probability``      `Probability`                                  ``bernoulli``
``means``            `Mean`, `RatioOfMeans`                         ``student``
``slopes``           `Slope`                                        ``student``
``samples``          `Quantile`, `Distribution`                     ``empirical``
``values``           `Exact`, `Certificate`                         none: every value
``answers``          `Printed`, `Symbolic`                          ``deterministic``
===================  =============================================  ====================
"""

from refutable.deciding.estimating import answers, means, probability, samples, slopes, values
from refutable.deciding.estimating.base import Accumulator, Look, Status, start

__all__ = [
    "Accumulator",
    "Look",
    "Status",
    "answers",
    "means",
    "probability",
    "samples",
    "slopes",
    "start",
    "values",
]
