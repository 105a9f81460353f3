r"""The density of a family that is nearest to a given one in Hellinger distance.

Minimises :math:`H^2 = \int(\sqrt q-\sqrt p)^2 = E_p(\sqrt{q/p}-1)^2` over an affine set of free
parameters by nonlinear least squares on quadrature nodes of p, with the analytic Jacobian
:math:`\tfrac12\sqrt{q/p}\,\partial\log q`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import finite_array, refuse, whole_number
from refutable.solvers.gaussian_moe.density import log_density
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.information import Nodes
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters
from refutable.solvers.gaussian_moe.score import score

__all__ = ["AffineFamily", "hellinger_square", "nearest"]

Array = NDArray[np.float64]
FARTHEST, STEEPEST = 60.0, 300.0
"""Logarithms at which a wild trial step is cut off: of variances and temperatures (e^60 = 1e26),
and of a ratio of densities (e^300 = 2e130, whose square is still a number)."""


@dataclass(frozen=True)
class AffineFamily:
    """Densities q with free vector ``origin + directions @ z``.

    Parameters
    ----------
    layout : Layout
    gate : Gate
    origin : ndarray, shape (size,)
    directions : ndarray, shape (size, free)
    """

    layout: Layout
    gate: Gate
    origin: Array
    directions: Array

    def __post_init__(self) -> None:
        origin = finite_array("origin", self.origin, shape=(self.layout.size,))
        rows = finite_array("directions", self.directions, ndim=2)
        if len(rows) != len(origin):
            refuse("directions", rows, f"one row for each of the {len(origin)} free parameters")

    def residual(self, z: Array, nodes: Nodes) -> Array:
        """Return (sqrt(q/p) - 1) sqrt(weight) at each node."""
        return np.asarray((self._ratio(z, nodes) - 1) * np.sqrt(nodes.weight))

    def jacobian(self, z: Array, nodes: Nodes) -> Array:
        """Return the derivative of the residual in z, shape (nodes, free)."""
        s = score(self._member(z), self.gate, nodes.x, nodes.y) @ self.directions
        return np.asarray(s * (0.5 * self._ratio(z, nodes) * np.sqrt(nodes.weight))[:, None])

    def _member(self, z: Array) -> Parameters:
        """Return the parameters at z; a wild trial step must not overflow a logarithm."""
        theta, k = self.origin + self.directions @ z, self.layout.k
        theta[-k:] = np.clip(theta[-k:], -FARTHEST, FARTHEST)
        gates = slice(self.layout.gates, self.layout.gate_block)
        theta[gates] = np.clip(theta[gates], -FARTHEST, FARTHEST)
        return self.layout.unpack(theta, np.asarray(1.0))

    def _ratio(self, z: Array, nodes: Nodes) -> Array:
        log_q = log_density(self._member(z), self.gate, nodes.x, nodes.y)
        return np.asarray(np.exp(np.minimum(0.5 * (log_q - nodes.log_density), STEEPEST)))


def hellinger_square(family: AffineFamily, z: Array, nodes: Nodes) -> float:
    """Return H^2 between the member z and the law of the nodes."""
    point = finite_array("z", z, shape=(family.directions.shape[1],))
    residual = family.residual(point, nodes)
    return float(residual @ residual)


def nearest(
    family: AffineFamily, nodes: Nodes, starts: Array, evaluations: int = 3000,
    bounds: tuple[Array, Array] | None = None,
) -> tuple[float, Array]:  # fmt: skip
    """Return the least H^2 over the starts and where it is attained.

    Parameters
    ----------
    family : AffineFamily
    nodes : Nodes
        Quadrature nodes of the target law.
    starts : ndarray, shape (starts, free)
    evaluations : int
        Most residual evaluations per start.
    bounds : pair of ndarray, shape (free,), optional
        A box for z; Levenberg-Marquardt without it, a trust region with it.

    Raises
    ------
    ValueError
        If there is no start or it has the wrong length.
    """
    starts = finite_array("starts", starts, ndim=2)
    if starts.shape[1] != family.directions.shape[1]:
        refuse("starts", starts, f"(at least one, {family.directions.shape[1]})")
    evaluations = whole_number("evaluations", evaluations)
    best, where = np.inf, starts[0]
    for start in starts:
        z = _descend(family, nodes, start, evaluations, bounds)
        value = hellinger_square(family, z, nodes)
        if value < best:
            best, where = value, z
    return best, where


def _descend(
    family: AffineFamily, nodes: Nodes, start: Array, evaluations: int,
    bounds: tuple[Array, Array] | None,
) -> Array:  # fmt: skip
    from scipy.optimize import least_squares  # loads slowly

    options = {"method": "lm"} if bounds is None else {"method": "trf", "bounds": bounds}
    found = least_squares(
        family.residual, start, jac=family.jacobian, args=(nodes,), max_nfev=evaluations,
        # As far as rounding lets it: the least H^2 is itself a fourth power of what is varied.
        xtol=1e-15, ftol=1e-15, gtol=1e-15, **options,
    )  # fmt: skip
    return np.asarray(found.x)
