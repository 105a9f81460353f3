r"""Mixtures :math:`k(r)=\sum_qw_q\,g(r/l_q)\cos(2\pi f_qr)`, their even derivatives, and gradients.

The envelope g is Matern-5/2 or squared exponential; then k has Student t or Gaussian laws about
:math:`\pm f_q` for its spectrum (Wilson and Adams 2013). Orders 0, 2 and 4 are what covariances of
values and second derivatives are made of. Parameters are free: logarithms and frequencies.

Every component is the real part of a polynomial times :math:`e^{ar-br^2}`, a complex, and so are
its derivatives: they differ in the few coefficients only, and lags enter by one exponential.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import Floats, equal_shapes, finite_array, one_of, refuse

Envelope = Literal["matern52", "squared_exponential"]
Complexes = NDArray[np.complex128]
ORDERS = (0, 2, 4)
DEGREES = {"matern52": 3, "squared_exponential": max(ORDERS) + 1}
"""Coefficients of a polynomial: derivatives of a Gaussian raise its degree, and of a power of e
not."""


@dataclass(frozen=True, eq=False)
class SpectralMixture:
    """The kernel of a mixture at some lags.

    Parameters
    ----------
    envelope : {"matern52", "squared_exponential"}
        ``(1 + t + t^2/3) exp(-t)``, ``t = sqrt(5) |r| / l``, or ``exp(-r^2 / (2 l^2))``.
    lag : array_like, shape (..., n)
        r, of either sign. Leading axes broadcast with those of the parameters.
    log_weights, log_lengths, frequencies : array_like, shape (..., q)
        The free parameters: log w, log l and f, in cycles.

    Raises
    ------
    ValueError
        If something is not finite, or shapes do not go together.
    """

    envelope: Envelope
    lag: ArrayLike
    log_weights: ArrayLike
    log_lengths: ArrayLike
    frequencies: ArrayLike
    _found: ClassVar = ("_r", "_rate", "_turn", "_waves")
    _r: Floats = field(init=False, repr=False)
    _rate: Floats = field(init=False, repr=False)
    _turn: Floats = field(init=False, repr=False)
    _waves: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        one_of("envelope", self.envelope, get_args(Envelope))
        r = np.abs(finite_array("lag", self.lag, least=1))
        names = ("log_weights", "log_lengths", "frequencies")
        weights, lengths, cycles = (
            finite_array(name, getattr(self, name), least=1) for name in names
        )
        equal_shapes("log_weights", weights, "log_lengths", lengths)
        equal_shapes("log_weights", weights, "frequencies", cycles)
        try:
            np.broadcast_shapes(r.shape[:-1], weights.shape[:-1])
        except ValueError:
            refuse("lag", r, f"leading axes that broadcast with {weights.shape[:-1]}")
        rate, turn = np.exp(-lengths), 2 * np.pi * cycles
        a, b = _exponents(self.envelope, rate)
        along = r[..., None, :]
        bells = np.exp(weights[..., None] + (a[..., None] - b[..., None] * along) * along)
        phases = turn[..., None] * along
        # Real and imaginary parts below one another: products of reals are half the work.
        waves = np.concatenate([bells * np.cos(phases), bells * np.sin(phases)], axis=-2)
        for name, value in zip(self._found, (r, rate, turn, waves), strict=True):
            object.__setattr__(self, name, value)

    @property
    def derivatives(self) -> Floats:
        """Of order 0, 2 and 4 in r, shape (..., 3, n)."""
        value = self._coefficients[0]
        rows = np.concatenate([value.real, -value.imag], axis=-1)
        degrees, flat = rows.shape[-2], rows.reshape(*rows.shape[:-3], -1, rows.shape[-1])
        summed = flat @ self._waves
        summed = summed.reshape(*summed.shape[:-2], len(ORDERS), degrees, -1)
        return np.asarray((summed * self._powers[..., None, :degrees, :]).sum(axis=-2))

    def pull_back(self, gradient: ArrayLike) -> Floats:
        """Return the gradient in the parameters of a function of the derivatives.

        Parameters
        ----------
        gradient : array_like, shape (..., 3, n)
            Of the function, in `derivatives`.

        Returns
        -------
        array, shape (..., 3, q)
            In the logarithms of the weights, those of the lengths, and the frequencies; of each of
            a batch, also where it shares its parameters with others.
        """
        slope = finite_array("gradient", gradient, least=2)
        batch, lags = self._waves.shape[:-2], self._r.shape[-1]
        if slope.shape != (*batch, len(ORDERS), lags):
            refuse("gradient", slope, f"shape {(*batch, len(ORDERS), lags)}, of the derivatives")
        powered = slope[..., None, :] * self._powers[..., None, :, :]
        flat = powered.reshape(*batch, -1, lags) @ np.swapaxes(self._waves, -1, -2)
        q, degrees = self._rate.shape[-1], DEGREES[self.envelope]
        moments = (flat[..., :q] + 1j * flat[..., q:]).reshape(*powered.shape[:-1], q)
        own, once, twice = (moments[..., i : i + degrees, :] for i in range(3))
        a, b = (part[..., None, None, :] for part in _exponents(self.envelope, self._rate))
        value, by_length, by_cycles = self._coefficients
        parts = (
            value * own,
            by_length * own + value * (2 * b * twice - a * once),
            by_cycles * own + value * (2j * np.pi * once),
        )
        return np.stack([part.real.sum(axis=(-3, -2)) for part in parts], axis=-2)

    @cached_property
    def _powers(self) -> Floats:
        """``r^0, r^1, ...``, shape (..., degrees + 2, n)."""
        found = np.ones((*self._r.shape[:-1], DEGREES[self.envelope] + 2, self._r.shape[-1]))
        found[..., 1:, :] = self._r[..., None, :]
        return np.asarray(np.multiply.accumulate(found, axis=-2))

    @cached_property
    def _coefficients(self) -> Complexes:
        """Polynomials, their slopes in log l and in f, shape (3, ..., orders, degrees, q)."""
        a, b = (part[..., None, :] for part in _exponents(self.envelope, self._rate))
        linear, quadratic = a + 1j * self._turn[..., None, :], -2 * b
        degrees = DEGREES[self.envelope]
        rises = np.arange(1, degrees)[:, None]
        p = np.zeros((3, *self._rate.shape[:-1], degrees, a.shape[-1]), dtype=np.complex128)
        p[0, ..., 0, :] = 1
        if self.envelope == "matern52":  # 1 - a r + a^2 r^2 / 3, and a falls as 1 / l
            p[0, ..., 1:3, :] = np.concatenate([-a, a**2 / 3], axis=-2)
            p[1, ..., 1:3, :] = np.concatenate([a, -2 * a**2 / 3], axis=-2)
        kept = [p]
        for _ in range(max(ORDERS)):  # p' + (linear + quadratic r) p, with its slopes
            following = linear * p
            following[..., :-1, :] += rises * p[..., 1:, :]
            following[1] -= a * p[0]
            if self.envelope == "squared_exponential":
                following[..., 1:, :] += quadratic * p[..., :-1, :]
                following[1, ..., 1:, :] -= 2 * quadratic * p[0, ..., :-1, :]
            following[2] += 2j * np.pi * p[0]
            p = following
            kept.append(p)
        return np.stack([kept[m] for m in ORDERS], axis=-3)


def _exponents(envelope: Envelope, rate: Floats) -> tuple[Floats, Floats]:
    """Return a and b of the decay ``exp(a r - b r^2)``, for ``rate = 1 / l``."""
    if envelope == "matern52":
        return -math.sqrt(5.0) * rate, np.zeros_like(rate)
    return np.zeros_like(rate), rate**2 / 2
