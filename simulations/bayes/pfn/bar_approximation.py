"""How near ever more bars come to a density of full support, and what their width costs."""

from __future__ import annotations

import math

import numpy as np
import scipy
from refutable.simulations.bayes.pfn._bars import LAWS, Law, integrals
from refutable.solvers.bar_distribution import fit_bars
from refutable.theory.bayes import pfn as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)


def reversed_divergence(law: Law, bars: int, reach: float) -> float:
    """Return KL(q, p) for the best bars q on [-reach, reach]; in pieces, cut at the jump."""
    borders = np.linspace(-reach, reach, bars + 1)
    q = fit_bars(borders, law.cdf(borders))
    ends = np.union1d(borders, [0.0])
    logs = q.log_density((ends[:-1] + ends[1:]) / 2)
    return float(np.exp(logs) @ (logs * np.diff(ends) - integrals(law.log_density, ends)))


def approximations(cell: Cell, kept_reach: bool = False, kept_width: bool = False) -> Values:
    """Divergence of the best bars from a law.

    Parameters
    ----------
    cell : Cell
        With ``law`` and ``bars``.
    kept_reach : bool
        Let bars reach no farther than 65 of them do.
    kept_width : bool
        Let bars be as wide as 65 of them are.
    """
    law, bars = LAWS[cell.law], cell.bars
    reach = law.reach(65 if kept_reach else bars)
    if kept_width:
        bars = max(1, round(reach / law.reach(65) * 65 / 2)) * 2 + 1
    found = reversed_divergence(law, bars, reach)
    return {"divergence": found, "relative": found / _predicted(law, cell.bars)}


def _predicted(law: Law, bars: int) -> float:
    reach = law.reach(bars)
    beyond = float(law.cdf(np.array(-reach)) + 1 - law.cdf(np.array(reach)))
    width = 2 * reach / bars
    low, high = law.sides
    middle = (low + high) / 2
    jump = middle * math.log(middle / math.sqrt(low * high))
    return beyond + theory.bar_cost(width, law.information) + width * jump


MANY = 4097
FAR = 7.0
"""Deviations to where bars reach: 3e-12 lies beyond, and no mass is 0 to double precision."""
OFFSET = 0.37
"""Of a border from the mean, in widths: none of the symmetric places."""

APPROXIMATION = Claim(
    id="pfn.bars-approximate-densities",
    title="Enough bars come as near as one likes to any density of full support",
    source="Theorem 1",
    origin=Origin.PRINTED,
    basis=Basis.FULL_TEXT,
    statement="The divergence KL(q, p) of bars q from a density p falls to 0 as bars become "
    "narrower and reach farther: tried on a logistic, on a Cauchy law and on a density that jumps. "
    "With 4,097 bars it is below 0.005, and to within 3 % what lies beyond, plus width squared "
    "over 24 times the Fisher information, plus a term for the jump.",
    formula='"KL"(q, p) tilde.op P(abs(x) > A) + w^2/24 integral p\'^2/p + '
    "w macron(p)_0 log(macron(p)_0/sqrt(p(0-) p(0+)))",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The theorem for every density: three are tried. The other direction of the "
    "divergence, that of the loss, in which bars without tails are infinitely far: see "
    "tails-need-a-variance. Whether training finds the masses.",
    assumptions=(
        "bars of equal width on [-A, A], with the law's masses; odd in number, so that the jump "
        "lies in the middle of a bar",
        "A is twice, or with the jump four times, the logarithm of the number of bars; its power "
        "2/3 for the Cauchy law",
    ),
    cells=Cells(law=tuple(LAWS), bars=(65, 257, 1025, MANY)),
    compute=approximations,
    expect=(
        Exact("divergence", bars=MANY).at_most(0.005),
        Exact("relative", bars=MANY).near(1.0, 0.03),
        Exact("divergence").shown(lambda cell: _predicted(LAWS[cell.law], cell.bars)),
    ),
    controls=(
        BrokenWorld(
            "bars that become narrower and reach no farther",
            change={"kept_reach": True},
            at={"bars": MANY, "law": "heavy"},
        ),
        BrokenWorld(
            "bars that reach farther and become no narrower",
            change={"kept_width": True},
            at={"bars": MANY, "law": ("jump", "heavy")},
            judged_by="divergence",
        ),
        FalseTheory(
            "width squared over 23", Exact("relative", bars=MANY, law="smooth").near(24 / 23, 0.03)
        ),
    ),
    figure=Axis(x="bars", label="number of bars", log=True, curve=True),
)


def gaussian_cost(cell: Cell, believed: float = 1.0, uneven: float = 0.0) -> Values:
    """Divergence of a standard normal from its best bars of a width, by their masses alone.

    Parameters
    ----------
    cell : Cell
        With ``width``, in standard deviations.
    believed : float
        Deviation of the normal law whose masses the bars have.
    uneven : float
        Share by which every other bar is wider, and the rest narrower.
    """
    most = math.ceil(FAR / cell.width)
    borders = cell.width * (np.arange(-most, most + 1) + OFFSET)
    borders[::2] += uneven * cell.width
    inside = np.diff(scipy.special.ndtr(borders))
    bars = fit_bars(borders, scipy.special.ndtr(borders / believed))
    negative_entropy = -float(theory.gaussian_entropy(np.array(1.0)))
    cost = negative_entropy - float(inside @ np.log(bars.masses / bars.widths))
    return {"cost": cost, "relative": cost / theory.gaussian_bar_cost(cell.width)}


WIDTH = Claim(
    id="pfn.bar-width",
    title="Bars as wide as a quarter of the predictive's deviation cost 0.0026 nats",
    source="the bar distribution, for the loss of Corollary 1.1",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="For a Gaussian predictive with variance v the best bars of equal width w have a "
    "divergence of half the logarithm of $1 + w^2/(12 v)$, some $w^2/(24 v)$, to within "
    "one part in 10,000 up to bars as wide as the deviation: what adding a uniform "
    "number does to the entropy.",
    formula='min_q "KL"(cal(N)(m, v) || q) = 1/2 log(1 + w^2/(12 v)) + O(w^8 / v^4)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="What a network loses by learning bars: it has to learn one logit for each.",
    notes=(
        "A thousand bars of equal mass under a standard normal are 0.0025 wide at its middle: a "
        "quarter of the deviation of the noise in the paper's Gaussian process, whose variance is "
        "0.0001, so that the bars cost at most some 0.003 nats there.",
    ),
    cells=Cells(width=(0.125, 0.25, 0.5, 1.0)),
    compute=gaussian_cost,
    expect=(
        Exact("relative").near(1.0, 1e-4),
        Exact("cost").shown(lambda cell: theory.gaussian_bar_cost(cell.width)),
    ),
    controls=(
        BrokenWorld(
            "masses of a law with a deviation larger by 4 parts in 10,000",
            change={"believed": 1.0004},
            at={"width": 0.125},
        ),
        BrokenWorld("every other bar wider by a hundredth", change={"uneven": 0.01}),
    ),
    figure=Axis(
        x="width", label="width of a bar, in deviations of the predictive", log=True, curve=True
    ),
)
