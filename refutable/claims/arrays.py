"""The array types that claims and their experiments speak of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]
"""Outcome names to arrays with one row per replicate: what `simulate` returns."""
Values = dict[str, Any]
"""Outcome names to values: what `compute` returns."""
