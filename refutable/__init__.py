"""refutable turns a theorem into a check that can fail."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from refutable._version import __version__

if TYPE_CHECKING:
    from refutable.claims.arrays import Columns, FloatArray, Values
    from refutable.claims.axis import Axis
    from refutable.claims.cells import ByEffort, Cell, Cells
    from refutable.claims.claim import Claim
    from refutable.claims.controls import BrokenWorld, FalseTheory, MendedWorld, RightTheory
    from refutable.claims.expectations import (
        Certificate,
        Distribution,
        Exact,
        ExactSlope,
        Mean,
        Printed,
        Probability,
        Quantile,
        RateOfMean,
        RatioOfMeans,
        Slope,
        Symbolic,
    )
    from refutable.claims.onsets import Onset
    from refutable.claims.planes import Map
    from refutable.claims.records import Basis, Effort, Evidence, Origin, Paper, Scope, Verdict
    from refutable.errors import NeedsData, RefutableError
    from refutable.interface import (
        Changes,
        MapResult,
        OnsetResult,
        Result,
        Results,
        TightnessResult,
        check,
        compare,
        find,
        load,
        map,
        onset,
        plan,
        report,
        run,
        tightness,
    )
else:
    _HOMES = (
        "claims.arrays",
        "claims.records",
        "errors",
        "claims.cells",
        "claims.expectations",
        "claims.controls",
        "claims.axis",
        "claims.claim",
        "claims.onsets",
        "claims.planes",
        "interface",
    )

    def __getattr__(name: str) -> object:
        """Load a name when it is first asked for: the command answers Ctrl-C while it loads."""
        for home in _HOMES if name in __all__ else ():
            module = importlib.import_module(f"refutable.{home}")
            if hasattr(module, name):
                return globals().setdefault(name, getattr(module, name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "Axis",
    "Basis",
    "BrokenWorld",
    "ByEffort",
    "Cell",
    "Cells",
    "Certificate",
    "Changes",
    "Claim",
    "Columns",
    "Distribution",
    "Effort",
    "Evidence",
    "Exact",
    "ExactSlope",
    "FalseTheory",
    "FloatArray",
    "Map",
    "MapResult",
    "Mean",
    "MendedWorld",
    "NeedsData",
    "Onset",
    "OnsetResult",
    "Origin",
    "Paper",
    "Printed",
    "Probability",
    "Quantile",
    "RateOfMean",
    "RatioOfMeans",
    "RefutableError",
    "Result",
    "Results",
    "RightTheory",
    "Scope",
    "Slope",
    "Symbolic",
    "TightnessResult",
    "Values",
    "Verdict",
    "__version__",
    "check",
    "compare",
    "find",
    "load",
    "map",
    "onset",
    "plan",
    "report",
    "run",
    "tightness",
]
