"""Expectations: one functional each, and the region in which theory says it lies."""

from claimcheck.expectations.base import Expectation, Functional, Look, Status
from claimcheck.expectations.deterministic import Certificate, Exact, Printed, Symbolic
from claimcheck.expectations.distribution import Distribution, Quantile
from claimcheck.expectations.means import Mean, RatioOfMeans
from claimcheck.expectations.probability import Probability
from claimcheck.expectations.slope import Slope

__all__ = [
    "Certificate",
    "Distribution",
    "Exact",
    "Expectation",
    "Functional",
    "Look",
    "Mean",
    "Printed",
    "Probability",
    "Quantile",
    "RatioOfMeans",
    "Slope",
    "Status",
    "Symbolic",
]
