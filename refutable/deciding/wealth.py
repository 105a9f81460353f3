r"""When betting decides about a bounded mean: the logarithm of the capital as a normal walk.

Against "the mean is at most *m*" the fraction *f* that grows fastest on a law earns
:math:`\log(1 - f + f x / m)` per outcome; its mean and its covariance with what the other bets earn
are those under the pilot's law, tilted to the mean that is taken for true. The kernel's mixture
pays the logarithm of the weight of the bets that follow the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # loads its parts when they are used

from refutable.claims.arrays import FloatArray
from refutable.deciding.kernels.betting import MOST
from refutable.deciding.kernels.boundary import Counts
from refutable.deciding.kernels.capital import FOLLOWING
from refutable.deciding.paths import Times, first_size

_GRID = np.concatenate([np.geomspace(1e-4, 0.1, 60), np.linspace(0.1, MOST, 140)])
"""Fractions among which the best is looked for; growth is flat around its maximum."""

_STEEPEST = 700.0
"""Largest tilt: its exponential is still a double. A mean beyond it is taken as far as it goes."""


@dataclass(frozen=True)
class Law:
    """A law on [0, 1].

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        The weights sum to 1.
    """

    values: FloatArray
    weights: FloatArray


def pilot_law(values: FloatArray, mean: float) -> Law:
    """Return the law of a pilot in [0, 1], tilted exponentially until it has this mean.

    Where the pilot lies wholly on one side of the mean, half an outcome at each bound is added, so
    that a law with this mean can be had from it at all.
    """
    weights = np.full(values.size, 1.0)
    if not values.min() < mean < values.max():
        if values.mean() == mean:
            return Law(values, weights / values.size)
        values, weights = np.append(values, [0.0, 1.0]), np.append(weights, [0.5, 0.5])

    def tilted(tilt: float) -> FloatArray:
        logs = tilt * (values - values.mean())
        raw = weights * np.exp(logs - logs.max())
        found: FloatArray = raw / raw.sum()
        return found

    def excess(tilt: float) -> float:
        return float(tilted(tilt) @ values) - mean

    if excess(-_STEEPEST) >= 0.0 or excess(_STEEPEST) <= 0.0:
        return Law(values, tilted(_STEEPEST if excess(0.0) < 0.0 else -_STEEPEST))
    return Law(values, tilted(float(scipy.optimize.brentq(excess, -_STEEPEST, _STEEPEST))))


def earnings(law: Law, mean: float, above: bool) -> FloatArray | None:
    """Return what the best bet earns on each value, shape (n,); None if no bet wins.

    Parameters
    ----------
    law : Law
    mean : float
        In (0, 1), the hypothesis bet against.
    above : bool
        Whether the bet is that the true mean is greater.
    """
    sides, against = (law.values, mean) if above else (1.0 - law.values, 1.0 - mean)
    logs = np.log1p(_GRID[:, None] * (sides / against - 1.0))
    growth = logs @ law.weights
    best = int(growth.argmax())
    earned: FloatArray = logs[best]
    return earned if growth[best] > 0.0 else None


def capital_left(law: Law, mean: float, above: bool, bar: float, count: int, spare: float) -> float:
    """Return by how much the log capital of `count` outcomes exceeds the bar.

    Parameters
    ----------
    law, mean, above
        As in `earnings`.
    bar : float
        Log capital that refutes.
    count : int
        Outcomes.
    spare : float
        Standard deviations of bad luck that are granted.
    """
    steps = earnings(law, mean, above)
    if steps is None:
        return -math.inf
    drift = float(steps @ law.weights)
    scatter = math.sqrt(max(float((steps - drift) ** 2 @ law.weights), 0.0))
    return count * drift - spare * scatter * math.sqrt(count) - (bar - math.log(FOLLOWING))


def betting_times(
    law: Law,
    region: tuple[float, float],
    bar: float,
    sizes: Counts,
    paths: int,
    rng: np.random.Generator,
) -> Times:
    """Return when paths of bets on outcomes of a law are decided.

    Parameters
    ----------
    law : Law
    region : pair of float
        Ends in [0, 1]; an end at 0 or 1 or beyond is none.
    bar : float
        Log capital that refutes.
    sizes : ndarray of int, shape (looks,)
        Replicates at the looks.
    paths : int
    rng : Generator
    """
    lower, upper = region
    never, always = np.full(paths, math.inf), np.zeros(paths)
    bets = {
        (end, above): earnings(law, end, above)
        for end in region
        if 0.0 < end < 1.0
        for above in (True, False)
    }
    walks = {key: found for key, found in bets.items() if found is not None}
    passed = _passages(law, list(walks.values()), bar - math.log(FOLLOWING), sizes, paths, rng)
    when = dict(zip(walks, passed, strict=True))

    def decided(end: float, above: bool, without: FloatArray) -> FloatArray:
        return when.get((end, above), never) if 0.0 < end < 1.0 else without

    return Times(
        np.maximum(decided(lower, True, always), decided(upper, False, always)),
        np.minimum(decided(lower, False, never), decided(upper, True, never)),
    )


def _passages(
    law: Law,
    earned: list[FloatArray],
    bar: float,
    sizes: Counts,
    paths: int,
    rng: np.random.Generator,
) -> list[FloatArray]:
    """Return the looks at which walks with these steps have passed the bar."""
    if not earned:
        return []
    steps = np.stack(earned)
    drift = steps @ law.weights
    centred = steps - drift[:, None]
    root = _root((centred * law.weights) @ centred.T)
    gaps = np.diff(sizes, prepend=0)
    noise = rng.standard_normal((paths, gaps.size, len(earned))) * np.sqrt(gaps)[:, None]
    walk = np.cumsum(noise @ root, axis=1) + sizes[:, None] * drift
    return [first_size(sizes, walk[:, :, place] >= bar) for place in range(len(earned))]


def _root(covariance: FloatArray) -> FloatArray:
    """Return a matrix R with R' R the covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    root: FloatArray = (vectors * np.sqrt(np.maximum(values, 0.0))).T
    return root
