"""EM for Gaussian mixtures, batched over replicates and starts: soft, hard and stepwise.

Covariances are full, diagonal, spherical, tied, or one variance for all. Every fit carries a
:class:`Status`. Given some coordinates, the law, moments and draws of the rest are at hand, too, as
are scores and the law of x given x + noise.
"""

from refutable.solvers.mixture_em.centres import kmeans_plus_plus, nearest
from refutable.solvers.mixture_em.conditional import (
    conditional,
    marginal,
    mean_and_covariance,
    sample_each,
)
from refutable.solvers.mixture_em.density import (
    log_density,
    log_joint,
    responsibilities,
    sample,
)
from refutable.solvers.mixture_em.em import Fit, Rule, fit
from refutable.solvers.mixture_em.mixture import Mixture
from refutable.solvers.mixture_em.score import (
    noised,
    posterior,
    posterior_covariance,
    posterior_mean,
    score,
)
from refutable.solvers.mixture_em.starts import mixture_at, mixture_of_labels
from refutable.solvers.mixture_em.status import Status
from refutable.solvers.mixture_em.stepwise import decaying_steps, fit_stepwise

__all__ = [
    "Fit",
    "Mixture",
    "Rule",
    "Status",
    "conditional",
    "decaying_steps",
    "fit",
    "fit_stepwise",
    "kmeans_plus_plus",
    "log_density",
    "log_joint",
    "marginal",
    "mean_and_covariance",
    "mixture_at",
    "mixture_of_labels",
    "nearest",
    "noised",
    "posterior",
    "posterior_covariance",
    "posterior_mean",
    "responsibilities",
    "sample",
    "sample_each",
    "score",
]
