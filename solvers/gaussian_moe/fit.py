"""Maximum likelihood: a few EM steps, then Levenberg-Marquardt to the true maximum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._starts import best_start
from refutable.solvers.argument_checks import below, refuse, whole_number
from refutable.solvers.gaussian_moe._sums import score_sums
from refutable.solvers.gaussian_moe.data import Observations, Problem
from refutable.solvers.gaussian_moe.em import EmPath, EmRule, expectation_maximisation
from refutable.solvers.gaussian_moe.ending import em_status, maximum_status
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.lm import Rule, maximise
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters
from refutable.solvers.gaussian_moe.status import Status

__all__ = ["Fit", "finished", "fit", "fit_em", "prepare"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """Fits of a batch, shape (R,) or (R, starts).

    Attributes
    ----------
    parameters : Parameters
    log_likelihood : ndarray
        Total over the observations.
    status : ndarray of Status
    iterations : ndarray of int
        EM iterations and LM evaluations together.
    promise : ndarray
        Log-likelihood a full step would still gain, to first order (NaN after EM alone).
    """

    parameters: Parameters
    log_likelihood: Array
    status: NDArray[np.int64]
    iterations: NDArray[np.int64]
    promise: Array

    def best(self) -> "Fit":
        """Return the start with the highest log-likelihood of each replicate, shape (R,).

        A start that ended SINGULAR is taken only where there is no other: its likelihood says how
        low the floor of the variances is.
        """
        at = best_start(self.log_likelihood, self.status == Status.SINGULAR)
        return Fit(
            self.parameters[at], self.log_likelihood[at], self.status[at], self.iterations[at],
            self.promise[at],
        )  # fmt: skip


def fit(
    x: ArrayLike, y: ArrayLike, start: Parameters, gate: Gate | None = None, *,
    warm_up: int = 3, rule: Rule | None = None, variance_floor: float = 1e-6,
) -> Fit:  # fmt: skip
    """Return the maximum-likelihood fit of each replicate from each start.

    Parameters
    ----------
    x : array_like, shape (R, n) or (R, n, d)
    y : array_like, shape (R, n)
    start : Parameters
        Leading shape (), (R,) or (R, starts); the last expert's gate at 0.
    gate : Gate, optional
        Dense softmax if left out.
    warm_up : int
        EM iterations before Levenberg-Marquardt, at least 0.
    rule : Rule, optional
        Stopping rule, in absolute log-likelihood.
    variance_floor : float
        Lowest variance of an expert, as a fraction of the variance of y (of 1 where y is
        constant). Without a floor the likelihood has no maximum; under one it is consistent as long
        as the floor lies below the true variances (Hathaway 1985; Tanaka & Takemura 2006). The
        default is what scikit-learn's mixtures add to variances, in units in which y's is 1.

    Returns
    -------
    Fit

    Notes
    -----
    The fit is made in units in which y, and x under a dense gate with a linear activation, have
    mean 0 and a standard deviation next to 1, so that shifts and scales of the data do not matter.
    Under another gate a shift of x changes the model, and x is scaled alone.

    Raises
    ------
    ValueError
        If data or start are malformed (see :class:`Observations`, :class:`Parameters`), n is
        below the number of free parameters, the last gate is not pinned at 0, the gate keeps more
        experts than there are, `warm_up` or `variance_floor` is out of its range, or a standard
        deviation is not between 1e-140 and 1e140.
    """
    problem, theta, shape, floor = prepare(x, y, start, gate or Gate(), variance_floor)
    warm_up = whole_number("warm_up", warm_up, 0)
    rule, spent = rule or Rule(), np.zeros(len(theta), dtype=np.int64)
    if warm_up:
        em = EmRule(tolerance=rule.tolerance, iterations=warm_up)
        path = expectation_maximisation(problem, theta, em, floor)
        theta, spent = path.theta, path.iterations
    lower = np.full(theta.shape, -np.inf)
    lower[:, -problem.layout.k :] = np.log(floor)[:, None]
    undecided = np.zeros(len(theta))
    top = maximise(_evaluator(problem, undecided), theta, rule, lower, _reach(problem.layout))
    status = maximum_status(problem, top, undecided, floor)
    return _shaped(
        problem, top.theta, top.value, status, spent + top.iterations, top.promise, shape
    )


def fit_em(
    x: ArrayLike, y: ArrayLike, start: Parameters, gate: Gate | None = None, *,
    rule: EmRule | None = None, variance_floor: float = 1e-6,
) -> Fit:  # fmt: skip
    """Return where EM alone stops. Status: CONVERGED means only that *its* rule was met.

    Parameters and errors as :func:`fit`; `rule` is EM's own.
    """
    problem, theta, shape, floor = prepare(x, y, start, gate or Gate(), variance_floor)
    path = expectation_maximisation(problem, theta, rule or EmRule(), floor)
    return finished(problem, path, floor, shape)


def finished(
    problem: Problem, path: EmPath, floor: Array, shape: tuple[int, ...]
) -> Fit:  # fmt: skip
    """Return the fits of an EM that says itself which are done."""
    status, promise = em_status(problem, path, floor), np.full(len(path.theta), np.nan)
    return _shaped(problem, path.theta, path.value, status, path.iterations, promise, shape)


def prepare(
    x: ArrayLike, y: ArrayLike, start: Parameters, gate: Gate, variance_floor: float
) -> tuple[Problem, Array, tuple[int, ...], Array]:
    """Return the problem in its own units, the free vectors of the starts, shape, and floors."""
    data = Observations.of(x, y)
    rows = len(data.y)
    shape = start.batch if len(start.batch) == 2 else (rows,)
    _check(data, start, gate, rows, variance_floor)
    start = start.broadcast(shape)
    layout = Layout.of(start, gate)
    row = np.repeat(np.arange(rows), shape[1] if len(shape) == 2 else 1)
    data, units = data.in_units(gate.follows_shifts(start.k))
    theta = units.inward(layout.pack(start).reshape(-1, layout.size), layout, row)
    variance = data.y.var(axis=1)
    floor = variance_floor * np.where(variance > 0, variance, 1.0)[row]
    # A start below the floor is likelier than what follows, which would count as a fall.
    theta[:, -layout.k :] = np.maximum(theta[:, -layout.k :], np.log(floor)[:, None])
    problem = Problem(data, row, gate, layout, start.tau.reshape(-1).copy(), units)
    return problem, theta, shape, floor


def _check(data: Observations, start: Parameters, gate: Gate, rows: int, floor: float) -> None:
    if len(start.batch) > 2 or (start.batch and start.batch[0] != rows):
        refuse("start", start.c, f"leading axes (), ({rows},) or ({rows}, starts)")
    if start.d != data.d:
        refuse("start", start.a, f"slopes of the length of x, {data.d}")
    if (start.b0[..., -1] != 0).any() or (start.b1[..., -1, :] != 0).any():
        raise ValueError("start has no last gate at 0: give start.pinned()")
    size = Layout.of(start, gate).size
    gate.kept(start.k)
    if data.n < size:
        refuse("n", data.n, f"at least the {size} of the free parameters")
    below("variance_floor", floor, 0, 1)


def _reach(layout: Layout) -> Array:
    """Keep one step of a logarithmic coordinate below 3: the model is exponential in it.

    Twice as much changes no fit of 36; 1 sends one of them to another local maximum.
    """
    reach = np.full(layout.size, np.inf)
    reach[layout.gates : layout.gate_block] = 3.0
    reach[-layout.k :] = 3.0
    return reach


def _evaluator(problem: Problem, undecided: Array):  # type: ignore[no-untyped-def]
    def evaluate(theta: Array, at: NDArray[np.intp]) -> tuple[Array, Array, Array]:
        value, gradient, information, doubt = score_sums(*problem.arguments(theta, at))
        undecided[at] = doubt
        return value, gradient, information

    return evaluate


def _shaped(
    problem: Problem, theta: Array, value: Array, status: NDArray[np.int64],
    iterations: NDArray[np.int64], promise: Array, shape: tuple[int, ...],
) -> Fit:  # fmt: skip
    value = problem.likelihood(value, np.arange(len(theta)))
    return Fit(
        problem.parameters(theta, shape), value.reshape(shape), status.reshape(shape),
        iterations.reshape(shape), promise.reshape(shape),
    )  # fmt: skip
