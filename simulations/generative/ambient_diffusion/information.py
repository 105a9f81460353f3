"""What one noisy sample tells about the hardest direction of a law of k atoms."""

from __future__ import annotations

import numpy as np
from refutable.solvers.information_quadrature import information_spectrum, line_rule
from refutable.theory.generative.ambient_diffusion import DIMENSION_POWER, atoms_power
from refutable.theory.generative.ambient_diffusion.moments import (
    information_limit,
    score_columns,
)

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    ExactSlope,
    FalseTheory,
    FloatArray,
    Origin,
    Scope,
    Values,
)

NOISES = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
LAST = 5
"""The slope is that from noise 8 to 12; above, doubles hold no digit of it for four atoms."""
REACH, NODES = 12.0, 4001
"""Deviations beyond the outer atoms, and nodes of the quadrature: 0.006 s apart."""
SHARE = 0.02

LAWS = {
    "one atom": ((0.0,), (1.0,)),
    "two, equal": ((-1.0, 1.0), (0.5, 0.5)),
    "two, unequal": ((-1.0, 1.0), (0.3, 0.7)),
    "three": ((-1.0, 0.2, 1.0), (0.3, 0.4, 0.3)),
    "four": ((-1.0, -0.3, 0.4, 1.0), (0.25, 0.25, 0.25, 0.25)),
}


def least_information(cell: Cell, scale: float = 1.0, known_weights: bool = False) -> Values:
    """Least eigenvalue of the Fisher information of one sample, at each noise of `NOISES`.

    Parameters
    ----------
    scale : float
        Multiplies the noises.
    known_weights : bool
        The parameters are the atoms alone.
    """
    atoms, weights = LAWS[str(cell.law)]
    found = []
    for noise in scale * np.array(NOISES):
        nodes, masses = line_rule(atoms[0] - REACH * noise, atoms[-1] + REACH * noise, NODES)
        density, scores = score_columns(nodes, atoms, weights, noise)
        kept = scores[:, : len(atoms)] if known_weights else scores
        found.append(float(information_spectrum(kept, masses * density).least))
    predicted = _asymptote(cell, scale * np.array(NOISES))
    return {"least": np.array(found), "share": found[-1] / float(predicted[-1])}


def _atoms(cell: Cell) -> int:
    return len(LAWS[str(cell.law)][0])


def _asymptote(cell: Cell, noises: FloatArray) -> FloatArray:
    return information_limit(*LAWS[str(cell.law)]) * noises ** -atoms_power(_atoms(cell))


def _fourth_power(cell: Cell, noises: FloatArray) -> FloatArray:
    del cell
    return noises**-DIMENSION_POWER


def _half_a_power_less(cell: Cell, noises: FloatArray) -> FloatArray:
    return _asymptote(cell, noises) * np.sqrt(noises)


def _margin(cell: Cell) -> float:
    return SHARE * atoms_power(_atoms(cell))


def _several(cell: Cell) -> bool:
    return _atoms(cell) > 1


SEVERAL = tuple(LAWS)[1:]

FISHER_EXPONENT = Claim(
    id="ambient_diffusion.noisy-sample-fisher-exponent",
    title="The more atoms, the higher the power of the noise by which a sample is discounted",
    source="The discount $s^(-(4k-2))$ of reviews of the paper; the constant is derived",
    origin=Origin.IMPLIED,
    basis=Basis.THIRD_PARTY,
    statement=(
        "The least eigenvalue of the Fisher information of one sample at noise s of a law of k "
        "atoms falls as $s^(-(4k-2))$: the powers 2, 6, 10, 14 for one to four atoms. Its constant "
        "is that of the last of the moments that tell k atoms apart."
    ),
    formula="lambda_min (I_s) tilde.op s^(-(4k-2)) / ((2k-1)! norm(J^(-1) e_(2k-1))^2)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "A minimax rate. The constant depends on the parameters, the last weight being eliminated; "
        "the exponent does not."
    ),
    assumptions=("atoms on the line in [-1, 1]; atoms and weights unknown, the noise known",),
    cells=Cells(law=tuple(LAWS)),
    compute=least_information,
    expect=(
        ExactSlope("least", NOISES, _asymptote, start_at=LAST).near(0.0, _margin),
        Exact("share").near(1.0, 0.04),
        ExactSlope("least", NOISES, _asymptote).shown(),
    ),
    controls=(
        FalseTheory(
            "the power 4, whatever the number of atoms",
            ExactSlope("least", NOISES, _fourth_power, start_at=LAST, where=_several).near(
                0.0, _margin
            ),
        ),
        FalseTheory(
            "half a power less",
            ExactSlope("least", NOISES, _half_a_power_less, start_at=LAST).near(0.0, _margin),
        ),
        BrokenWorld("the weights are known", change={"known_weights": True}, at={"law": SEVERAL}),
        BrokenWorld(
            "half the noise, short of the limit", change={"scale": 0.5}, at={"law": SEVERAL}
        ),
        BrokenWorld(
            "noise below the distance of the atoms",
            change={"scale": 1 / 30},
            at={"law": SEVERAL},
        ),
    ),
    figure=Axis("s", "noise s"),
)
