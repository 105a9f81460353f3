"""How the sampler's law nears its limit, without corrector and with it, and what the limit is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.generative.sgmse._sampler import (
    ASSUMED,
    SDE,
    SPEECH,
    TRUTH,
    Sampler,
    output,
)
from refutable.theory.generative import sgmse as theory
from refutable.theory.generative.sgmse import Normal, Start

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
    Origin,
    Scope,
    Values,
)

STEPS = (30, 60, 120, 240, 480, 960, 1920)

Limit = Callable[[Start], Normal]


def _with_last_step(start: Start) -> Normal:
    return theory.limit_law(SDE, SPEECH, start)


def _without_last_step(start: Start) -> Normal:
    return theory.reverse_law(SDE, SPEECH, start)


def _truth(start: Start) -> Normal:
    del start
    return TRUTH


def distances(cell: Cell, limit: Limit = _with_last_step) -> Values:
    """Return the Wasserstein-2 distance of the output law from a limit, for every N.

    Parameters
    ----------
    limit : callable of the start
        The law that many steps are said to lead to.
    """
    laws, last = (output(Sampler(n), cell.start) for n in STEPS), limit(cell.start)
    return {"distance": np.array([theory.distance(law, last) for law in laws])}


RATE = ExactSlope("distance", STEPS)

MORE = Claim(
    id="sgmse.more-steps",
    title="More steps help in proportion, down to a floor",
    source="The sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Without corrector the distance of the output law from its limit halves when the "
    "steps double; the limit is not the law of clean speech, but what the start and a last step of "
    "0.03 without noise leave of it.",
    formula="W_2 (P_N, P_infinity) prop 1\\/N",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores, or zero as start: there two errors cancel in "
    "part, and the distance falls more slowly before 500 steps.",
    assumptions=ASSUMED,
    notes=(
        "With the recording as start the limit has a bias of $-0.017 s_0$ and the standard "
        "deviation $0.978 s_0$, at a distance of $0.028 s_0$.",
    ),
    cells=Cells(start=("mixture", "exact")),
    compute=distances,
    expect=(RATE.near(-1, 0.03),),
    controls=(
        FalseTheory("the distance falls as the power 1.05 of the steps", RATE.near(-1.05, 0.03)),
        BrokenWorld("the limit is the law of clean speech", change={"limit": _truth}),
        BrokenWorld(
            "the limit is that of the reverse process, without the last step",
            change={"limit": _without_last_step},
        ),
    ),
    figure=Axis(x="steps", label="steps N", log=True),
)


MANY = (16_000, 32_000, 64_000, 128_000)


def corrected_distances(cell: Cell, limit_snr: float | None = None) -> Values:
    """Return the distance of the sampler's law from its limit, for every number of steps.

    Parameters
    ----------
    limit_snr : float, optional
        r by which the limit is taken, that of the cell by default; 0 for the one without corrector.
    """
    snr = cell.snr if limit_snr is None else limit_snr
    limit = theory.limit_law(SDE, SPEECH, "exact", snr=snr)
    laws = (output(Sampler(n, cell.snr)) for n in MANY)
    return {"distance": np.array([theory.distance(law, limit) for law in laws])}


FLOOR_RATE = ExactSlope("distance", MANY)

FLOOR = Claim(
    id="sgmse.more-corrected-steps",
    title="With the corrector, many steps lead to a floor that it inflates",
    source="The sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With the corrector on, the output law tends to what endless corrector steps at the "
    "last level and the last step make, at a distance of about $1/N$.",
    formula='W_2 (P_N, P_infinity) prop 1\\/N, quad "Var"_infinity (x_"end") = '
    'v \\/ (1 - r^2 sigma^2 \\/ v), v = "Var" x_"end"',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores. The law of $1/N$ sets in after some ten thousand "
    "steps.",
    assumptions=ASSUMED,
    notes=(
        "For $r = 0.5$ the limit has a bias of $-0.004 s_0$ and the standard deviation $0.982 "
        "s_0$; with 60 steps these are $-0.012 s_0$ and $0.994 s_0$, which is nearer to the law of "
        "clean speech.",
    ),
    cells=Cells(snr=(0.3, 0.5, 0.7)),
    compute=corrected_distances,
    expect=(FLOOR_RATE.near(-1, 0.1),),
    controls=(
        FalseTheory(
            "the distance falls as the power 1.15 of the steps", FLOOR_RATE.near(-1.15, 0.1)
        ),
        BrokenWorld("the limit without corrector", change={"limit_snr": 0.0}, at={"snr": 0.3}),
        BrokenWorld("the limit of $r = 0.51$", change={"limit_snr": 0.51}, at={"snr": 0.5}),
    ),
    figure=Axis(x="steps", label="steps N", log=True),
)


FEW, THOUSAND = 120, 1000


def farther(cell: Cell, noisy_end: bool = False) -> Values:
    """Return the distance of a thousand steps from the truth over that of 120, in ``ratio``."""
    laws = (output(Sampler(n, cell.snr, noisy_end=noisy_end)) for n in (FEW, THOUSAND))
    few, thousand = (theory.distance(law, TRUTH) for law in laws)
    return {"ratio": thousand / few}


TOO_MANY = Claim(
    id="sgmse.too-many-corrected-steps",
    title="With the corrector a thousand steps can be worse than a hundred",
    source="The sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With a corrector of $r = 0.4$ or more, a thousand steps end farther from the law of "
    "clean speech than 120 steps do, by 15 per cent at least.",
    formula="W_2 (P_1000, P) >= 1.15 W_2 (P_120, P)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores, or other laws of speech than $m = 1$, $s_0 = "
    "0.1$, $y = 0.6$.",
    assumptions=ASSUMED,
    notes=(
        "The last step, without noise, takes some variance; the corrector adds some, and less so "
        "with more steps. Near 120 steps what is left of the two is least.",
        "With $r = 0.5$ the distances are $0.0107 s_0$ and $0.0157 s_0$.",
    ),
    cells=Cells(snr=(0.0, 0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7)),
    compute=farther,
    expect=(
        Exact("ratio", where=lambda cell: cell.snr >= 0.4).at_least(1.15),
        Exact("ratio", where=lambda cell: cell.snr < 0.4).shown(),
    ),
    controls=(
        FalseTheory("already with $r = 0.35$", Exact("ratio", snr=0.35).at_least(1.15)),
        BrokenWorld("a last step that keeps its noise", change={"noisy_end": True}),
    ),
    figure=Axis(x="snr", label="r of the corrector"),
)
