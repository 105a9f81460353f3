"""Whether adversarial training widens the accuracy gap between imbalanced Gaussian classes.

Hu, Wu, Zhang and Zhao (ICML 2023): fits to samples against the closed-form gap, and the growth of
that gap with the imbalance R and the radius of the attack.
"""

from __future__ import annotations

from collections.abc import Callable

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
from refutable.solvers.robust_logistic import class_weights
from refutable.theory.learning import accuracy_disparity as theory

from refutable import (
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
    Quantile,
    Scope,
    Values,
)


def disparity_increase(
    cell: Cell,
    rng: Generator,
    size: int,
    *,
    imbalance: float | None = None,
    reweight: bool = False,
    harder: float = 1.0,
) -> Columns:
    """Disparity after adversarial training less that after standard training, same sample.

    Parameters
    ----------
    imbalance : float, optional
        R of the sample in place of the cell's.
    reweight : bool
        Weight both classes equally in the loss.
    harder : float
        Radius of the training in units of the stated one.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``increase``.
    """
    ratio = cell.imbalance if imbalance is None else imbalance
    x, y = sample_mixture(rng, size, cell.n, THETA, prior=ratio / (1 + ratio))
    weights = class_weights(y) if reweight else None
    robust, plain = (
        np.subtract(*exact_accuracies(robust_fit(x, y, cell.attack, factor, weights), THETA))
        for factor in (harder, 0.0)
    )
    return {"increase": robust - plain}


def _increase(cell: Cell) -> float:
    robust, plain = robust_rule(cell.attack, cell.imbalance), robust_rule("none", cell.imbalance)
    return robust.disparity - plain.disparity


RISES = Quantile("increase", 0.5).at_least(0.01)
AS_MUCH = Quantile("increase", 0.5).near(_increase, 0.025)
CONTROL_CELL = Cells(imbalance=(10,), attack=("l2",), n=(2000,))

AMPLIFIES = Claim(
    id="accuracy_disparity.imbalance-amplifies-disparity",
    title="Adversarial training widens the gap between imbalanced classes",
    source="Gaussian setting (abstract: adversarial training exacerbates the disparity of "
    "imbalanced classes)",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="On imbalanced classes adversarial training raises the disparity by 0.01 or more, "
    "and by as much as the closed form says (0.24 at $R = 10$ with $l_2$ attacks of "
    "$abs(theta)/2$), in a typical sample.",
    formula='"AD"_"rob" - "AD"_"std" > 0',
    scope=Scope.SCALED_DOWN,
    does_not_show="Linear rules on Gaussian classes with known closed form only. The median "
    "sample is compared.",
    assumptions=ASSUMPTIONS,
    cells=ByEffort(
        smoke=Cells(imbalance=(10,), attack=("l2",), n=(6000,)),
        standard=Cells(imbalance=(2, 10), attack=("weak l2", "l2"), n=(20_000,))
        + Cells(imbalance=(10,), attack=("weak linf",), n=(20_000,)),
        full=Cells(imbalance=(2, 5, 10), attack=("weak l2", "l2", "weak linf"), n=(60_000,)),
    ),
    simulate=disparity_increase,
    expect=(RISES, AS_MUCH),
    controls=(
        BrokenWorld(
            "classes equally frequent",
            change={"imbalance": 1},
            cells=CONTROL_CELL,
            expect=(RISES,),
        ),
        BrokenWorld(
            "classes weighted equally in the loss",
            change={"reweight": True},
            cells=CONTROL_CELL,
            expect=(RISES,),
        ),
        BrokenWorld(
            "trained against a radius that is a tenth larger",
            change={"harder": 1.1},
            cells=Cells(imbalance=(10,), attack=("l2",), n=(6000,)),
            expect=(AS_MUCH,),
        ),
    ),
    block=8,
    cap=ByEffort(smoke=800, standard=1600, full=3200),
)


def gaussian_grid(attack: str) -> FloatArray:
    """Closed-form disparity over imbalance and radius, shape (6, 12)."""
    radii = np.linspace(0, 0.55, 12) * (LENGTH if attack == "l2" else 0.6)
    imbalances = (1.5, 2, 3, 5, 10, 20)
    return np.array(
        [
            [theory.gaussian_rule(THETA, r, attack, eps).disparity for eps in radii]
            for r in imbalances
        ]
    )


def cauchy_grid(attack: str) -> FloatArray:
    """Disparity on the line under Cauchy noise, centre 3, shape (4, 12); norms agree there."""
    del attack
    radii = np.linspace(0, 1.5, 12)
    return np.array(
        [[theory.cauchy_disparity(r, 3.0, eps) for eps in radii] for r in (1.5, 2, 3, 5)]
    )


def smallest_steps(cell: Cell, grid: Callable[[str], FloatArray] = gaussian_grid) -> Values:
    """Smallest growth of the disparity along R and along the radius."""
    disparity = grid(cell.attack)
    along = [float(np.diff(disparity, axis=axis).min()) for axis in (0, 1)]
    return {"step_in_imbalance": along[0], "step_in_radius": along[1]}


MONOTONE = Claim(
    id="accuracy_disparity.disparity-grows",
    title="Under Gaussian noise the gap grows with imbalance and with radius",
    source="Gaussian setting; closed form derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="Under Gaussian noise the disparity grows with the imbalance and with the radius.",
    formula='"AD"(R, epsilon) = Phi(a/sigma + c) - Phi(a/sigma - c)',
    scope=Scope.AS_STATED,
    does_not_show="A grid of 6 imbalances and 12 radii up to about half of the mean, not a proof.",
    cells=Cells(attack=("l2", "linf")),
    compute=smallest_steps,
    expect=(Exact("step_in_imbalance").at_least(1e-6), Exact("step_in_radius").at_least(1e-6)),
    controls=(BrokenWorld("Cauchy noise", change={"grid": cauchy_grid}, at={"attack": "l2"}),),
)
