"""Whether published curve ends and the code's Lipschitz constant are what theory gives.

Bai, Anderson, Kim and Sojoudi (2024): the largest radius that each certificate can attain, and the
constant that a notebook of the authors prints.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy
from refutable.theory.learning import adaptive_smoothing as theory

from refutable import (
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Printed,
    Scope,
    Values,
)

CUTOFFS = {
    (1.0, 0.64): 0.36,
    (1.0, 0.76): 0.71,
    (1.0, 0.849): 1.03,
    (1.0, 0.909): 1.34,
}
"""Where the published certified-accuracy curves end, read off the figure: (sigma, alpha)."""


Largest = Callable[[float, float], float]


def cutoffs(cell: Cell, largest: Largest = theory.largest_smoothing_radius) -> Values:
    """Largest attainable radii, less the end of the published curve."""
    published = CUTOFFS[cell.sigma, cell.alpha]
    smoothing = largest(cell.alpha, cell.sigma)
    lipschitz = theory.largest_lipschitz_radius(cell.alpha, cell.sigma)
    return {"smoothing": smoothing - published, "lipschitz": lipschitz - published}


def _logistic(alpha: float, sigma: float) -> float:
    """Return `cutoffs`' radius with a logistic law that is near the normal one, 1.702 z."""
    return float(sigma * scipy.special.logit(alpha) / 1.702)


PUBLISHED = Claim(
    id="adaptive_smoothing.published-curves-end-at-the-largest-radius",
    title="The published curves end at the largest radius that can be certified",
    source="Figure of certified accuracies; the code's radius at $h_y = 1$, $h_i = 0$",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The published curves end where the smoothing radius is largest, sigma times the "
    "alpha-quantile of the normal law, to the figure's two digits.",
    formula="r_max = sigma Phi^(-1)(alpha)",
    scope=Scope.ARITHMETIC,
    does_not_show="Nothing about accuracies. The ends were read off a figure, to about 0.01.",
    cells=Cells.of(*({"sigma": s, "alpha": a} for s, a in CUTOFFS)),
    compute=cutoffs,
    expect=(Exact("smoothing").within(-0.01, 0.01),),
    controls=(
        FalseTheory(
            "they end at the largest Lipschitz radius", Exact("lipschitz").within(-0.01, 0.01)
        ),
        BrokenWorld("a logistic law in place of the normal one", change={"largest": _logistic}),
    ),
)


Smoothed = Callable[[FloatArray, float], FloatArray]


def _far_interval(x: FloatArray, sigma: float) -> FloatArray:
    """Probability of the interval from 0 to 4 sigma: the other end takes a little of its slope."""
    return theory.smoothed_half_line(x, sigma) - theory.smoothed_half_line(x - 4 * sigma, sigma)


def lipschitz_constants(
    cell: Cell,
    smoothed: Smoothed = theory.smoothed_half_line,
    constant: Callable[[float], float] = theory.lipschitz_constant,
) -> Values:
    """Compare the published constant and a smoothed half-line's slope with the sharp constant.

    Parameters
    ----------
    smoothed : callable
        In place of the half-line's probability.
    constant : callable
        In place of the published constant, of sigma.
    """
    x = np.linspace(-4, 4, 8001) * cell.sigma
    h = smoothed(x, cell.sigma)
    published = constant(cell.sigma)
    return {
        "published": published,
        "published_to_sharp": published / theory.sharp_lipschitz_constant(cell.sigma),
        "steepest_to_sharp": float(np.gradient(h, x).max())
        / theory.sharp_lipschitz_constant(cell.sigma),
    }


LIPSCHITZ = Claim(
    id="adaptive_smoothing.lipschitz-constant-twice-the-sharp-one",
    title="The Lipschitz constant of the code is twice the sharp one",
    source="Certified radii of the code and the constant that its notebook prints for $sigma = 1$",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The Lipschitz constant of a smoothed probability used in the code is twice the "
    "sharp one, which a smoothed half-line attains.",
    formula="sqrt(2/pi)/sigma = 2 dot 1/(sigma sqrt(2 pi))",
    scope=Scope.ARITHMETIC,
    does_not_show="The radius divides a difference of two probabilities by twice the constant; a "
    "sharper one would only double it, and the smoothing radius is larger still.",
    cells=Cells(sigma=(1.0, 0.5, 0.25, 0.12)),
    compute=lipschitz_constants,
    expect=(
        Exact("published_to_sharp").equals(2, tolerance=1e-12),
        Exact("steepest_to_sharp").within(1 - 1e-4, 1),
        Printed("published", sigma=1.0).prints("0.7978845608028654"),
    ),
    controls=(
        BrokenWorld(
            "an interval of four sigma in place of the half-line",
            change={"smoothed": _far_interval},
            judged_by="steepest_to_sharp",
        ),
        BrokenWorld(
            "the constant rounded to 0.8/sigma",
            change={"constant": lambda sigma: 0.8 / sigma},
            judged_by=("published", "published_to_sharp"),
        ),
    ),
)
