"""Under which activations in the gate the Fisher information is singular.

Our cause of the slow rate of the dense-to-sparse gate, and of its cure by an activation.
"""

from __future__ import annotations

import numpy as np
from refutable.simulations.experts._gaussian_moe.worlds import parameters
from refutable.solvers.gaussian_moe import (
    Gate,
    fisher_information,
    null_vector,
    quadrature,
    scaled_spectrum,
)
from refutable.theory.experts import temperature_moe as theory
from refutable.theory.experts.softmax_gmoe.atoms import Atoms

from refutable import (
    Basis,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)

HOMOGENEOUS = ("linear", "relu", "square", "cube")
OTHERS = ("sigmoid", "tanh", "gelu", "softplus")


def dichotomy(cell: Cell) -> Values:
    """Least scaled eigenvalue of the information, and the error of the predicted null vector."""
    return _dichotomy(_truth(cell), str(cell.activation))


def _truth(cell: Cell) -> Atoms:
    truth = theory.TWO_TRUTH if cell.k == 2 else theory.THREE_TRUTH
    if not cell.draw:
        return truth
    rng = np.random.default_rng(int(cell.draw))
    free = np.append(np.ones(len(truth.b0) - 1), 0.0)
    shake = 0.2 * rng.standard_normal((4, len(free)))
    return Atoms(
        truth.b0 + shake[0] * free, truth.b1 + shake[1] * free, truth.a + shake[2],
        truth.c + shake[3], truth.v,
    )  # fmt: skip


def _dichotomy(truth: Atoms, activation: str) -> Values:
    gate, p = Gate(activation, free_temperature=True), parameters(truth, 0.7)
    # the kink of ReLU at 0 is a border of the quadrature
    nodes = quadrature(p, gate, ((-2.0, 0.0), (0.0, 2.0)), 100, 60)
    information = fisher_information(p, gate, nodes)
    values = scaled_spectrum(information)[0]
    result: Values = {"ratio": float(abs(values[0]) / values[-1]), "null_error": 0.0}
    degree = theory.DEGREE[activation]
    if degree is not None:
        wanted = np.zeros(len(information))
        ray = theory.ray_direction(truth, degree)
        wanted[: len(ray)] = ray
        found = null_vector(information)
        result["null_error"] = float(np.abs(found * np.sign(found @ wanted) - wanted).max())
    return result


DICHOTOMY = Claim(
    id="temperature_moe.temperature-fisher-dichotomy",
    title="The information is singular exactly under a homogeneous activation",
    source="Derived cause of the slow rate and of its cure (independence condition, recalled)",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "The Fisher information of all parameters is singular exactly when the activation in the "
        "gate is homogeneous, and its null vector is the ray (b0, b1/p, tau)."
    ),
    formula="s(c z) = c^p s(z) => I (b_0, b_1 / p, tau, 0)^top = 0",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Rates. A ReLU gate is homogeneous: an activation as such cures nothing. Eight activations "
        "and a few truths, not all of them."
    ),
    cells=ByEffort(
        smoke=Cells(activation=(*HOMOGENEOUS, *OTHERS), k=(2,), draw=(0,)),
        standard=Cells(activation=(*HOMOGENEOUS, *OTHERS), k=(2, 3), draw=(0,)),
        full=Cells(activation=(*HOMOGENEOUS, *OTHERS), k=(2, 3), draw=(0, 1, 2, 3)),
    ),
    compute=dichotomy,
    expect=(
        Exact("ratio", activation=HOMOGENEOUS).at_most(1e-12),
        Exact("ratio", activation=OTHERS).at_least(1e-5),
        Exact("null_error", activation=HOMOGENEOUS).at_most(1e-6),
    ),
    controls=(
        FalseTheory("a ReLU gate cures it", Exact("ratio", activation="relu").at_least(1e-5)),
        FalseTheory("sigmoid is singular", Exact("ratio", activation="sigmoid").at_most(1e-12)),
    ),
)
