"""Learning and testing halfspaces: projected SGD on the sphere, certificates, marginals, noises."""

from solvers.halfspace.bands import BandMoments, band_moments, orthogonal_coordinates
from solvers.halfspace.certificates import (
    AngleCertificate,
    angle_certificate,
    disagreement_certificate,
)
from solvers.halfspace.estimator import TesterLearner
from solvers.halfspace.marginals import MARGINALS, sample_marginal
from solvers.halfspace.noise import (
    ATTACKS,
    MASSART,
    attack,
    flipped,
    halfspace_labels,
    massart_rates,
)
from solvers.halfspace.oblivious import averaging_direction, gaussian_moment_deviation
from solvers.halfspace.ramp import ramp_gradient, ramp_loss, ramp_slope
from solvers.halfspace.spectral import fourth_moment_bound
from solvers.halfspace.sphere_sgd import Path, Schedule, learn_direction
from solvers.halfspace.verdict import Certificate, Rejected, certify

__all__ = [
    "ATTACKS",
    "MARGINALS",
    "MASSART",
    "AngleCertificate",
    "BandMoments",
    "Certificate",
    "Path",
    "Rejected",
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
