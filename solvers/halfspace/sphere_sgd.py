"""Projected stochastic gradient descent on the unit sphere, bandwidth by bandwidth.

The learner of Gollakota et al. (2024), Algorithm 1, step 2: start anywhere, follow the gradient of
the smoothed ramp loss, renormalise, and keep the iterates and their negatives as candidates. The
bandwidth is halved from a wide one down to the target, so that far starts see a gradient.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers._compiling import compiled
from refutable.solvers.argument_checks import (
    Floats,
    generator,
    matrix,
    positive,
    signs,
    unit_vector,
    whole_number,
)
from refutable.solvers.halfspace.ramp import gradient_on_picks, gradient_on_rows


@dataclass(frozen=True)
class Schedule:
    """Bandwidths and step counts of the learner.

    Parameters
    ----------
    target : float
        Last bandwidth sigma.
    widest : float
        First bandwidth; halved until it reaches `target`. Set it to `target` for one bandwidth.
    steps : int
        Steps on random batches at each bandwidth.
    batch : int
        Rows of a batch, drawn with replacement; every row is used if there are no more than this.
    polish : int
        Steps on all rows at the target bandwidth.

    Raises
    ------
    ValueError
        If a bandwidth is not positive, `widest` is below `target`, or a count is too small.
    """

    target: float = 0.1
    widest: float = 2.0
    steps: int = 80
    batch: int = 20_000
    polish: int = 30

    def __post_init__(self) -> None:
        positive("target", self.target)
        if positive("widest", self.widest) < self.target:
            raise ValueError(f"widest={self.widest}: give at least target, {self.target}")
        for name, least in (("steps", 1), ("batch", 1), ("polish", 0)):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), least))

    @property
    def bandwidths(self) -> tuple[float, ...]:
        """Widest, widest/2, ... down to and including the target."""
        # A bandwidth within rounding of the target is the target.
        halvings = int(np.floor(np.log2(self.widest / self.target)))
        wide = [self.widest * 0.5**i for i in range(halvings + 1)]
        return (*(s for s in wide if s > self.target * (1 + 1e-9)), self.target)


@dataclass(frozen=True)
class Path:
    """Candidates of one run of the learner.

    Attributes
    ----------
    candidates : ndarray, shape (c, d)
        Unit vectors: the start, the end of every bandwidth, the polished end.
    """

    candidates: Floats

    @property
    def end(self) -> Floats:
        """The polished end, shape (d,)."""
        return np.asarray(self.candidates[-1])


def learn_direction(
    x: ArrayLike,
    y: ArrayLike,
    schedule: Schedule,
    rng: np.random.Generator,
    start: ArrayLike | None = None,
) -> Path:
    """Run the whole schedule from `start` and return the candidates in order.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points.
    y : array_like, shape (n,)
        Labels -1 or +1.
    schedule : Schedule
        Bandwidths and steps.
    rng : numpy.random.Generator
        Draws the batches.
    start : array_like, shape (d,), optional
        Unit vector, the first axis if omitted.

    Returns
    -------
    Path
        ``len(schedule.bandwidths) + 2`` candidates.

    Raises
    ------
    ValueError
        For empty or non-finite `x`, labels other than -1 and +1, or a `start` that is not unit.
    """
    array = matrix("x", x)
    labels = signs("y", y, (len(array),))
    generator("rng", rng)
    d = array.shape[1]
    first = np.eye(d)[0] if start is None else unit_vector("start", start, d)
    candidates = [first]
    for sigma in schedule.bandwidths:
        candidates.append(_descend_batches(array, labels, candidates[-1], sigma, schedule, rng))
    candidates.append(descend_all(array, labels, candidates[-1], schedule.target, schedule.polish))
    return Path(np.stack(candidates))


def _descend_batches(
    x: Floats,
    y: Floats,
    w: Floats,
    sigma: float,
    schedule: Schedule,
    rng: np.random.Generator,
) -> Floats:
    if len(x) <= schedule.batch:
        return np.asarray(descend_all(x, y, w, sigma, schedule.steps))
    picks = rng.integers(len(x), size=(schedule.steps, schedule.batch), dtype=np.int32)
    return np.asarray(descend_picks(x, y, picks, w, sigma))


@compiled()
def descend_picks(x: Floats, y: Floats, picks: np.ndarray, w: Floats, sigma: float) -> Floats:
    """One step per row of `picks`, unchecked."""
    for i in range(len(picks)):
        w = step(w, gradient_on_picks(x, y, picks[i], w, sigma), sigma, i)
    return w


@compiled()
def descend_all(x: Floats, y: Floats, w: Floats, sigma: float, steps: int) -> Floats:
    """Full-sample steps, unchecked."""
    for i in range(steps):
        w = step(w, gradient_on_rows(x, y, w, sigma), sigma, i)
    return w


@compiled()
def step(w: Floats, g: Floats, sigma: float, i: int) -> Floats:
    """Step i of a bandwidth along the sphere, unchecked."""
    # The curvature at a minimum under N(0, I) is about 0.3 / sigma, hence the first step size: half
    # a Newton step, which shrinks like 1 / i after the first ten.
    moved = w - (0.5 * sigma / (0.3 * (1 + i / 10))) * (g - (g * w).sum() * w)
    unit_step: Floats = moved / np.sqrt((moved * moved).sum())
    return unit_step
