"""The objective of a deep kernel machine, its gradient, and its optimum from a given start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.random import Generator
from refutable.solvers.kernels import arc_cosine, relu_kernel
from refutable.solvers.log_cholesky import positive_definite, pull_back
from refutable.theory.bayes import deep_kernel_machine as theory

from refutable import FloatArray

INPUTS = 4
"""P, of which every Gram has 10 free numbers."""
FREE = INPUTS * (INPUTS + 1) // 2


@dataclass(frozen=True)
class Kernel:
    """A kernel of a Gram, and the gradient in the Gram for a gradient in the kernel."""

    value: Callable[[FloatArray], FloatArray]
    adjoint: Callable[[FloatArray, FloatArray], FloatArray]


def _with_diagonal(matrix: FloatArray, diagonal: FloatArray) -> FloatArray:
    return matrix + diagonal[..., None] * np.eye(matrix.shape[-1])


def _arc_cosine_adjoint(gram: FloatArray, slope: FloatArray) -> FloatArray:
    """Gradient through ``dK_ij = (pi - t) / pi dG_ij`` and the lengths, t being the angles."""
    turned = 2.0 * relu_kernel(gram).slope  # 1 - t / pi
    diagonal = np.sqrt(np.diagonal(gram, axis1=-2, axis2=-1))
    lengths = (slope * np.sin(np.pi * (1.0 - turned)) / np.pi) @ diagonal[..., None]
    return _with_diagonal(slope * turned, lengths[..., 0] / diagonal)


def _exponential_adjoint(gram: FloatArray, slope: FloatArray) -> FloatArray:
    moved = slope * theory.squared_exponential_kernel(gram)
    return _with_diagonal(moved, -moved.sum(axis=-1))


KERNELS = {
    "linear": Kernel(theory.linear_kernel, lambda _, slope: slope),
    "arc-cosine": Kernel(arc_cosine, _arc_cosine_adjoint),
    "squared exponential": Kernel(theory.squared_exponential_kernel, _exponential_adjoint),
}


@dataclass(frozen=True)
class Machine:
    """A deep kernel machine on P inputs.

    Attributes
    ----------
    first : array, shape (P, P)
        Kernel of the first layer's columns, K_0.
    target : array, shape (P, P)
        Gram of the outputs.
    weights : tuple of float
        nu of each hidden layer, then of the outputs.
    kernel : Kernel
        Of each hidden Gram.
    noise : float
        Variance of the outputs about their function.
    """

    first: FloatArray
    target: FloatArray
    weights: tuple[float, ...] = (1.0, 1.0)
    kernel: Kernel = KERNELS["linear"]
    noise: float = 0.0

    def loss(self, x: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the objective, up to a constant, and its gradient.

        Parameters
        ----------
        x : array, shape (L * 10,)
            Log-Cholesky coordinates of the hidden Grams, one after another.
        """
        vectors = x.reshape(-1, FREE)
        grams = positive_definite(vectors)
        priors = np.stack([self.first, *(self.kernel.value(g) for g in grams)])
        priors[-1] += self.noise * np.eye(INPUTS)
        drawn = np.concatenate([grams, self.target[None]])
        weights = np.asarray(self.weights)
        inverse = np.linalg.inv(priors)
        signs, volumes = np.linalg.slogdet(priors)
        if (signs <= 0).any():
            return np.inf, np.zeros_like(x)
        # log det G of the hidden layers; that of the target is a constant.
        entropies = 2.0 * vectors[:, [k * (k + 3) // 2 for k in range(INPUTS)]].sum(axis=1)
        fits = volumes + (inverse * drawn).sum(axis=(1, 2))
        value = float(weights @ fits - weights[:-1] @ entropies) / 2.0
        through = weights[:, None, None] * (inverse - inverse @ drawn @ inverse) / 2.0
        slopes = weights[:-1, None, None] * (inverse[:-1] - np.linalg.inv(grams)) / 2.0
        slopes = slopes + np.stack(
            [self.kernel.adjoint(g, s) for g, s in zip(grams, through[1:], strict=True)]
        )
        return value, pull_back(vectors, slopes).ravel()


def optimum(machine: Machine, start: FloatArray) -> tuple[float, FloatArray]:
    """Minimise the loss by BFGS and return it with the coordinates, shape (L * 10,)."""
    # Gradients of 1e-8 put Grams of order 1 within some 1e-7 of the optimum.
    found = scipy.optimize.minimize(
        machine.loss, start, jac=True, method="BFGS", options={"gtol": 1e-8}
    )
    return float(found.fun), np.asarray(found.x)


def draw_gram(rng: Generator, degrees: int, ridge: float) -> FloatArray:
    """Draw ``X X' / degrees + ridge I`` with X standard normal, shape (P, P)."""
    x = rng.standard_normal((INPUTS, degrees))
    return np.asarray(x @ x.T / degrees + ridge * np.eye(INPUTS))


def draw_data(rng: Generator) -> tuple[FloatArray, FloatArray]:
    """Draw a Gram of 6 input features and one of 7 outputs, well conditioned."""
    return draw_gram(rng, 6, 0.1), draw_gram(rng, 7, 0.05)


def draw_start(rng: Generator, layers: int, spread: float = 0.5) -> FloatArray:
    """Draw the start of a search: coordinates that scatter about those of the identity."""
    return spread * rng.standard_normal(layers * FREE)
