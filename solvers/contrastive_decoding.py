"""Next-token logits contrasted with those of a weaker model, on the tokens that are plausible.

Li et al. (2023) subtract the weak log-probabilities; O'Brien and Lewis (2023) write the contrast as
``(1 + beta) z_strong - beta z_weak``, which is the strong model at beta 0. Both keep only tokens
whose probability is at least alpha times the greatest.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Bools,
    Floats,
    between,
    equal_shapes,
    finite_array,
    nonnegative,
)

__all__ = ["contrasted_logits", "plausible"]


def plausible(logits: ArrayLike, alpha: float) -> Bools:
    """Say which tokens have at least alpha times the greatest probability.

    Parameters
    ----------
    logits : array_like, shape (..., V)
        Up to a constant for each row.
    alpha : float in [0, 1]
        0 keeps every token, 1 the best alone.

    Returns
    -------
    bool array, shape (..., V)

    Raises
    ------
    ValueError
        If the logits are not finite or have no axis, or alpha lies outside [0, 1].
    """
    values = finite_array("logits", logits, least=1)
    share = between("alpha", alpha, 0, 1)
    cutoff = math.log(share) if share > 0 else -math.inf
    return np.asarray(values >= values.max(axis=-1, keepdims=True) + cutoff)


def contrasted_logits(strong: ArrayLike, weak: ArrayLike, beta: float, alpha: float) -> Floats:
    """Return ``(1 + beta) strong - beta weak`` where `strong` is plausible, elsewhere -inf.

    Parameters
    ----------
    strong, weak : array_like, shape (..., V)
        Logits of the same tokens.
    beta : float
        Strength of the contrast, at least 0.
    alpha : float in [0, 1]
        As in `plausible`.

    Raises
    ------
    ValueError
        As for `plausible`, and if shapes differ or beta is negative.
    """
    better, worse = (
        finite_array(name, z, least=1) for name, z in (("strong", strong), ("weak", weak))
    )
    equal_shapes("strong", better, "weak", worse)
    strength = nonnegative("beta", beta)
    contrast = (1 + strength) * better - strength * worse
    return np.where(plausible(better, alpha), contrast, -np.inf)
