"""claimcheck turns a theorem into a check that can fail."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from claimcheck._version import __version__

if TYPE_CHECKING:
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
else:
    _HOMES = ("records", "errors", "cells", "expectations", "controls", "claim")

    def __getattr__(name: str) -> object:
        """Load a name when it is first asked for: the command answers Ctrl-C while it loads."""
        for home in _HOMES if name in __all__ else ():
            module = importlib.import_module(f"claimcheck.{home}")
            if hasattr(module, name):
                return globals().setdefault(name, getattr(module, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__


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
