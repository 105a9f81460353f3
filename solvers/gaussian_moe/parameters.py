"""Parameters of a Gaussian mixture of experts, and the free vector an optimiser moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    positive_array,
    refuse,
    whole_array,
    whole_number,
)
from refutable.solvers.gaussian_moe.gate import Gate

__all__ = ["Layout", "Parameters", "scalar"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameters:
    """Parameters in the papers' letters; any leading axes are a batch.

    Parameters
    ----------
    b0 : ndarray, shape (..., k)
        Gate intercepts.
    b1 : ndarray, shape (..., k, d)
        Gate slopes.
    a : ndarray, shape (..., k, d)
        Expert slopes.
    c : ndarray, shape (..., k)
        Expert intercepts.
    v : ndarray, shape (..., k)
        Expert *variances*, positive.
    tau : ndarray, shape (...)
        Temperature, positive.

    Raises
    ------
    ValueError
        If shapes disagree, a value is not finite, or v or tau is not positive.
    """

    b0: Array
    b1: Array
    a: Array
    c: Array
    v: Array
    tau: Array

    def __post_init__(self) -> None:
        each = finite_array("c", self.c, least=1).shape
        slopes = each + finite_array("a", self.a, least=1).shape[-1:]
        for name, shape in (("c", each), ("b0", each), ("a", slopes), ("b1", slopes)):
            checked = finite_array(name, getattr(self, name), shape=shape)
            object.__setattr__(self, name, checked)
        object.__setattr__(self, "v", positive_array("v", self.v, shape=each))
        object.__setattr__(self, "tau", positive_array("tau", self.tau, shape=each[:-1]))

    @property
    def k(self) -> int:
        """Number of experts."""
        return int(self.c.shape[-1])

    @property
    def d(self) -> int:
        """Dimension of x."""
        return int(self.a.shape[-1])

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading shape."""
        return self.tau.shape

    def pinned(self) -> "Parameters":
        """Return the same density with the last expert's gate at 0 (linear activation only)."""
        b0, b1 = self.b0 - self.b0[..., -1:], self.b1 - self.b1[..., -1:, :]
        return Parameters(b0, b1, self.a, self.c, self.v, self.tau)

    def relabelled(self, order: ArrayLike) -> "Parameters":
        """Return the parameters with the experts in another order (gates as they stand).

        The density does not change: fits from relabelled starts are compared through it.
        """
        i = whole_array("order", order, shape=(self.k,))
        if (np.sort(i) != np.arange(self.k)).any():
            refuse("order", order, f"every expert from 0 to {self.k - 1} once")
        return Parameters(
            self.b0[..., i], self.b1[..., i, :], self.a[..., i, :], self.c[..., i], self.v[..., i],
            self.tau,
        )  # fmt: skip

    def broadcast(self, batch: tuple[int, ...]) -> "Parameters":
        """Return the parameters repeated to a leading shape."""
        k, d = self.k, self.d
        to = np.broadcast_to
        return Parameters(
            to(self.b0, (*batch, k)), to(self.b1, (*batch, k, d)), to(self.a, (*batch, k, d)),
            to(self.c, (*batch, k)), to(self.v, (*batch, k)), to(self.tau, batch),
        )  # fmt: skip

    def __getitem__(self, index: object) -> "Parameters":
        """Select from the leading axes."""
        i: tuple[object, ...] = index if isinstance(index, tuple) else (index,)
        pick = (self.b0, self.b1, self.a, self.c, self.v, self.tau)
        return Parameters(*(np.asarray(block[i]) for block in pick))  # type: ignore[index]


def scalar(
    b0: ArrayLike, b1: ArrayLike, a: ArrayLike, c: ArrayLike, v: ArrayLike, tau: ArrayLike = 1.0
) -> Parameters:
    """Return parameters for a scalar x (d = 1): every array has shape (..., k).

    Raises
    ------
    ValueError
        As :class:`Parameters`.
    """
    intercepts = finite_array("c", c, least=1)
    given = {"b0": b0, "b1": b1, "a": a, "v": v}
    of = {n: finite_array(n, block, shape=intercepts.shape) for n, block in given.items()}
    heat, batch = positive_array("tau", tau), intercepts.shape[:-1]
    temperature = np.broadcast_to(heat, batch) if heat.ndim == 0 else heat
    slopes = of["b1"][..., None], of["a"][..., None]
    return Parameters(of["b0"], *slopes, intercepts, of["v"], temperature)


@dataclass(frozen=True)
class Layout:
    """Order of the free parameters: gates but the last, [log tau], experts, log variances.

    Gate rows are (b0, b1) and expert rows are (c, a), so that both multiply (1, x).
    """

    k: int
    d: int
    free_temperature: bool

    def __post_init__(self) -> None:
        for name in ("k", "d"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name)))

    @property
    def gates(self) -> int:
        """Number of free gate weights."""
        return (self.k - 1) * (self.d + 1)

    @property
    def gate_block(self) -> int:
        """Number of free gate parameters, the temperature included."""
        return self.gates + int(self.free_temperature)

    @property
    def size(self) -> int:
        """Number of free parameters."""
        return self.gate_block + self.k * (self.d + 2)

    def pack(self, parameters: Parameters) -> Array:
        """Return the free vector, shape (..., size)."""
        p, batch = parameters, parameters.batch
        gate = np.concatenate([p.b0[..., None], p.b1], axis=-1)[..., :-1, :]
        expert = np.concatenate([p.c[..., None], p.a], axis=-1)
        blocks = [gate.reshape(*batch, -1)]
        blocks += [np.log(p.tau)[..., None]] if self.free_temperature else []
        blocks += [expert.reshape(*batch, -1), np.log(p.v)]
        return np.concatenate(blocks, axis=-1)

    def split(self, theta: Array, tau: Array) -> tuple[Array, Array, Array, Array]:
        """Return gate (..., k, d+1), tau (...), expert (..., k, d+1) and v (..., k)."""
        batch, width = theta.shape[:-1], self.d + 1
        gate = np.zeros((*batch, self.k, width))
        gate[..., :-1, :] = theta[..., : self.gates].reshape(*batch, self.k - 1, width)
        hot = np.exp(theta[..., self.gates]) if self.free_temperature else tau
        start, stop = self.gate_block, self.gate_block + self.k * width
        expert = theta[..., start:stop].reshape(*batch, self.k, width)
        return gate, hot, expert, np.exp(theta[..., stop:])

    def unpack(self, theta: Array, tau: Array) -> Parameters:
        """Return the parameters of a free vector; `tau` is used where it is not free."""
        gate, hot, expert, v = self.split(theta, tau)
        return Parameters(
            gate[..., 0], gate[..., 1:], expert[..., 1:], expert[..., 0], v,
            np.broadcast_to(hot, theta.shape[:-1]),
        )  # fmt: skip

    @classmethod
    def of(cls, parameters: Parameters, gate: Gate) -> "Layout":
        """Return the layout for these parameters under this gate."""
        return cls(parameters.k, parameters.d, gate.free_temperature)
