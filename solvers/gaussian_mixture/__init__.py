"""Two-class Gaussian mixtures: sampling, statistics, exact errors of linear rules.

The model throughout is ``y`` in {-1, +1} and ``x | y ~ N(y mean, sigma^2 I_d)``. The signed point
``u = y x ~ N(mean, sigma^2 I_d)`` carries everything that a symmetric linear rule needs.
"""

from refutable.solvers.gaussian_mixture.linear import (
    accuracy,
    class_accuracies,
    robust_class_errors,
)
from refutable.solvers.gaussian_mixture.sampling import (
    balanced_labels,
    random_directions,
    sample_mean_estimator,
    sample_mixture,
    sample_signed,
)
from refutable.solvers.gaussian_mixture.spectral import (
    sample_mixture_moment,
    sample_wishart,
    second_moment,
    top_directions,
)
from refutable.solvers.gaussian_mixture.statistics import (
    ClassStatistics,
    class_statistics,
    mean_estimator,
)

__all__ = [
    "ClassStatistics",
    "accuracy",
    "balanced_labels",
    "class_accuracies",
    "class_statistics",
    "mean_estimator",
    "random_directions",
    "robust_class_errors",
    "sample_mean_estimator",
    "sample_mixture",
    "sample_mixture_moment",
    "sample_signed",
    "sample_wishart",
    "second_moment",
    "top_directions",
]
