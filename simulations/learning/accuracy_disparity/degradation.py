"""Whether robust training costs accuracy where both classes are equally frequent.

Hu, Wu, Zhang and Zhao (ICML 2023), Gaussian classes at R = 1: the abstract says that it does; the
closed form adds a condition on the norm of the attack.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.learning.accuracy_disparity._gaussian import (
    ASSUMPTIONS,
    LENGTH,
    THETA,
    exact_accuracies,
    robust_fit,
    robust_rule,
)
from refutable.solvers.gaussian_mixture import sample_mixture

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    RightTheory,
    Scope,
    Verdict,
)

FLAT = np.full(20, LENGTH / np.sqrt(20))
"""A mean of the same length whose components are all equal."""


def accuracy_drop(cell: Cell, rng: Generator, size: int, theta: FloatArray = THETA) -> Columns:
    """Mean class accuracy after standard less that after adversarial training, R = 1.

    Parameters
    ----------
    theta : ndarray, shape (20,)
        Class mean.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``drop``.
    """
    x, y = sample_mixture(rng, size, cell.n, theta)
    plain, robust = (
        np.mean(exact_accuracies(robust_fit(x, y, cell.attack, factor), theta), axis=0)
        for factor in (0.0, 1.0)
    )
    return {"drop": plain - robust}


def _drop(cell: Cell) -> float:
    return robust_rule("none", 1).majority - robust_rule(cell.attack, 1).majority


AS_PREDICTED = Quantile("drop", 0.5).near(_drop, 0.005)

DEGRADATION = Claim(
    id="accuracy_disparity.inherent-degradation",
    title="On balanced classes maximum-norm training costs accuracy, Euclidean not",
    source="Gaussian setting, balanced classes; hidden condition derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="With balanced classes l_inf training costs accuracy in a typical sample when the "
    "components of theta differ (0.022 here); $l_2$ training costs none.",
    formula='"acc"_"std" - "acc"_"rob" = Phi(abs(theta)_2/sigma) - Phi(a/sigma)',
    scope=Scope.AS_STATED,
    does_not_show="Isotropic noise: with another covariance $l_2$ training degrades as well. The "
    "drop is averaged over the classes, which are exchangeable at $R = 1$.",
    assumptions=ASSUMPTIONS,
    cells=ByEffort(
        smoke=Cells(attack=("l2", "linf"), n=(6000,)),
        standard=Cells(attack=("l2", "linf"), n=(20_000,)),
        full=Cells(attack=("l2", "linf"), n=(60_000,)),
    ),
    simulate=accuracy_drop,
    expect=(AS_PREDICTED, Quantile("drop", 0.5, attack="linf").at_least(0)),
    controls=(
        FalseTheory(
            "l_2 training costs a tenth of that as well",
            Quantile("drop", 0.5, attack="l2").at_least(0.002),
        ),
        BrokenWorld(
            "all components of theta equal",
            change={"theta": FLAT},
            cells=Cells(attack=("linf",), n=(2000,)),
            expect=(AS_PREDICTED,),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=800, standard=1600, full=3200),
)


DEGRADES_ALWAYS = Claim(
    id="accuracy_disparity.every-robust-training-degrades",
    title="Robust training costs accuracy whatever the norm of the attack",
    source="abstract: adversarial training degrades the standard accuracy of all classes",
    origin=Origin.GUARD,
    basis=Basis.ABSTRACT,
    statement="With balanced classes robust training costs at least 0.005 of accuracy, whatever "
    "the norm of the attack, in a typical sample.",
    formula='"acc"_"std" - "acc"_"rob" >= 0.005',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The abstract does not say that the degradation is strict for isotropic noise.",
    assumptions=ASSUMPTIONS,
    cells=Cells(attack=("l2", "linf"), n=(2000,)),
    simulate=accuracy_drop,
    expect=(Quantile("drop", 0.5).at_least(0.005),),
    controls=(
        FalseTheory(
            "l_inf training costs nothing", Quantile("drop", 0.5, attack="linf").at_most(0.005)
        ),
    ),
    positive=(
        RightTheory(
            "under l_inf attacks it does", Quantile("drop", 0.5, attack="linf").at_least(0.005)
        ),
        RightTheory(
            "under $l_2$ attacks next to nothing", Quantile("drop", 0.5, attack="l2").near(0, 0.005)
        ),
    ),
    block=8,
    cap=ByEffort(smoke=800, standard=1600, full=3200),
    expected=Verdict.REFUTED,
    why="For $l_2$ attacks and isotropic noise the robust direction is theta itself and the "
    "threshold is 0 at $R = 1$: the robust rule is the standard one.",
)
