"""LAME: soft labels of a batch, smoothed over a graph of features, and what they minimise.

Boudiaf, Mueller, Ben Ayed and Bertinetto (CVPR 2022). From q, the classifier's probabilities, all
rows at once are set to ``z_i <- softmax(log q_i + sum_j w_ij z_j)``. Derived here for symmetric W:
with ``L_c(z) = sum_i KL(z_i | q_i) - c sum_ij w_ij <z_i, z_j>``, z+ the update of z, D = z+ - z,

    L_1/2(z) - L_1/2(z+) = KL(z | z+) + (1/2) sum_ij w_ij <D_i, D_j>          (`decrease`)
    E(z, z+) - E(z+, z++) = KL(z | z++),  E(a, b) = KL(a | q) + KL(b | q) - sum_ij w_ij <a_i, b_j>

The rows of D sum to zero, so Pinsker's inequality gives ``KL(z | z+) >= |D|_2^2``, and L_1/2 cannot
increase if the least eigenvalue of W is -2 or more. At -2 two samples that repel each other begin
to swap labels for ever (`exchange_threshold`), so -2 is the best constant.
"""

from math import atanh, tanh

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from refutable import Paper

PAPER = Paper(
    key="lame",
    field="mixtures",
    title="Parameter-free Online Test-time Adaptation",
    authors=("Malik Boudiaf", "Romain Mueller", "Ismail Ben Ayed", "Luca Bertinetto"),
    year=2022,
    venue="CVPR 2022",
    arxiv="2201.05718",
    code="https://github.com/fiveai/LAME",
    read="the abstract; the public code (adaptation module and its defaults); the objective and "
    "its bound in a third party's derivation. The paper's own pages were not at hand",
    not_checked=(
        "accuracies on ImageNet and its shifts, run time and memory: need image models",
        "the comparison with TENT, SHOT, AdaBN and pseudo-labels",
    ),
)

Floats = NDArray[np.float64]

FLOOR = 1e-10
"""Added to the probabilities inside the logarithm, in the code."""

LEAST_EIGENVALUE = -2.0
"""Of W, down to which L_1/2 cannot increase."""


def log_prior(probabilities: ArrayLike) -> Floats:
    """Return ``log(q + 1e-10)``, minus the unary term of the code."""
    return np.asarray(np.log(np.asarray(probabilities, dtype=np.float64) + FLOOR))


def divergence(z: Floats, log_q: Floats) -> Floats:
    """``sum_i KL(z_i | q_i)``, for unnormalised q as well.

    Parameters
    ----------
    z, log_q : array, shape (..., n, k)

    Returns
    -------
    array, shape (...)
    """
    return np.asarray((scipy.special.xlogy(z, z) - z * log_q).sum((-2, -1)))


def agreement(z: Floats, other: Floats, affinity: Floats) -> Floats:
    """``sum_ij w_ij <z_i, other_j>``, shape (...)."""
    return np.asarray((z * (affinity @ other)).sum((-2, -1)))


def objective(z: Floats, log_q: Floats, affinity: Floats, coefficient: float = 0.5) -> Floats:
    """L_c, shape (...); the third-party derivation states c = 1, the update belongs to c = 1/2."""
    return np.asarray(divergence(z, log_q) - coefficient * agreement(z, z, affinity))


def code_energy(z: Floats, new: Floats, log_q: Floats, affinity: Floats) -> Floats:
    """``KL(z+ | q) - sum_ij w_ij <z+_i, z_j>``: what the code watches to stop."""
    return np.asarray(divergence(new, log_q) - agreement(new, z, affinity))


def two_step_energy(z: Floats, new: Floats, log_q: Floats, affinity: Floats) -> Floats:
    """E(z, z+): the code's energy plus ``KL(z | q)``; for symmetric W it never increases."""
    return np.asarray(code_energy(z, new, log_q, affinity) + divergence(z, log_q))


def decrease(z: Floats, new: Floats, affinity: Floats) -> Floats:
    """By how much the update from z to `new` lowers L_1/2, for symmetric W; shape (...)."""
    step = new - z
    return np.asarray(divergence(z, np.log(new)) + agreement(step, step, affinity) / 2)


def exchange_fixed_point(weight: float, logit: float) -> float:
    """Logit x of sample 1 at the fixed point of two samples that ask for each other's label.

    ``W = w [[0, 1], [1, 0]]``, priors with logits l and -l: the samples stay opposite, and the
    update is ``x -> l - w tanh(x/2)``.

    Parameters
    ----------
    weight : float
        w > 0.
    logit : float
        l >= 0.
    """
    low, high = -1.0, float(logit) + 1.0
    return float(scipy.optimize.brentq(lambda x: x - logit + weight * tanh(x / 2), low, high))


def exchange_threshold(logit: float) -> float:
    """Weight above which those two samples cycle.

    The slope ``-(w/2) (1 - t^2)``, t = tanh(x/2), of the update is -1 at the fixed point:
    w = 2/(1 - t^2) with ``2 atanh(t) + 2 t/(1 - t^2) = l``; 2 at l = 0.
    """

    def surplus(t: float) -> float:
        return 2 * atanh(t) + 2 * t / (1 - t * t) - logit

    t = float(scipy.optimize.brentq(surplus, 0.0, 1 - 1e-12, xtol=1e-15))
    return 2 / (1 - t * t)


def exchange_cycle(weight: float, logit: float) -> tuple[float, float]:
    """Logits (high, low) of sample 1 between which it alternates; equal below the threshold.

    Eliminating one of them, ``x = l - w tanh((l - w tanh(x/2))/2)``: its largest root lies between
    the fixed point and l + w, and the map has no other stable cycle, as the Schwarzian derivative
    of tanh is negative.
    """
    middle = exchange_fixed_point(weight, logit)
    if weight <= exchange_threshold(logit):
        return middle, middle

    def low(x: float) -> float:
        return logit - weight * tanh(x / 2)

    # Just above the fixed point the twofold update moves away from it.
    start = middle + 1e-6 * weight
    high = scipy.optimize.brentq(lambda x: low(low(x)) - x, start, logit + weight, xtol=1e-14)
    return float(high), low(float(high))


def exchange_objective(high: float, low: float, weight: float, logit: float) -> tuple[float, float]:
    """L_1/2 at the two ends of the cycle, the opposite sample having the opposite logit."""
    prior = np.array([[0.0, -logit], [-logit, 0.0]])
    log_q = scipy.special.log_softmax(prior, axis=-1)
    weights = weight * np.array([[0.0, 1.0], [1.0, 0.0]])
    first, second = (
        objective(scipy.special.softmax([[0.0, -x], [-x, 0.0]], axis=-1), log_q, weights)
        for x in (high, low)
    )
    return float(first), float(second)
