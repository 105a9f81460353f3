"""Learning and testing halfspaces: projected SGD on the sphere, certificates, marginals, noises."""

from typing import TYPE_CHECKING, Any

from refutable.solvers.halfspace.bands import BandMoments, band_moments, orthogonal_coordinates
from refutable.solvers.halfspace.certificates import (
    AngleCertificate,
    angle_certificate,
    disagreement_certificate,
)
from refutable.solvers.halfspace.marginals import MARGINALS, sample_marginal
from refutable.solvers.halfspace.noise import (
    ATTACKS,
    MASSART,
    attack,
    flipped,
    halfspace_labels,
    massart_rates,
)
from refutable.solvers.halfspace.oblivious import averaging_direction, gaussian_moment_deviation
from refutable.solvers.halfspace.ramp import ramp_gradient, ramp_loss, ramp_slope
from refutable.solvers.halfspace.spectral import fourth_moment_bound
from refutable.solvers.halfspace.sphere_sgd import Path, Schedule, learn_direction
from refutable.solvers.halfspace.verdict import Certificate, Rejected, RejectedWarning, certify

if TYPE_CHECKING:
    from refutable.solvers.halfspace.estimator import TesterLearner

__all__ = [
    "ATTACKS",
    "MARGINALS",
    "MASSART",
    "AngleCertificate",
    "BandMoments",
    "Certificate",
    "Path",
    "Rejected",
    "RejectedWarning",
    "Schedule",
    "TesterLearner",
    "angle_certificate",
    "attack",
    "averaging_direction",
    "band_moments",
    "certify",
    "disagreement_certificate",
    "flipped",
    "fourth_moment_bound",
    "gaussian_moment_deviation",
    "halfspace_labels",
    "learn_direction",
    "massart_rates",
    "orthogonal_coordinates",
    "ramp_gradient",
    "ramp_loss",
    "ramp_slope",
    "sample_marginal",
]


def __getattr__(name: str) -> Any:
    """Load the estimator, and with it scikit-learn, when it is first asked for."""
    if name == "TesterLearner":
        from refutable.solvers.halfspace.estimator import TesterLearner

        return TesterLearner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
