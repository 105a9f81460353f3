"""Exact accounting of tensors and exact comparison with numbers as printed.

`inventory` turns a list of tensors into parameters, those that one token activates, bytes and
multiply-adds per token, in exact integers. `printed` reads numbers the way a table prints them: a
decimal string stands for the interval of all values that round to it, and means, ratios and
differences of such entries are computed without floating point. `granularity` asks whether a
printed share can be a count over n.
"""

from refutable.solvers.accounting.granularity import counts_that_print, is_count_over
from refutable.solvers.accounting.inventory import (
    Tensor,
    activated,
    bytes_stored,
    experts,
    linear,
    multiply_adds,
    parameters,
    repeated,
)
from refutable.solvers.accounting.printed import (
    Agreement,
    Interval,
    agreement,
    exact_mean,
    printed_interval,
    prints,
)

__all__ = [
    "Agreement",
    "Interval",
    "Tensor",
    "activated",
    "agreement",
    "bytes_stored",
    "counts_that_print",
    "exact_mean",
    "experts",
    "is_count_over",
    "linear",
    "multiply_adds",
    "parameters",
    "printed_interval",
    "prints",
    "repeated",
]
