"""The Python interface: decide claims in a notebook, a script or a test.

By the same rule, seeds and stores as the command, which decides no differently.
"""

from refutable.interface.bounds import TightnessResult, tightness
from refutable.interface.checking import check, find, load, plan, run
from refutable.interface.comparing import Changes, compare, report
from refutable.interface.maps import MapResult
from refutable.interface.maps import map_over as map
from refutable.interface.onsets import OnsetResult, onset
from refutable.interface.result import RequirementError, Result
from refutable.interface.results import Results

__all__ = [
    "Changes",
    "MapResult",
    "OnsetResult",
    "RequirementError",
    "Result",
    "Results",
    "TightnessResult",
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
