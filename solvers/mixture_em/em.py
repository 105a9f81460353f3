"""Expectation maximisation for Gaussian mixtures, batched over replicates and starts.

Soft EM (Dempster, Laird, Rubin 1977) climbs the log-likelihood; hard EM (classification EM, Celeux
and Govaert 1992) gives every observation whole to its likeliest component and climbs the
classification likelihood, the sum of the largest log joint densities. A `floor` above 0 is added to
every variance in the M-step, as scikit-learn's ``reg_covar`` is: the likelihood then need not rise
in every iteration, but it stays bounded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._starts import best_start
from refutable.solvers.argument_checks import nonnegative, refuse, whole_number
from refutable.solvers.mixture_em._m_step import Data, e_step, m_step
from refutable.solvers.mixture_em.mixture import Array, Mixture
from refutable.solvers.mixture_em.status import Status, judged, least_variance

__all__ = ["Fit", "Rule", "fit"]

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Rule:
    """When EM stops.

    Parameters
    ----------
    tolerance : float
        Finite, at least 0: EM stops when an iteration changes the objective by no more than this
        per observation (scikit-learn's ``tol``, there 1e-3). With 0 only a fixed point stops it.
    iterations : int
        Most iterations, at least 1.

    Raises
    ------
    ValueError
        If one of them is none of these.
    """

    tolerance: float = 1e-9
    iterations: int = 2000

    def __post_init__(self) -> None:
        nonnegative("tolerance", self.tolerance)
        object.__setattr__(self, "iterations", whole_number("iterations", self.iterations))


@dataclass(frozen=True)
class Fit:
    """Fits of a batch, shape (R,) or (R, starts).

    Attributes
    ----------
    mixture : Mixture
    log_likelihood : ndarray
        Weighted total over the observations, at `mixture`; NaN where a covariance is singular.
    objective : ndarray
        What was climbed: the log-likelihood, or for hard EM the classification likelihood.
    status : ndarray of Status
    iterations : ndarray of int
        M-steps taken.
    total : ndarray
        Observations, or their total weight.
    """

    mixture: Mixture
    log_likelihood: Array
    objective: Array
    status: NDArray[np.int64]
    iterations: NDArray[np.int64]
    total: Array

    @property
    def bic(self) -> Array:
        """Bayesian information criterion, -2 log-likelihood + p log n: the smaller the better."""
        penalty = self.mixture.free_parameters * np.log(self.total)
        return np.asarray(-2 * self.log_likelihood + penalty)

    @property
    def aic(self) -> Array:
        """Akaike information criterion, -2 log-likelihood + 2 p: the smaller the better."""
        return np.asarray(-2 * self.log_likelihood + 2 * self.mixture.free_parameters)

    def best(self) -> "Fit":
        """Return the start with the highest finite objective of each replicate, shape (R,)."""
        at = best_start(self.objective)
        return Fit(
            self.mixture[at], self.log_likelihood[at], self.objective[at], self.status[at],
            self.iterations[at], self.total[at],
        )  # fmt: skip


def fit(
    x: ArrayLike, start: Mixture, *, rule: Rule | None = None, floor: float = 1e-6,
    sample_weight: ArrayLike | None = None, hard: bool = False,
) -> Fit:  # fmt: skip
    """Run EM on each replicate from each start.

    Parameters
    ----------
    x : array_like, shape (R, n, d), or (n, d) for R = 1
    start : Mixture
        Batch (), (R,) or (R, starts); its kind is the kind of the fits.
    rule : Rule, optional
    floor : float
        At least 0, added to every variance in the M-step, in the units of x squared.
    sample_weight : array_like, shape (n,) or (R, n), optional
        At least 0; a weight of 2 counts as the observation twice.
    hard : bool
        Classification EM.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If data or start are malformed or do not go together, or an option is out of its range.
    """
    data, floor = Data.of(x, sample_weight), nonnegative("floor", floor)
    row, mixture, shape = flat_start(data, start)
    rule, path = rule or Rule(), _Path(data, row, mixture, floor, bool(hard))
    for _ in range(rule.iterations):
        if not path.active.size:
            break
        path.advance(rule.tolerance)
    return finished(path.mixture, data, row, path, shape, floor)


def flat_start(data: Data, start: Mixture) -> tuple[Index, Mixture, tuple[int, ...]]:
    """Return the data row of each fit, the starts with one axis, and the shape of the batch."""
    rows, d, _ = data.shape
    if len(start.batch) > 2 or (start.batch and start.batch[0] != rows):
        refuse("start", start.means, f"means with leading axes (), ({rows},) or ({rows}, starts)")
    if start.d != d:
        refuse("start", start.means, f"means of the dimension of x, {d}")
    shape = start.batch or (rows,)
    grown, own = start.broadcast(shape), len(shape)
    row = np.repeat(np.arange(rows), shape[1] if len(shape) == 2 else 1)
    return row, grown.mapped(lambda part: part.reshape(-1, *part.shape[own:])), shape


class _Path:
    """What a batch of EM runs carries from one iteration to the next."""

    def __init__(self, data: Data, row: Index, start: Mixture, floor: float, hard: bool) -> None:
        self.data, self.row, self.floor, self.hard = data, row, floor, hard
        self.mixture, self.total = start.mapped(np.array), data.total[row]
        self.objective, self.sums = e_step(data, row, self.mixture, hard)
        self.iterations = np.zeros(len(row), dtype=np.int64)
        self.done = np.zeros(len(row), dtype=np.bool_)
        self.active = np.flatnonzero(np.isfinite(self.objective))

    def advance(self, tolerance: float) -> None:
        """Move the active fits by one M-step and one E-step, and retire those that may stop."""
        at = self.active
        new = m_step(self.mixture[at], self.sums.at(at), self.floor)
        value, fresh = e_step(self.data, self.row[at], new, self.hard)
        change = np.abs(value - self.objective[at])
        for held, part in zip(self.mixture.parts, new.parts, strict=True):
            held[at] = part
        for old, part in zip(self.sums.parts, fresh.parts, strict=True):
            old[at] = part
        self.objective[at] = value
        self.iterations[at] += 1
        lost = ~np.isfinite(value)
        met = ~lost & (change <= tolerance * self.total[at])
        self.done[at[met]] = True
        self.active = at[~(met | lost)]


def finished(
    mixture: Mixture, data: Data, row: Index, path: _Path, shape: tuple[int, ...], floor: float
) -> Fit:
    """Return the fit in the shape of the batch."""
    value = e_step(data, row, mixture)[0] if path.hard else path.objective
    ended = np.where(path.done, Status.CONVERGED, Status.UNFINISHED)
    status = judged(mixture, value, path.sums.mass, ended, least_variance(data, floor)[row])
    return shaped(mixture, value, path.objective, status, path.iterations, path.total, shape)


def shaped(
    mixture: Mixture, value: Array, objective: Array, status: NDArray[np.int64],
    iterations: NDArray[np.int64], total: Array, shape: tuple[int, ...],
) -> Fit:  # fmt: skip
    """Return flat results in the shape of the batch."""
    grown = mixture.mapped(lambda part: part.reshape(*shape, *part.shape[1:]))
    return Fit(
        grown, value.reshape(shape), objective.reshape(shape), status.reshape(shape),
        iterations.reshape(shape), total.reshape(shape),
    )  # fmt: skip
