"""Exponents of the bound of Theorem 4.2 along the corollaries' scalings."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from refutable.theory.learning import ood_unlabeled as theory
from refutable.theory.learning.ood_unlabeled import Sizes


def _sizes(corollary: str, t: float) -> Sizes:
    """Sizes along a corollary's scaling; `t` is m, d or 1/epsilon."""
    confidence = np.log(1 / 0.05)
    path = {
        "beats labelled points alone": Sizes(100, t, t**2 / 100, 100 / t),
        "free of the dimension": Sizes(t, 1000, t**3, 1 / t),
        "d/epsilon labelled points": Sizes(confidence * t, confidence * t**2, confidence * t**7),
        "d/epsilon labelled points, d = 1": Sizes(1, t, t**6),
        "only m/d unlabelled points": Sizes(100, t, t / 100, 100 / t),
    }
    return path[corollary]


def _slope(corollary: str) -> float:
    low, high = 1e8, 1e9
    values = [theory.excess_bound(_sizes(corollary, t)) for t in (low, high)]
    return float(np.log(values[1] / values[0]) / np.log(high / low))


def corollary_slope(cell: Any) -> Mapping[str, Any]:
    """Fit the exponent of the whole bound along a corollary's scaling."""
    return {"exponent": _slope(cell.corollary)}


def too_few_unlabelled(cell: Any) -> Mapping[str, Any]:
    """Take m/d unlabelled points where the corollary asks for m^2/d."""
    del cell
    return {"exponent": _slope("only m/d unlabelled points")}


def one_dimension(cell: Any) -> Mapping[str, Any]:
    """Keep d = 1, where the term in log(1/delta) decides."""
    del cell
    return {"exponent": _slope("d/epsilon labelled points, d = 1")}
