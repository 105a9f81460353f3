"""How far the density moves at least when one copy of an over-fitted expert does.

The inequality between the Hellinger distance and D_2 behind the over-specified theorem; that its
exponents are attained is our own reading.
"""

from __future__ import annotations

from refutable.simulations.experts._gaussian_moe.modulus import Setting, local_slopes
from refutable.solvers.gaussian_moe import Gate
from refutable.theory.experts.softmax_gmoe.atoms import EASY_TRUTH

from refutable import (
    Basis,
    BrokenWorld,
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

GRID = {"c": (0.15, 0.2), "a": (0.1, 0.15), "v": (0.1, 0.15), "b1": (0.2, 0.3)}
FINE = {"c": (0.1, 0.15, 0.2), "a": (0.05, 0.1), "v": (0.05, 0.1), "b1": (0.1, 0.2)}
"""Displacements t by coordinate; the exponent is read off between the two smallest."""
EXPONENT = {"c": 8.0, "a": 4.0, "v": 4.0}
MARGIN = {"c": 0.6, "a": 0.3, "v": 0.3}


def modulus_slope(cell: Cell, copies: int | None = None, known: str = "") -> Values:
    """Exponent of the least squared Hellinger distance in the displacement.

    `copies` stands for the cell's own number; with one copy nothing is over-fitted. The coordinate
    that is `known` stays at its truth in every expert.
    """
    setting = Setting(
        EASY_TRUTH, Gate(), ((-1.0, 1.0),), copies or cell.copies, nodes=(24, 20), known=known
    )
    grid = (FINE if cell.fine else GRID)[str(cell.coordinate)]
    return {"slope": float(local_slopes(setting, str(cell.coordinate), grid, 3)[0])}


OVERSPECIFIED_MODULUS = Claim(
    id="softmax_gmoe.overspecified-modulus",
    title="Two copies of an expert separate at the exponents of the loss",
    source="Inequality between Hellinger distance and $D_2$ behind the over-specified theorem",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "If one of two copies of an expert is displaced by t and everything else adapts, the "
        "squared Hellinger distance falls to order $t^8$ for the intercept and $t^4$ for the slope "
        "and the variance: the exponents of $D_2$ are attained."
    ),
    formula="min H^2(p_G, p_(G^*)) = Theta(t^(2 overline(r)(2))) = Theta(t^8) quad (c)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "No estimator and no data: this is the inequality at the theorem's core, at two "
        "displacements of one truth. The copies keep equal weights. The minimum is over several "
        "starts and therefore an upper bound."
    ),
    assumptions=("two true experts, one of them doubled",),
    cells=ByEffort(
        smoke=Cells(coordinate=("c", "a", "v"), copies=(2,), fine=(False,)),
        standard=Cells(coordinate=("c", "a", "v"), copies=(2,), fine=(False, True)),
        full=Cells(coordinate=("c", "a", "v"), copies=(2,), fine=(False, True)),
    ),
    compute=modulus_slope,
    expect=(
        Exact("slope").near(
            lambda cell: EXPONENT[cell.coordinate], lambda cell: MARGIN[cell.coordinate]
        ),
    ),
    controls=(
        FalseTheory("t^7 for the intercept", Exact("slope", coordinate="c").near(7, 0.6)),
        FalseTheory("t^9 for the intercept", Exact("slope", coordinate="c").near(9, 0.6)),
        BrokenWorld(
            "the variances are known", change={"known": "v"}, at={"coordinate": "c", "fine": False}
        ),
        BrokenWorld("no copy", change={"copies": 1}),
    ),
)

THREE_COPIES = Claim(
    id="softmax_gmoe.three-copies-modulus",
    title="With three copies all exponents are attained but that of the slope",
    source="Exponents of $D_2$ for cells of three atoms (read in the repository), derived bound",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "With three copies the intercept's modulus is $t^12$ and the variance's $t^6$, as $D_2$ "
        "says; the slope's stays $t^4$, so that the bound $t^6$ is valid for it but not sharp."
    ),
    formula="min H^2 = Theta(t^12) (c), quad Theta(t^6) (v), quad Theta(t^4) (a)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Local exponents at finite displacements. That the slope keeps $t^4$ follows from the "
        "equations (2,0) and (2,2), which force $p_1 = p_2 = 0$ at every cell size."
    ),
    cells=ByEffort(
        smoke=Cells(coordinate=("c",), copies=(3,), fine=(False,)),
        standard=Cells(coordinate=("c", "v", "a"), copies=(3,), fine=(False,)),
        full=Cells(coordinate=("c", "v", "a"), copies=(3,), fine=(False,)),
    ),
    compute=modulus_slope,
    expect=(
        Exact("slope").near(
            lambda cell: {"c": 12.0, "v": 6.0, "a": 4.0}[cell.coordinate],
            lambda cell: {"c": 1.0, "v": 0.4, "a": 0.3}[cell.coordinate],
        ),
    ),
    controls=(
        FalseTheory("t^11 for the intercept", Exact("slope", coordinate="c").near(11, 1)),
        BrokenWorld("two copies", change={"copies": 2}, at={"coordinate": "c"}),
        BrokenWorld("no copy", change={"copies": 1}),
    ),
    notes=("The local exponent of the intercept comes out as 12.6, which stands for 12.",),
)

BETA1 = Claim(
    id="softmax_gmoe.beta1-exponent-not-sharp",
    title="The rate of the gate slope of an over-fitted expert is not sharp",
    source="Exponent rbar of the gate slope in $D_2$ (read in the repository); derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement=(
        "The gate slope of an over-fitted cell follows $t^4$, not the $t^8$ of $D_2$: the paper's "
        "rate $n^(-1/8)$ for it is a valid bound and not sharp when a single cell remains ($k < 2$ "
        "k*)."
    ),
    formula="min H^2(p_G, p_(G^*)) = Theta(t^4) quad (b_1)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="No estimator and no data; a faster rate of an estimator is not tried.",
    assumptions=("two true experts, one of them doubled, the other single",),
    cells=ByEffort(
        smoke=Cells(coordinate=("b1",), copies=(2,), fine=(False,)),
        standard=Cells(coordinate=("b1",), copies=(2,), fine=(False, True)),
        full=Cells(coordinate=("b1",), copies=(2,), fine=(False, True)),
    ),
    compute=modulus_slope,
    expect=(Exact("slope").near(4, 0.3),),
    controls=(
        FalseTheory("t^(7/2)", Exact("slope").near(3.5, 0.3)),
        FalseTheory("t^(9/2)", Exact("slope").near(4.5, 0.3)),
        BrokenWorld("no copy", change={"copies": 1}),
    ),
)
