"""The Python interface: decide claims in a notebook, a script or a test.

By the same rule, seeds and stores as the command, which decides no differently.
"""

from refutable.interface.checking import check, find, load, plan, run
from refutable.interface.result import RequirementError, Result
from refutable.interface.results import Results

__all__ = ["RequirementError", "Result", "Results", "check", "find", "load", "plan", "run"]
