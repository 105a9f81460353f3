r"""Kernels of a fully connected network as its layers grow wide: NNGP and NTK, both by recursion.

.. math:: f(x)=\sqrt{w_o/n}\,v\cdot\varphi(h_L)+\sqrt{b_o}\,c,\qquad
   h_{l+1}=\sqrt{w/n}\,W\varphi(h_l)+\sqrt b\,c_l,\qquad h_1=\sqrt{w/d}\,Wx+\sqrt b\,c_1,

all of W, v, c standard normal (the parametrisation of Jacot, Gabriel and Hongler 2018). The NNGP
kernel is the covariance of f; the NTK is the product of its gradients by all parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite_array,
    nonnegative,
    one_of,
    positive,
    whole_number,
)
from refutable.solvers.kernels.activations import ActivationKernel, erf_kernel, relu_kernel

Activation = Literal["erf", "relu"]
_DUALS: dict[str, Callable[[ArrayLike], ActivationKernel]] = {
    "erf": erf_kernel,
    "relu": relu_kernel,
}


@dataclass(frozen=True)
class WideKernels:
    """Kernels of one network at n points.

    Attributes
    ----------
    nngp, ntk : array, shape (..., n, n)
    """

    nngp: Floats
    ntk: Floats


@dataclass(frozen=True)
class InfiniteWidth:
    """An architecture, all of whose hidden layers are infinitely wide.

    Parameters
    ----------
    activation : {"erf", "relu"}
    depth : int
        Hidden layers, at least 1.
    weight, bias : float
        Variances w (positive) and b (at least 0) of the hidden layers.
    readout_weight, readout_bias : float
        Those of the last layer.
    """

    activation: Activation = "erf"
    depth: int = 1
    weight: float = 1.0
    bias: float = 0.0
    readout_weight: float = 1.0
    readout_bias: float = 0.0

    def __post_init__(self) -> None:
        one_of("activation", self.activation, get_args(Activation))
        object.__setattr__(self, "depth", whole_number("depth", self.depth))
        for name in ("weight", "readout_weight"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        for name in ("bias", "readout_bias"):
            object.__setattr__(self, name, nonnegative(name, getattr(self, name)))

    def at(self, points: ArrayLike) -> WideKernels:
        """Return both kernels at `points`, shape (..., n, d).

        Raises
        ------
        ValueError
            If there are no such points; for ReLU without bias, if one of them is 0.
        """
        x = finite_array("points", points, least=2)
        nngp = self.weight * (x @ np.swapaxes(x, -1, -2)) / x.shape[-1] + self.bias
        ntk = nngp
        for layer in range(1, self.depth + 1):
            last = layer == self.depth
            weight, bias = (
                (self.readout_weight, self.readout_bias) if last else (self.weight, self.bias)
            )
            dual = _DUALS[self.activation](nngp)
            nngp = weight * dual.value + bias
            ntk = nngp + weight * dual.slope * ntk
        return WideKernels(nngp, ntk)
