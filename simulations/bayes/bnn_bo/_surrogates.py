"""Gaussian processes with three kernels, their scale profiled out and the rest from a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from refutable.solvers.gaussian_process import Process, condition
from refutable.solvers.kernels import matern52
from refutable.theory.bayes import bnn_bo as theory

from refutable import FloatArray

NOISES = np.array([1e-4, 1e-3, 1e-2, 1e-1, 0.5])
"""Variances of the noise, in units of the mean of the kernel's diagonal."""

PairKernel = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True)
class Inputs:
    """Inner products over d: of training points, of test with training points, of each with itself.

    Attributes
    ----------
    train : ndarray, shape (size, n, n)
    cross : ndarray, shape (size, t, n)
    own, other : ndarray, shapes (size, n) and (size, t)
        Of training and of test points with themselves.
    dimension : int
    """

    train: FloatArray
    cross: FloatArray
    own: FloatArray
    other: FloatArray
    dimension: int

    @classmethod
    def of(cls, x: FloatArray, n: int) -> Inputs:
        """Split points of shape (size, n + t, d) into the first n, seen, and the rest."""
        d = x.shape[-1]
        seen, unseen = x[:, :n], x[:, n:]
        squares = np.einsum("sid,sid->si", x, x) / d
        transposed = seen.swapaxes(1, 2)
        return cls(
            seen @ transposed / d, unseen @ transposed / d, squares[:, :n], squares[:, n:], d
        )


@dataclass(frozen=True)
class Surrogate:
    """A kernel of pairs, with the length-scales that are tried and what each is penalised by.

    Attributes
    ----------
    kernel : callable (inner, left, right, length) -> ndarray
        Of inner products and squares over d, and length-scales over the root of d.
    lengths, penalties : ndarray, shape (number,)
    noises : ndarray, shape (tried,)
        Variances of the noise that are tried, in units of the mean of the kernel's diagonal.
    """

    kernel: PairKernel
    lengths: FloatArray
    penalties: FloatArray
    noises: FloatArray = field(default_factory=NOISES.copy)

    def held(self, length: float | None, noise: float | None) -> Surrogate:
        """Return it with a length-scale or a noise that is given and not fitted."""
        kept = self
        if length is not None:
            kept = replace(kept, lengths=np.array([length]), penalties=np.zeros(1))
        if noise is not None:
            kept = replace(kept, noises=np.array([noise]))
        return kept


def infinite(depth: int = 3, bias: float = 1.6) -> Surrogate:
    """Return the infinite network of the released code: ReLU, var_w 10, var_b `bias`."""

    def kernel(
        inner: FloatArray, left: FloatArray, right: FloatArray, length: FloatArray
    ) -> FloatArray:
        del length
        return theory.relu_recursion(inner, left, right, depth, bias=bias)

    return Surrogate(kernel, np.ones(1), np.zeros(1))


def _matern(
    inner: FloatArray, left: FloatArray, right: FloatArray, length: FloatArray
) -> FloatArray:
    lag = np.sqrt(np.maximum(left + right - 2 * inner, 0.0))
    return np.asarray(matern52(lag, length)[0])


def fitted() -> Surrogate:
    """Return Matern-5/2 with the length-scale of the largest marginal likelihood."""
    lengths = np.exp(np.linspace(-2.5, 1.5, 13))
    return Surrogate(_matern, lengths, np.zeros(13))


def with_gamma_prior(dimension: int) -> Surrogate:
    """Return Matern-5/2 with the length-scale of the largest posterior under Gamma(3, 6)."""
    lengths = np.geomspace(0.1, 1.0, 9)
    return Surrogate(_matern, lengths / np.sqrt(dimension), theory.gamma_penalty(lengths))


def profile(lower: FloatArray, y: FloatArray, noises: FloatArray) -> FloatArray:
    """Return minus the log likelihood at the best scale, for each noise, up to a constant.

    ``(n/2) log s2 + (1/2) log det C`` with ``C = K + noise I`` and ``s2 = y' C^-1 y / n``. One
    Cholesky factor gives both: that of C bordered by y has ``L^-1 y`` for its last row. As
    `gaussian_process.Process.profiled_loss`, in half the time: most of what a contest takes.

    Parameters
    ----------
    lower : ndarray, shape (size, n (n + 1) / 2)
        Lower triangle of K, row by row.
    y : ndarray, shape (size, n)
    noises : ndarray, shape (tried,)
        In units of the mean of the diagonal of K.

    Returns
    -------
    ndarray, shape (size, tried)
    """
    size, n = y.shape
    rows, columns = np.tril_indices(n)
    diagonal = np.arange(n)
    bordered = np.zeros((size, n + 1, n + 1))
    bordered[:, rows, columns] = lower
    bordered[:, n, :n] = y
    own = bordered[:, diagonal, diagonal]
    losses = np.empty((size, len(noises)))
    for k, noise in enumerate(noises):
        added = noise * own.mean(axis=1, keepdims=True)
        bordered[:, diagonal, diagonal] = own + added
        # More than y' C^-1 y, which is at most |y|^2 / noise; it enters nothing else.
        bordered[:, n, n] = 2 * (y**2).sum(axis=1) / added[:, 0]
        factor = np.linalg.cholesky(bordered)
        log_root = np.log(factor[:, diagonal, diagonal]).sum(axis=-1)
        losses[:, k] = n / 2 * np.log((factor[:, n, :n] ** 2).mean(axis=-1)) + log_root
    return losses


def choose(surrogate: Surrogate, inputs: Inputs, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return length-scale and relative noise of the best fit, each of shape (size,)."""
    rows, columns = np.tril_indices(y.shape[1])
    pairs = inputs.train[:, rows, columns], inputs.own[:, rows], inputs.own[:, columns]
    losses = np.stack(
        [
            profile(surrogate.kernel(*pairs, length), y, surrogate.noises) + penalty
            for length, penalty in zip(surrogate.lengths, surrogate.penalties, strict=True)
        ],
        axis=1,
    )
    best = losses.reshape(len(y), -1).argmin(axis=1)
    length, noise = np.unravel_index(best, losses.shape[1:])
    return surrogate.lengths[length], surrogate.noises[noise]


def posterior(
    surrogate: Surrogate, inputs: Inputs, y: FloatArray
) -> tuple[Process, FloatArray, FloatArray]:
    """Return the process after the best fit, and what to predict with.

    Returns
    -------
    Process
        With the scale of greatest evidence in ``scale``; its covariances are without it.
    ndarray, shape (size, t, n)
        Covariances of the test points and the training points.
    ndarray, shape (size, t)
        Variances of the test points.
    """
    length, noise = choose(surrogate, inputs, y)
    length = length[:, None, None]
    own, other = inputs.own, inputs.other
    covariance = surrogate.kernel(inputs.train, own[:, :, None], own[:, None], length)
    added = noise * np.trace(covariance, axis1=1, axis2=2) / y.shape[1]
    covariance = covariance + added[:, None, None] * np.eye(y.shape[1])
    cross = surrogate.kernel(inputs.cross, other[:, :, None], own[:, None], length)
    return condition(covariance, y), cross, surrogate.kernel(other, other, other, length[:, 0])


def predict(surrogate: Surrogate, inputs: Inputs, y: FloatArray) -> FloatArray:
    """Return the predictive means at the test points after the best fit, shape (size, t)."""
    process, cross, _ = posterior(surrogate, inputs, y)
    return np.asarray((cross @ process.weights[..., None])[..., 0])
