"""Observations, checked once and laid out for the compiled loops."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, refuse
from refutable.solvers.gaussian_moe.activations import ACTIVATIONS
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters
from refutable.solvers.gaussian_moe.units import Units, centre_and_scale

__all__ = ["Observations", "Problem"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Observations:
    """Replicated data sets.

    Parameters
    ----------
    x : ndarray, shape (rows, d, n)
    y : ndarray, shape (rows, n)
    """

    x: Array
    y: Array

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> "Observations":
        """Check the data and put them in order.

        Parameters
        ----------
        x : array_like, shape (R, n) for a scalar covariate or (R, n, d)
        y : array_like, shape (R, n)

        Raises
        ------
        ValueError
            If shapes disagree, there is no observation, or a value is not finite.
        """
        y_, x_ = finite_array("y", y, ndim=2), finite_array("x", x, least=2)
        x_ = x_[..., None] if x_.ndim == 2 else x_
        if x_.ndim != 3 or x_.shape[:2] != y_.shape:
            refuse("x", np.asarray(x), f"shape {y_.shape}, or that and d, to go with y")
        return cls(np.ascontiguousarray(np.swapaxes(x_, 1, 2)), np.ascontiguousarray(y_))

    def in_units(self, centred: bool) -> tuple["Observations", Units]:
        """Return the data in units of their own, x centred or only scaled, and these units."""
        x, x_shift, x_scale = centre_and_scale("x", self.x, centred)
        y, y_shift, y_scale = centre_and_scale("y", self.y, centred=True)
        return Observations(x, y), Units(x_shift, x_scale, y_shift, y_scale)

    @property
    def n(self) -> int:
        """Observations per data set."""
        return int(self.y.shape[1])

    @property
    def d(self) -> int:
        """Dimension of x."""
        return int(self.x.shape[1])


@dataclass(frozen=True)
class Problem:
    """A batch of fits: the data row each uses, the gate, and the temperature where it is known.

    Parameters
    ----------
    data : Observations
    row : ndarray of int, shape (fits,)
    gate : Gate
    layout : Layout
    tau : ndarray, shape (fits,)
    units : Units, optional
        Where the data are not in the units of whoever asked.
    """

    data: Observations
    row: NDArray[np.int64]
    gate: Gate
    layout: Layout
    tau: Array
    units: Units | None = None

    def likelihood(self, value: Array, index: NDArray[np.intp]) -> Array:
        """Return the log-likelihoods of the fits `index` in the units of whoever asked."""
        if self.units is None:
            return value
        return value - self.units.log_jacobian(self.data.n, self.row[index])

    def parameters(self, theta: Array, shape: tuple[int, ...]) -> Parameters:
        """Return all fits' parameters in the units of whoever asked, of a leading shape."""
        inside = self.layout.unpack(theta.reshape(*shape, -1), self.tau.reshape(shape))
        return self.units.outward(inside, self.row.reshape(shape)) if self.units else inside

    def arguments(self, theta: Array, index: NDArray[np.intp]) -> tuple[object, ...]:
        """Return the arguments of a compiled sum for the fits `index`."""
        layout, gate = self.layout, self.gate
        return (
            self.data.x, self.data.y, self.row[index], np.ascontiguousarray(theta),
            self.tau[index], layout.k, layout.free_temperature,
            ACTIVATIONS[gate.activation].code, gate.kept(layout.k),
        )  # fmt: skip
