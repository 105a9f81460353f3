r"""The units a fit is made in: data centred and scaled, parameters carried there and back.

With :math:`x = m + s x'` and :math:`y = m_y + s_y y'` a mixture of experts stays one: gates and
experts move by affine maps, variances by :math:`s_y^2`, log-likelihoods by :math:`n\log s_y`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import refuse
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters

__all__ = ["Units", "centre_and_scale"]

Array = NDArray[np.float64]
_WIDEST = 480
"""Largest exponent of two of a scale, 3e144: the ratio of two and the square of one are numbers."""


def _exponent(size: Array) -> NDArray[np.int64]:
    """Return the exponents of the powers of two next to positive numbers, and 0 for 0."""
    return np.round(np.log2(np.where(size > 0, size, 1.0))).astype(np.int64)


def _spread(name: str, centred: Array) -> NDArray[np.int64]:
    """Return the exponents of the standard deviations of rows around 0; scales the rows by some."""
    top = np.maximum(centred.max(axis=-1), -centred.min(axis=-1))
    rough = np.clip(_exponent(top), -1000, 1000)  # beyond, a power of two is no number
    centred *= np.ldexp(1.0, -rough)[..., None]
    square = np.einsum("...n,...n->...", centred, centred) / centred.shape[-1]
    exponent = rough + _exponent(np.sqrt(square))
    if np.abs(exponent).max() > _WIDEST:
        worst = 2.0 ** float(exponent.flat[np.abs(exponent).argmax()])
        refuse(f"the standard deviation of {name}", worst, "other units: between 1e-140 and 1e140")
    return exponent


def centre_and_scale(name: str, values: Array, centred: bool) -> tuple[Array, Array, Array]:
    """Return rows in units of their own, with their shifts and scales.

    Scales are powers of two, which cost no rounding; 1 for a constant row.

    Parameters
    ----------
    name : str
        What a refusal calls them.
    values : ndarray, shape (..., n)
    centred : bool
        Whether the mean is taken off; the shifts are 0 otherwise.

    Raises
    ------
    ValueError
        If sums of the values overflow, or the standard deviation of a row and its square do.
    """
    same = values.max(axis=-1) == values.min(axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.where(same, values[..., 0], values.mean(axis=-1))
        moved = values - mean[..., None]
    if not np.isfinite(moved).all():
        refuse(name, float(np.abs(values).max()), "units in which its values have a finite sum")
    scale = np.ldexp(1.0, _spread(name, moved))
    shift = mean if centred else np.zeros_like(mean)
    np.subtract(values, shift[..., None], out=moved)
    moved /= scale[..., None]
    return moved, shift, scale


@dataclass(frozen=True)
class Units:
    """Shifts and scales of the rows of data.

    Parameters
    ----------
    x_shift, x_scale : ndarray, shape (rows, d)
    y_shift, y_scale : ndarray, shape (rows,)
    """

    x_shift: Array
    x_scale: Array
    y_shift: Array
    y_scale: Array

    def inward(self, theta: Array, layout: Layout, row: NDArray[np.int64]) -> Array:
        """Return free vectors of these units from those of the data, shape (fits, size)."""
        new, width = theta.copy(), layout.d + 1
        gate = new[:, : layout.gates].reshape(len(new), layout.k - 1, width)
        stop = layout.gate_block + layout.k * width
        expert = new[:, layout.gate_block : stop].reshape(len(new), layout.k, width)
        for block in (gate, expert):
            block[..., 0] += np.einsum("fkd,fd->fk", block[..., 1:], self.x_shift[row])
            block[..., 1:] *= self.x_scale[row][:, None, :]
        expert[..., 0] -= self.y_shift[row][:, None]
        expert /= self.y_scale[row][:, None, None]
        new[:, : layout.gates] = gate.reshape(len(new), -1)
        new[:, layout.gate_block : stop] = expert.reshape(len(new), -1)
        new[:, stop:] -= 2 * np.log(self.y_scale[row])[:, None]
        return new

    def outward(self, parameters: Parameters, row: NDArray[np.int64]) -> Parameters:
        """Return parameters in the units of the data from those of these units; row (...,)."""
        p, shift = parameters, self.x_shift[row]
        scale, rise = self.x_scale[row][..., None, :], self.y_scale[row][..., None]
        b1, a = p.b1 / scale, p.a * (rise[..., None] / scale)
        b0 = p.b0 - np.einsum("...kd,...d->...k", b1, shift)
        c = p.c * rise + self.y_shift[row][..., None] - np.einsum("...kd,...d->...k", a, shift)
        return Parameters(b0, b1, a, c, p.v * rise * rise, p.tau)

    def log_jacobian(self, n: int, row: NDArray[np.int64]) -> Array:
        """Return what a log-likelihood of n observations in these units has too much."""
        return np.asarray(n * np.log(self.y_scale[row]))
