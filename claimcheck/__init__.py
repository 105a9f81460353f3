"""claimcheck turns a theorem into a check that can fail."""

from claimcheck._version import __version__
from claimcheck.cells import ByEffort, Cell, Cells
from claimcheck.claim import Axis, Claim
from claimcheck.controls import BrokenWorld, FalseTheory
from claimcheck.errors import ClaimcheckError, NeedsData
from claimcheck.expectations import (
    Certificate,
    Distribution,
    Exact,
    Mean,
    Printed,
    Probability,
    Quantile,
    RatioOfMeans,
    Slope,
    Symbolic,
)
from claimcheck.records import Effort, Evidence, Paper, Scope, Verdict

__all__ = [
    "Axis",
    "BrokenWorld",
    "ByEffort",
    "Cell",
    "Cells",
    "Certificate",
    "Claim",
    "ClaimcheckError",
    "Distribution",
    "Effort",
    "Evidence",
    "Exact",
    "FalseTheory",
    "Mean",
    "NeedsData",
    "Paper",
    "Printed",
    "Probability",
    "Quantile",
    "RatioOfMeans",
    "Scope",
    "Slope",
    "Symbolic",
    "Verdict",
    "__version__",
]
