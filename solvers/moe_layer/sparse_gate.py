"""The sparse gate softmax(TopK(z)) as a vector over all experts, zero outside the chosen ones."""

from __future__ import annotations

import numpy as np
import scipy
from refutable.solvers.argument_checks import finite_array, whole_number
from refutable.solvers.moe_layer._choice import k_largest
from refutable.solvers.moe_layer.layer import Floats

__all__ = ["keep_top_k", "sparse_gate"]


def keep_top_k(logits: Floats, k: int) -> Floats:
    """Set all but the k largest router outputs of a token to minus infinity.

    KeepTopK of Shazeer et al. (2017), equation 5.

    Parameters
    ----------
    logits
        (..., E) router outputs.
    k
        Choices per token, 1..E. Ties go to the smaller expert id.

    Returns
    -------
    ndarray, shape (..., E)

    Raises
    ------
    ValueError
        If `logits` is empty or not finite, or `k` is out of range.
    """
    outputs = finite_array("logits", logits, least=1)
    count = whole_number("k", k, 1, outputs.shape[-1])
    chosen = k_largest(outputs, count)
    kept = np.full(outputs.shape, -np.inf)
    np.put_along_axis(kept, chosen, np.take_along_axis(outputs, chosen, axis=-1), axis=-1)
    return kept


def sparse_gate(logits: Floats, k: int) -> Floats:
    """Return softmax(TopK(z)), (..., E), for router outputs as in `keep_top_k`."""
    return np.asarray(scipy.special.softmax(keep_top_k(logits, k), axis=-1))
