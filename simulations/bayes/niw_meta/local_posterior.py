"""The local bound of one task, maximised by a search, beside its closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.simulations.bayes.niw_meta.expected_precision import draw_scales
from refutable.solvers.log_cholesky import positive_definite, pull_back
from refutable.theory.bayes import niw_meta as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

KAPPA = 4.0
"""l0: its part of the bound is a constant."""


@dataclass(frozen=True)
class Task:
    """A task with a quadratic likelihood, and the law of the prior.

    Attributes
    ----------
    estimate, centre : array, shape (d,)
        Where the likelihood is largest, and m0.
    precision, scale : array, shape (d, d)
        Curvature A of the likelihood, and V0.
    freedom : float
        n0.
    """

    estimate: FloatArray
    centre: FloatArray
    precision: FloatArray
    scale: FloatArray
    freedom: float

    def loss(self, x: FloatArray) -> tuple[float, FloatArray]:
        """Return minus the local bound, up to a constant, and its gradient.

        Parameters
        ----------
        x : array, shape (d + d (d + 1) / 2,)
            Mean of q, and the log-Cholesky coordinates of its covariance.
        """
        d = len(self.estimate)
        mean, vector = x[:d], x[d:]
        covariance = positive_definite(vector)
        prior = np.linalg.inv(self.scale)
        from_data, from_centre = mean - self.estimate, mean - self.centre
        fit = from_data @ self.precision @ from_data + np.trace(self.precision @ covariance)
        # The mean over q of a, which `expected_distance` asks for.
        square = from_centre @ prior @ from_centre + np.trace(prior @ covariance)
        distance = float(theory.expected_distance(square, self.freedom, KAPPA, d))
        # The entropy: log-Cholesky coordinates hold the logarithms of the diagonal.
        volume = 2.0 * sum(vector[k * (k + 3) // 2] for k in range(d))
        both = self.precision + self.freedom * prior
        slope = self.precision @ from_data + self.freedom * prior @ from_centre
        moved = pull_back(vector, (both - np.linalg.inv(covariance)) / 2)
        return float(fit + distance - volume) / 2, np.concatenate([slope, moved])

    def optimum(self, start: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and covariance of the best q that BFGS finds."""
        from scipy.optimize import minimize

        d = len(self.estimate)
        found = minimize(self.loss, start, jac=True, method="BFGS", options={"gtol": 1e-9})
        return np.asarray(found.x[:d]), positive_definite(found.x[d:])


def draw_task(rng: Generator, d: int, freedom: float) -> Task:
    """Draw curvature, scale, estimate and centre."""
    precision, scale = draw_scales(rng, 2, d)
    estimate, centre = rng.standard_normal((2, d))
    return Task(estimate, centre, precision, scale, freedom)


def _far(found: FloatArray, said: FloatArray) -> float:
    return float(np.linalg.norm(found - said) / np.linalg.norm(said))


def searched(
    cell: Cell, rng: Generator, size: int, unshrunk: float = 0.0, freer: float = 0.0
) -> Columns:
    """Distance of the optimum of the local bound from the closed form, relative.

    Parameters
    ----------
    cell : Cell
        With ``d`` and ``freedom``.
    unshrunk : float
        Share by which the mean that is said goes on to the task's own estimate.
    freer : float
        Share by which n0 is larger in what is said.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``mean`` and ``covariance``.
    """
    d = int(cell.d)
    apart = np.empty((2, size))
    for r in range(size):
        task = draw_task(rng, d, float(cell.freedom))
        found = task.optimum(0.5 * rng.standard_normal(d + d * (d + 1) // 2))
        mean, covariance = theory.local_posterior(
            task.estimate, task.precision, task.centre, task.scale, task.freedom * (1 + freer)
        )
        mean = mean + unshrunk * (task.estimate - mean)
        apart[:, r] = _far(found[0], mean), _far(found[1], covariance)
    return {"mean": apart[0], "covariance": apart[1]}


LOCAL_POSTERIOR = Claim(
    id="niw_meta.local-posterior-closed-form",
    title="The best Gaussian posterior of a task is a closed form of the prior's law",
    source="abstract: approximate closed-form solutions for the local posteriors; derived",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="For a quadratic likelihood with optimum x and curvature A the local bound is "
    "largest at $V = (A + n_0 V_0^(-1))^(-1)$, $m = V (A x + n_0 V_0^(-1) m_0)$, on "
    "every task drawn and from every start.",
    formula="V^* = (A + n_0 V_0^(-1))^(-1), quad m^* = V^* (A overline(m) + n_0 V_0^(-1) m_0)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Likelihoods that are not quadratic, for which the closed form is approximate; "
    "that the paper prints these very formulas.",
    assumptions=(
        "A and V0 are $B B^top + I/2$ with B standard normal, x and m0 standard normal, drawn anew",
        "BFGS from a random start, on the mean and on log-Cholesky coordinates",
    ),
    cells=ByEffort(
        smoke=Cells(d=(1, 3), freedom=(7.0,)),
        standard=Cells(d=(1, 3, 5), freedom=(7.0, 60.0)),
        full=Cells(d=(1, 2, 3, 5, 7), freedom=(7.0, 60.0)),
    ),
    simulate=searched,
    expect=(Exact("mean").at_most(1e-6), Exact("covariance").at_most(1e-6)),
    controls=(
        BrokenWorld(
            "a mean that goes on to the task's own estimate, by 1e-5 of the way",
            change={"unshrunk": 1e-5},
            at={"d": 3, "freedom": 7.0},
            judged_by="mean",
        ),
        BrokenWorld(
            "n0 larger by 1e-5",
            change={"freer": 1e-5},
            at={"d": 3, "freedom": 7.0},
            judged_by="covariance",
        ),
    ),
    block=4,
    cap=ByEffort(smoke=8, standard=64, full=256),
    figure=Axis(x="d", label="dimension of a task"),
)
