"""Exact accounting of tensors and exact comparison with numbers as printed.

`inventory` turns a list of tensors into parameters, bytes and multiply-adds per token, in exact
integers. `printed` reads numbers the way a table prints them: a decimal string stands for the
interval of all values that round to it, and means, ratios and differences of such entries are
computed without floating point.
"""

from refutable.solvers.accounting.inventory import (
    Tensor,
    bytes_stored,
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
    "agreement",
    "bytes_stored",
    "exact_mean",
    "linear",
    "multiply_adds",
    "parameters",
    "printed_interval",
    "prints",
    "repeated",
]
