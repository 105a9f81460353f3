"""Whether the bound of Theorem 3.1, with the notebook's constants, exceeds the measured gap."""

from __future__ import annotations

from refutable.simulations.learning.generative_augmentation._setting import (
    GAUSSIAN,
    exact_gap,
    plotted_gap,
    plotted_variance,
    setting,
)
from refutable.theory.learning import generative_augmentation as theory

from refutable import (
    Axis,
    Basis,
    ByEffort,
    Cell,
    Cells,
    Claim,
    FalseTheory,
    Mean,
    Origin,
    Scope,
)


def _bound(cell: Cell) -> float:
    return theory.stability_bound(setting(cell))


ABSOLUTE_GAP = Mean("absolute_gap", variance_at_most=plotted_variance)


STABILITY_BOUND = Claim(
    id="generative_augmentation.stability-bound",
    title="The stability bound exceeds the measured gap",
    source="Theorem 3.1 on the Gaussian mixture, with the constants of the public notebook",
    origin=Origin.IMPLIED,
    basis=Basis.CODE,
    statement="The bound exceeds the measured mean absolute gap.",
    formula='E|"gap"| <= m_G/m_T M D_"TV" + M (sqrt(m) + sqrt(m_G))/m_T + (m sqrt(m_G) beta)/m_T '
    "+ (beta m (log m + log m_G))/m_T + m/m_T log(m) M T",
    scope=Scope.AS_STATED,
    does_not_show="The bound is so large that it cannot fail here. Its hidden constants are taken "
    "as 1; its shape at d=1 (not monotone in gamma) is not that of the gap.",
    assumptions=GAUSSIAN,
    notes=("The bound is about 30 times the measured gap.",),
    cells=ByEffort(
        smoke=Cells(d=(50,), m=(10,), gamma=(0, 5, 100)),
        standard=Cells(d=(50,), m=(10,), gamma=(0, 1, 5, 20, 100)),
        full=Cells(d=(50,), m=(10,), gamma=(0, 1, 2, 5, 10, 20, 50, 100)),
    ),
    simulate=plotted_gap,
    expect=(ABSOLUTE_GAP.at_most(_bound, predicted=exact_gap),),
    controls=(
        FalseTheory("a hundredth of the bound", ABSOLUTE_GAP.at_most(lambda c: _bound(c) / 100)),
    ),
    block=60,
    cap=ByEffort(smoke=600, standard=1200, full=2400),
    weak=True,
    figure=Axis(x="gamma", label="augmentation ratio γ", curve=True),
)
