"""Under which activations in the gate the Fisher information is singular.

Our cause of the slow rate of the dense-to-sparse gate, and of its cure by an activation.
"""

from __future__ import annotations

from dataclasses import replace

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
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Scope,
    Values,
)

SHIFTED = ("linear + 1", "square + 3", "relu - 1")
HOMOGENEOUS = ("linear", "relu", "square", "cube", *SHIFTED)
"""Up to an additive constant."""
OTHERS = ("sigmoid", "tanh", "gelu", "softplus", "swish", "elu")


def dichotomy(
    cell: Cell,
    known_temperature: bool = False,
    flat: float = 1.0,
    degree: int = 0,
    instead: str = "",
) -> Values:
    """Least scaled eigenvalue of the information, and the error of the predicted null vector.

    Parameters
    ----------
    known_temperature : bool
        Leave the temperature out of the parameters.
    flat : float
        Factor of the gate slopes.
    degree : int
        Added to the activation's degree in the predicted null vector.
    instead : str
        Activation that takes the place of the cell's own.
    """
    truth = _truth(cell)
    truth = replace(truth, b1=flat * truth.b1)
    return _dichotomy(truth, instead or str(cell.activation), known_temperature, degree)


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


def _dichotomy(truth: Atoms, activation: str, known_temperature: bool, added: int) -> Values:
    gate, p = Gate(activation, free_temperature=not known_temperature), parameters(truth, 0.7)
    # the kink of ReLU at 0 is a border of the quadrature
    nodes = quadrature(p, gate, ((-2.0, 0.0), (0.0, 2.0)), 100, 60)
    information = fisher_information(p, gate, nodes)
    values = scaled_spectrum(information)[0]
    result: Values = {"ratio": float(abs(values[0]) / values[-1]), "null_error": 0.0}
    degree = theory.DEGREE[activation]
    if degree is not None and not known_temperature:
        wanted = np.zeros(len(information))
        ray = theory.ray_direction(truth, degree + added)
        wanted[: len(ray)] = ray
        found = null_vector(information)
        result["null_error"] = float(np.abs(found * np.sign(found @ wanted) - wanted).max())
    return result


DICHOTOMY = Claim(
    id="temperature_moe.temperature-fisher-dichotomy",
    title="A homogeneous activation leaves the information singular, others do not",
    source="Derived cause of the slow rate and of its cure (independence condition, recalled)",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "The Fisher information of all parameters is singular if the activation in the gate is "
        "homogeneous up to an additive constant, with the ray (b0, b1/p, tau) as null vector; "
        "under sigmoid, tanh, GELU, softplus, Swish and ELU it is not."
    ),
    formula="s(c z) - s(0) = c^p (s(z) - s(0)) => I (b_0, b_1 / p, tau, 0)^top = 0",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Rates. A ReLU gate is homogeneous: an activation as such cures nothing. Thirteen "
        "activations and a few truths; that no other activation is singular is not shown."
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
        BrokenWorld(
            "the temperature is known",
            change={"known_temperature": True},
            at={"activation": HOMOGENEOUS},
            judged_by="ratio",
        ),
        BrokenWorld(
            "tanh in place of the linear gate, at slopes of a hundredth",
            change={"instead": "tanh", "flat": 0.01},
            at={"activation": "linear"},
            judged_by="ratio",
        ),
        BrokenWorld(
            "slopes so small that tanh is nearly linear",
            change={"flat": 0.1},
            at={"activation": "tanh"},
        ),
        BrokenWorld(
            "the ray of the next degree",
            change={"degree": 1},
            at={"activation": HOMOGENEOUS},
            judged_by="null_error",
        ),
    ),
)
