"""Exact laws of Gaussians through affine steps and linear SDEs, without a draw.

A step is ``x -> F x + s + N(0, Q)``. Many steps are one: what follows ``(F_1, s_1, Q_1)`` by
``(F_2, s_2, Q_2)`` is ``(F_2 F_1, F_2 s_1 + s_2, F_2 Q_1 F_2' + Q_2)``, so T steps are joined in
pairs, in log2(T) rounds of batched products (an associative scan, as in Särkkä and García-Fernández
2021). A linear SDE is such a step too, whose three parts solve ODEs. Nothing is subtracted, so
covariances stay positive semidefinite up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    finite,
    finite_array,
    inside,
    refuse,
    square,
    symmetric,
)

__all__ = ["Affine", "Gaussian", "as_one", "flow", "law_after", "laws_along"]

SYMMETRY = 1e-12
"""Difference of a covariance from its transpose, relative to its largest entry, that is rounding:
products of matrices leave some d * 1e-16."""

INDEFINITE = 1e-12
"""How far below 0 an eigenvalue may lie, relative to the largest, and still be rounding."""

TOLERANCE = 1e-10
"""Of the ODE solver, relative to each entry."""

TINY = 1e-4
"""The absolute tolerance as a share of the relative one, for entries that start at 0."""

Coefficient = Callable[[float], ArrayLike]


@dataclass(frozen=True)
class Gaussian:
    """Normal laws, one or a batch.

    Parameters
    ----------
    mean : array, shape (..., d)
    covariance : array, shape (..., d, d)
        Symmetric and positive semidefinite; zero is allowed. Leading axes broadcast to the mean's.

    Raises
    ------
    ValueError
        For shapes that do not go together, or an indefinite covariance.
    """

    mean: Floats
    covariance: Floats

    def __post_init__(self) -> None:
        """Check, and keep as float arrays."""
        mean = finite_array("mean", self.mean, least=1)
        covariance = _covariance("covariance", self.covariance)
        _fits("covariance", covariance.shape[:-1], mean.shape)
        self.__dict__.update(mean=mean, covariance=covariance)

    @classmethod
    def trusted(cls, mean: Floats, covariance: Floats) -> Gaussian:
        """Return laws that a step made, which need no second look."""
        made = object.__new__(cls)
        made.__dict__.update(mean=mean, covariance=covariance)
        return made


@dataclass(frozen=True)
class Affine:
    """Steps ``x -> factor x + shift + N(0, noise)``; the first axis is that of the steps.

    Parameters
    ----------
    factor : array, shape (T, ..., d, d)
    shift : array, shape (T, ..., d)
    noise : array, shape (T, ..., d, d)
        Covariances; zero for a step without noise. The axes between broadcast.

    Raises
    ------
    ValueError
        For shapes that do not go together, or an indefinite noise.
    """

    factor: Floats
    shift: Floats
    noise: Floats

    def __post_init__(self) -> None:
        """Check, and keep as float arrays."""
        factor = square("factor", self.factor)
        if factor.ndim < 3:
            refuse("factor", factor, "an axis of steps before the matrices, (T, ..., d, d)")
        shift = finite_array("shift", self.shift, least=2)
        noise = _covariance("noise", self.noise)
        for name, shape in (("shift", shift.shape), ("noise", noise.shape[:-1])):
            _fits(name, shape, factor.shape[:-1])
            if len(shape) < 2 or shape[0] != len(factor):
                raise ValueError(
                    f"{name} has shape {shape}: give one for each of {len(self)} steps"
                )
        self.__dict__.update(factor=factor, shift=shift, noise=noise)

    @classmethod
    def trusted(cls, factor: Floats, shift: Floats, noise: Floats) -> Affine:
        """Return steps that were joined from others, which need no second look."""
        made = object.__new__(cls)
        made.__dict__.update(factor=factor, shift=shift, noise=noise)
        return made

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.factor)

    def __getitem__(self, which: slice) -> Affine:
        """Return some of the steps, in the order of the slice."""
        return Affine.trusted(self.factor[which], self.shift[which], self.noise[which])


def _covariance(name: str, values: ArrayLike) -> Floats:
    """Return symmetric positive semidefinite matrices (..., d, d), else raise ValueError."""
    array = symmetric(name, values, SYMMETRY)
    eigenvalues = np.linalg.eigvalsh(array)
    if (eigenvalues[..., 0] < -INDEFINITE * np.abs(eigenvalues).max()).any():
        raise ValueError(f"{name} has a negative eigenvalue: give positive semidefinite matrices")
    return array


def _fits(name: str, shape: tuple[int, ...], to: tuple[int, ...]) -> None:
    """Raise ValueError unless the last axes agree and those before broadcast."""
    try:
        np.broadcast_shapes(shape, to)
    except ValueError:
        shape = ()
    if shape[-1:] != to[-1:]:
        raise ValueError(f"{name} does not go with {to}: give the same d, and batch axes that fit")


def _apply(factor: Floats, vector: Floats) -> Floats:
    return np.asarray((factor @ vector[..., None])[..., 0])


def _carry(factor: Floats, covariance: Floats) -> Floats:
    """Return ``F P F'``, symmetric to the last bit."""
    carried = factor @ covariance @ np.swapaxes(factor, -1, -2)
    return np.asarray((carried + np.swapaxes(carried, -1, -2)) / 2)


def _then(first: Affine, second: Affine) -> Affine:
    """Return each first step followed by its second."""
    factor = second.factor
    return Affine.trusted(
        factor @ first.factor,
        _apply(factor, first.shift) + second.shift,
        _carry(factor, first.noise) + second.noise,
    )


def _joined(a: Affine, b: Affine) -> Affine:
    """Return the steps of a, then those of b, their batch axes being the same."""
    parts = zip(vars(a).values(), vars(b).values(), strict=True)
    return Affine.trusted(*(np.concatenate(pair) for pair in parts))


def _spread(steps: Affine) -> Affine:
    """Return steps whose parts have all batch axes in full."""
    batch = np.broadcast_shapes(
        steps.factor.shape[:-2], steps.shift.shape[:-1], steps.noise.shape[:-2]
    )
    d = steps.factor.shape[-1]
    ends = ((d, d), (d,), (d, d))
    parts = zip(vars(steps).values(), ends, strict=True)
    return Affine.trusted(*(np.broadcast_to(part, (*batch, *end)) for part, end in parts))


def as_one(steps: Affine) -> Affine:
    """Join T steps, the first one first, into one; shapes (1, ..., d, d) and (1, ..., d)."""
    steps = _spread(steps)
    while len(steps) > 1:
        odd = len(steps) % 2
        pairs = _then(steps[odd::2], steps[odd + 1 :: 2])
        steps = _joined(steps[:odd], pairs)
    return steps


def _law(step: Affine, law: Gaussian) -> Gaussian:
    """Return a law after one step, whose axis of steps is gone."""
    mean = _apply(step.factor, law.mean) + step.shift
    return Gaussian.trusted(mean, _carry(step.factor, law.covariance) + step.noise)


def law_after(steps: Affine, start: Gaussian) -> Gaussian:
    """Return the law after the last step, of shapes (..., d) and (..., d, d)."""
    one = as_one(steps)
    _fits("start", start.mean.shape, one.shift.shape[1:])
    return _law(Affine.trusted(one.factor[0], one.shift[0], one.noise[0]), start)


def laws_along(steps: Affine, start: Gaussian) -> Gaussian:
    """Return the laws at the start and after every step, (T + 1, ..., d) and (T + 1, ..., d, d)."""
    steps = _spread(steps)
    _fits("start", start.mean.shape, steps.shift.shape[1:])
    batch = np.broadcast_shapes(start.mean.shape, steps.shift.shape[1:])
    laws = [
        Gaussian.trusted(
            np.broadcast_to(start.mean, batch),
            np.broadcast_to(start.covariance, (*batch, batch[-1])),
        )
    ]
    for step in zip(*vars(steps).values(), strict=True):
        laws.append(_law(Affine.trusted(*step), laws[-1]))
    return Gaussian.trusted(
        np.stack([law.mean for law in laws]), np.stack([law.covariance for law in laws])
    )


def flow(
    begin: float,
    end: float,
    drift: Coefficient,
    shift: Coefficient,
    noise: Coefficient,
    tolerance: float = TOLERANCE,
) -> Affine:
    """Return the one step that ``dx = (A(t) x + b(t)) dt + N(0, S(t) |dt|)`` makes on its way.

    Its parts solve ``F' = A F``, ``s' = A s + b`` and ``Q' = A Q + Q A' + S`` from the identity and
    0 (Särkkä and Solin 2019, section 6.1), by SciPy's DOP853. A probability-flow ODE has S = 0.

    Parameters
    ----------
    begin, end : float
        Times; with ``end < begin`` the equation is run backwards, dt being negative, and noise is
        added all the same, as in a reverse-time SDE.
    drift, shift, noise : callable of t
        A (..., d, d), b (..., d) and S (..., d, d); the leading axes broadcast.
    tolerance : float, optional
        Of the solver, between 0 and 1.

    Raises
    ------
    ValueError
        For coefficients whose shapes do not go together, or that are not finite, at `begin`.
    RuntimeError
        If the solver stops before `end`.
    """
    begin, end = finite("begin", begin), finite("end", end)
    tolerance = inside("tolerance", tolerance, 0, 1)
    first = _spread(Affine(*(np.asarray([part(begin)]) for part in (drift, shift, noise))))
    batch, d = first.shift.shape[1:-1], first.shift.shape[-1]
    direction = np.sign(end - begin)

    def slope(t: float, state: Floats) -> Floats:
        z = state.reshape(*batch, d, 2 * d + 1)  # F, s and Q side by side
        a = np.asarray(drift(t))
        slopes = a @ z
        slopes[..., d] += np.asarray(shift(t))
        slopes[..., d + 1 :] += z[..., d + 1 :] @ np.swapaxes(a, -1, -2) + direction * np.asarray(
            noise(t)
        )
        return np.asarray(slopes.ravel())

    start = np.broadcast_to(np.eye(d, 2 * d + 1), (*batch, d, 2 * d + 1)).ravel()
    solved = scipy.integrate.solve_ivp(
        slope, (begin, end), start, "DOP853", rtol=tolerance, atol=TINY * tolerance
    )
    if not solved.success:
        raise RuntimeError(f"flow: the ODE solver stopped before {end}: {solved.message}")
    z = solved.y[:, -1].reshape(1, *batch, d, 2 * d + 1)
    spread = z[..., d + 1 :]
    return Affine.trusted(z[..., :d], z[..., d], (spread + np.swapaxes(spread, -1, -2)) / 2)
