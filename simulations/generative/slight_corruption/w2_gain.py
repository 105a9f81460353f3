"""Whether slight corruption brings the generated law nearer to the truth in W2 (Theorem 2)."""

from __future__ import annotations

from math import sqrt
from typing import Any

from numpy.random import Generator
from refutable.simulations.generative.slight_corruption._data import CLASS
from refutable.simulations.generative.slight_corruption._transport import gains
from refutable.theory.generative.slight_corruption.transport import Setting

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Mean,
    Origin,
    Scope,
)


def setting(cell: Cell) -> Setting:
    """Return the cell's class, with gamma = C/sqrt(n)."""
    return Setting(cell.n, cell.d, cell.norm, cell.scale / sqrt(cell.n))


def ratios(cell: Cell, rng: Generator, size: int) -> Columns:
    """Gain over ``gamma^2 d/n`` of `size` data sets.

    Returns
    -------
    dict of ndarray, shape (size,)
    """
    here = setting(cell)
    return {"ratio": gains(rng, size, here) / here.unit}


def _variance(cell: Cell) -> float:
    """Proved: see `Setting.variance_bound`; the mean term is a constant."""
    here = setting(cell)
    return here.variance_bound / here.unit**2


def _first_order(cell: Cell) -> float:
    return setting(cell).first_order_ratio


def ratio(**where: Any) -> Mean:
    """Return the expected ratio as functional, with its proved variance."""
    return Mean("ratio", variance_at_most=_variance, **where)


SLIGHT = {"scale": (0.3,), "norm": (1.0,)}

BOUND = Claim(
    id="slight_corruption.w2-gain-slight",
    title="Slight label noise brings what is generated nearer to the truth",
    source="Theorem 2 (4 in the appendix)",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="With label noise of deviation $0.3/sqrt(n)$ the expected squared distance to the "
    "true law falls by at least gamma squared times the dimension over the sample size; "
    "the theorem leaves the factor open, here it is 1.",
    formula="gamma = O(1/sqrt(n_k)): quad EE[W_2^2 (P, Q) - W_2^2 (P, Q^c)] = Omega(gamma^2 d/n_k)",
    scope=Scope.AS_STATED,
    does_not_show="Anything of guidance, finite steps or networks. The hidden constants depend on "
    "the length of the class mean: see w2-gain-break-even.",
    assumptions=(*CLASS, "the norm of the class mean is 1", "gamma = 0.3/sqrt(n)"),
    cells=ByEffort(
        smoke=Cells(n=(50, 100, 400), d=(2, 8, 32), **SLIGHT),
        standard=Cells(n=(50, 100, 200, 400), d=(2, 4, 8, 16, 32), **SLIGHT),
        full=Cells(n=(50, 100, 200, 400, 800), d=(2, 4, 8, 16, 32), **SLIGHT),
    ),
    simulate=ratios,
    expect=(ratio().at_least(1), ratio(d=8).shown(_first_order)),
    controls=(
        FalseTheory("three and a half times as much", ratio(n=100, d=8).at_least(3.5)),
        BrokenWorld(
            "a class mean of length 3 and $gamma = 1.5/sqrt(n)$",
            cells=Cells(n=(50,), d=(8,), scale=(1.5,), norm=(3.0,)),
            expect=(ratio().at_least(1),),
        ),
        BrokenWorld(
            "gamma = 0.5, not slight for a hundred samples",
            cells=Cells(n=(100,), d=(8,), scale=(5.0,), norm=(1.0,)),
            expect=(ratio().at_least(1),),
        ),
    ),
    block=128,
    cap=ByEffort(smoke=12_800, standard=25_600, full=102_400),
    notes=(
        "The mean term is in closed form and the covariance term is drawn; its variance has a "
        "proved bound (theory, Setting.variance_bound).",
    ),
)
