"""Whether the atom of the dense-to-sparse gate satisfies its partial differential equations.

Section 2 (recalled): they tie the temperature to the gate, and the gate to the experts.
"""

from __future__ import annotations

from refutable.theory.experts import temperature_moe as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Origin,
    Scope,
    Symbolic,
    Values,
)
from refutable.claims.symbolic import vanishes

IDENTITIES = ("temperature", "slope", "variance")


def pde(cell: Cell, gate: str = "") -> Values:
    """Say of each identity whether it holds for the cell's gate, or for another one."""
    return {name: vanishes(e) for name, e in theory.pde_residuals(gate or cell.gate).items()}


PDE = Claim(
    id="temperature_moe.temperature-pde",
    title="The gate with a temperature satisfies three differential equations",
    source="Partial differential equations behind the slow rate (recalled), section 2",
    origin=Origin.IMPLIED,
    basis=Basis.RECALLED,
    statement=(
        "The atom of the dense-to-sparse gate satisfies three partial differential equations that "
        "tie the temperature to the gate slope, the gate slope to the expert's mean, and the "
        "variance to the intercept."
    ),
    formula=(
        "(partial u) / (partial tau) = -1/tau (b_1 (partial u)/(partial b_1) + "
        "b_0 (partial u)/(partial b_0)), quad "
        "(partial^2 u)/(partial b_1 partial c) = 1/tau (partial u)/(partial a), quad "
        "(partial u)/(partial v) = 1/2 (partial^2 u)/(partial c^2)"
    ),
    scope=Scope.SCALED_DOWN,
    does_not_show="That rates follow from them; a scalar x.",
    cells=Cells(gate=("linear",)),
    compute=pde,
    expect=tuple(Symbolic(name).holds() for name in IDENTITIES),
    controls=(BrokenWorld("a sigmoid inside the gate", change={"gate": "sigmoid"}),),
)
