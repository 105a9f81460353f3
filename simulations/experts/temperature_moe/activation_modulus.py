"""How far the density moves at least when one copy of an over-fitted expert does, sigmoid gate.

Over-specified theorem for the activation gate (recalled).
"""

from __future__ import annotations

from refutable.simulations.experts._gaussian_moe.modulus import Setting, local_slopes
from refutable.solvers.gaussian_moe import Gate
from refutable.theory.experts.softmax_gmoe.atoms import EASY_TRUTH
from refutable.theory.experts.temperature_moe import TWO_TRUTH

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    RightTheory,
    Scope,
    Values,
    Verdict,
)

GRID = {"c": (0.15, 0.2), "a": (0.02, 0.03), "v": (0.1, 0.15), "b1": (0.02, 0.04)}
EXPONENT = {"c": 8.0, "a": 4.0, "v": 4.0, "b1": 4.0}
MARGIN = {"c": 0.6, "a": 0.3, "v": 0.3, "b1": 0.3}
SIGMOID = Gate("sigmoid", free_temperature=True)


def activation_modulus(cell: Cell, copies: int | None = None, known: str = "") -> Values:
    """Exponent of the least squared Hellinger distance under a sigmoid gate, tau free.

    `copies` stands for the cell's own number; with one copy nothing is over-fitted. The coordinate
    that is `known` stays at its truth in every expert.
    """
    setting = Setting(
        TWO_TRUTH, SIGMOID, ((-3.0, 3.0),), copies or cell.copies, tau=0.1, nodes=(24, 20),
        known=known,
    )  # fmt: skip
    coordinate = str(cell.coordinate)
    return {"slope": float(local_slopes(setting, coordinate, GRID[coordinate], 2)[0])}


ACTIVATION_MODULUS = Claim(
    id="temperature_moe.activation-overspecified-modulus",
    title="Under a sigmoid gate two copies separate at the known exponents",
    source="Over-specified theorem for the activation gate (recalled)",
    origin=Origin.DERIVED,
    basis=Basis.RECALLED,
    statement=(
        "With a sigmoid inside the gate the moduli of an over-fitted pair are $t^8$ for the "
        "intercept and $t^4$ for gate slope, slope and variance."
    ),
    formula="min H^2 = Theta(t^8) (c), quad Theta(t^4) (b_1, a, v)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="No estimator and no data; one truth at $tau = 0.1$; the copies weigh the same.",
    cells=Cells(coordinate=("c", "a", "v", "b1"), copies=(2,)),
    compute=activation_modulus,
    expect=(
        Exact("slope").near(
            lambda cell: EXPONENT[cell.coordinate], lambda cell: MARGIN[cell.coordinate]
        ),
    ),
    controls=(
        FalseTheory("t^7 for the intercept", Exact("slope", coordinate="c").near(7, 0.6)),
        FalseTheory("t^9 for the intercept", Exact("slope", coordinate="c").near(9, 0.6)),
        BrokenWorld("the variances are known", change={"known": "v"}, at={"coordinate": "c"}),
        BrokenWorld("no copy", change={"copies": 1}),
    ),
)


def three_copies(cell: Cell) -> Values:
    """Exponent of the expert slope with three copies, sigmoid gate or linear."""
    if cell.gate == "sigmoid":
        return activation_modulus(Cell({"coordinate": "a", "copies": 3}))
    setting = Setting(EASY_TRUTH, Gate(), ((-1.0, 1.0),), 3, nodes=(24, 20))
    return {"slope": float(local_slopes(setting, "a", (0.1, 0.15), 4)[0])}


IMPROVEMENT = Claim(
    id="temperature_moe.activation-improves-expert-slope",
    title="An activation in the gate improves the rate of the expert slope",
    source="Losses of the two gates for cells of three atoms (recalled): $a^3$ against $a^2$",
    origin=Origin.GUARD,
    basis=Basis.RECALLED,
    statement=(
        "For three copies the expert slope's modulus is $t^6$ under the linear gate and $t^4$ "
        "under the sigmoid gate: the activation improves its rate."
    ),
    formula='min H^2 = Theta(t^6) ("linear"), quad Theta(t^4) ("sigmoid")',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "The bounds of both losses are valid. The linear gate here is without a temperature, as in "
        "the parent paper; the losses are recalled."
    ),
    cells=Cells(gate=("linear", "sigmoid")),
    compute=three_copies,
    expect=(
        Exact("slope", gate="sigmoid").near(4, 0.3),
        Exact("slope", gate="linear").near(6, 0.3),
    ),
    controls=(
        FalseTheory("t^(7/2), sigmoid gate", Exact("slope", gate="sigmoid").near(3.5, 0.3)),
        FalseTheory("t^(9/2), sigmoid gate", Exact("slope", gate="sigmoid").near(4.5, 0.3)),
    ),
    positive=(RightTheory("t^4 under either gate", Exact("slope").near(4, 0.3)),),
    expected=Verdict.REFUTED,
    why=(
        "The linear gate has $t^4$ as well: equations (2,0) and (2,2) of the polynomial system "
        "force the slope's direction to vanish at every cell size. The bound $t^6$ is valid and "
        "not sharp."
    ),
)
