"""Activations of the gate, each with its derivative and the code compiled loops know it by."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

__all__ = ["ACTIVATIONS", "Activation"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Activation:
    """A gate activation s.

    Parameters
    ----------
    code : int
        Its number in the compiled loops.
    value, slope : callable
        s and its derivative, elementwise.
    degree : int or None
        p if s(cz) - s(0) = c^p (s(z) - s(0)) for every c > 0 (homogeneous up to a constant, which
        cancels in the gate), otherwise None.
    """

    code: int
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    degree: int | None


def _above(base: str, constant: float, code: int) -> Activation:
    """Return an activation plus a constant."""
    plain = ACTIVATIONS[base]
    return Activation(code, lambda z: plain.value(z) + constant, plain.slope, plain.degree)


def _swish_slope(z: Array) -> Array:
    s = scipy.special.expit(z)
    return np.asarray(s * (1 + z * scipy.special.expit(-z)), dtype=np.float64)


def _elu(z: Array) -> Array:
    return np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))


def _elu_slope(z: Array) -> Array:
    return np.exp(np.minimum(z, 0.0))


def _softplus(z: Array) -> Array:
    return np.asarray(np.logaddexp(0.0, z), dtype=np.float64)


def _gelu_slope(z: Array) -> Array:
    density = np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
    return np.asarray(scipy.special.ndtr(z) + z * density, dtype=np.float64)


def _sigmoid_slope(z: Array) -> Array:
    return np.asarray(scipy.special.expit(z) * scipy.special.expit(-z), dtype=np.float64)


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(0, lambda z: z, np.ones_like, 1),
    "relu": Activation(1, lambda z: np.maximum(z, 0.0), lambda z: (z > 0).astype(np.float64), 1),
    "square": Activation(2, lambda z: z * z, lambda z: 2 * z, 2),
    "cube": Activation(3, lambda z: z**3, lambda z: 3 * z * z, 3),
    "sigmoid": Activation(4, lambda z: np.asarray(scipy.special.expit(z)), _sigmoid_slope, None),
    "tanh": Activation(5, np.tanh, lambda z: 1 - np.tanh(z) ** 2, None),
    "gelu": Activation(6, lambda z: np.asarray(z * scipy.special.ndtr(z)), _gelu_slope, None),
    "softplus": Activation(7, _softplus, lambda z: np.asarray(scipy.special.expit(z)), None),
    "swish": Activation(8, lambda z: np.asarray(z * scipy.special.expit(z)), _swish_slope, None),
    "elu": Activation(9, _elu, _elu_slope, None),
}
ACTIVATIONS |= {
    "linear + 1": _above("linear", 1.0, 10),
    "square + 3": _above("square", 3.0, 11),
    "relu - 1": _above("relu", -1.0, 12),
}
