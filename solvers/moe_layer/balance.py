"""Balance of a routing: the auxiliary loss, and how much of tokens and experts is covered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from refutable.solvers.argument_checks import (
    one_of,
    probabilities,
    refuse,
    whole_array,
    whole_number,
)
from refutable.solvers.moe_layer._choice import k_largest
from refutable.solvers.moe_layer.layer import Floats, Integers, Routing

__all__ = ["Coverage", "coverage", "distinct_experts", "load_balancing_loss"]

_Form = Literal["switch", "gshard"]


def load_balancing_loss(router: Floats, k: int = 1, *, form: _Form = "switch") -> Floats:
    """Return the auxiliary loss that asks for balanced experts.

    With f_i the share of all S k choices that fall on expert i and P_i the mean router probability,
    the form of Fedus et al. (2022, Switch, equation 4) is ``E sum_i f_i P_i``, and that of Lepikhin
    et al. (2021, GShard, algorithm 1) is ``(1/E) sum_i f_i P_i``; both papers count first choices
    (k = 1). Balanced routing gives 1 and 1/E^2. Code that counts f_i per token, not per choice,
    has k times these values.

    Parameters
    ----------
    router
        (..., S, E) router probabilities.
    k
        Choices per token that count, 1..E; ties go to the smaller expert id.
    form
        "switch" or "gshard".

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    ValueError
        If rows do not sum to 1, or an argument is out of range.
    """
    law = probabilities("router", router)
    if law.ndim < 2:
        refuse("router", law, "shape (..., S, E)")
    n_experts = law.shape[-1]
    count, name = whole_number("k", k, 1, n_experts), one_of("form", form, get_args(_Form))
    taken = np.zeros(law.shape)
    np.put_along_axis(taken, k_largest(law, count), 1.0, axis=-1)
    share = taken.mean(axis=-2) / count
    product = (share * law.mean(axis=-2)).sum(axis=-1)
    return np.asarray(product * n_experts if name == "switch" else product / n_experts)


@dataclass(frozen=True)
class Coverage:
    """What a routing with a capacity reaches, each as a fraction.

    Attributes
    ----------
    tokens
        Tokens with at least one kept choice.
    choices
        Choices that are kept.
    experts
        Experts that serve at least one token.
    """

    tokens: float
    choices: float
    experts: float


def coverage(routing: Routing) -> Coverage:
    """Return which fractions of tokens, choices and experts a routing covers."""
    # The first choice of an expert always has a slot, so that whoever is chosen serves.
    served = int(distinct_experts(routing.experts, routing.n_experts))
    tokens, choices = routing.kept.any(axis=1).mean(), routing.kept.mean()
    return Coverage(float(tokens), float(choices), served / routing.n_experts)


def distinct_experts(experts: Integers, n_experts: int) -> Integers:
    """Count the experts that a batch of tokens touches.

    Parameters
    ----------
    experts
        (..., S, k) expert ids in 0..E-1.
    n_experts
        E.

    Returns
    -------
    ndarray of int, shape (...)
    """
    count = whole_number("n_experts", n_experts)
    ids = whole_array("experts", experts, 0, count - 1, least=2)
    batch = ids.shape[:-2]
    touched = np.zeros((*batch, count), dtype=np.bool_)
    np.put_along_axis(touched, ids.reshape(*batch, -1), True, axis=-1)
    return np.asarray(touched.sum(axis=-1))
