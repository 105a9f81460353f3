"""Expectations: one functional each, and the region in which theory says it lies."""

from refutable.claims.expectations.base import Expectation, Functional
from refutable.claims.expectations.deterministic import Certificate, Exact, Printed, Symbolic
from refutable.claims.expectations.distribution import Distribution, Quantile
from refutable.claims.expectations.means import Mean, RatioOfMeans
from refutable.claims.expectations.probability import Probability
from refutable.claims.expectations.slope import ExactSlope, OfLadder, RateOfMean, Slope

__all__ = [
    "Certificate",
    "Distribution",
    "Exact",
    "ExactSlope",
    "Expectation",
    "Functional",
    "Mean",
    "OfLadder",
    "Printed",
    "Probability",
    "Quantile",
    "RateOfMean",
    "RatioOfMeans",
    "Slope",
    "Symbolic",
]
