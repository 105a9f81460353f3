"""Split and merge rounds over a batch of data sets."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    between,
    finite_array,
    generator,
    positive,
    whole_array,
    whole_number,
)
from refutable.solvers.split_merge._moves import all_rounds

__all__ = ["Grouping", "Moves", "Prior", "split_merge"]

MIN_RULE = -1.0  # stands for no floor in the compiled rounds, which take numbers alone


@dataclass(frozen=True)
class Prior:
    """Normal-inverse-Wishart prior of a group, its mean that of the data set.

    Parameters
    ----------
    kappa : float
        Above 0.
    nu : float
        Degrees of freedom, above d - 1.
    scale : float
        Psi is so many times the identity; above 0.
    concentration : float
        alpha of the Dirichlet process, above 0.

    Raises
    ------
    ValueError
        If one of them is none of these.
    """

    kappa: float
    nu: float
    scale: float
    concentration: float = 1.0

    def __post_init__(self) -> None:
        for name in ("kappa", "nu", "scale", "concentration"):
            positive(name, getattr(self, name))

    def by_count(self, n: int, d: int) -> Floats:
        """Return ``log Gamma(N) + log h`` but for ``-(nu + N)/2 log|Psi*|``, N from 0 to n.

        An empty group has no size term, and its entry is never asked for.
        """
        count = np.arange(n + 1)
        gammas = scipy.special.multigammaln((self.nu + count) / 2, d)
        volume = 0.5 * self.nu * d * np.log(self.scale)
        shrink = 0.5 * d * np.log(self.kappa / (self.kappa + count))
        rest = volume + shrink - 0.5 * d * np.log(np.pi) * count
        sizes = scipy.special.gammaln(np.maximum(count, 1))
        return np.asarray(sizes + gammas - scipy.special.multigammaln(self.nu / 2, d) + rest)


@dataclass(frozen=True)
class Moves:
    """Which moves are proposed, and when they are taken.

    Parameters
    ----------
    rounds : int
        At least 0. A round proposes splits, then merges, then runs k-means.
    floor : float, optional
        Chance, 0 to 1, of taking a move that its score speaks against; min(1, H) if None.
    least : int
        Points of a group that may be split, at least 1.
    side : int
        Points that either part must have, at least 1.
    steps : int
        Most iterations of k-means and 2-means, at least 1.
    remerge : bool
        Whether groups that were just split may merge in the same round.

    Raises
    ------
    ValueError
        If one of them is none of these.
    """

    rounds: int = 15
    floor: float | None = None
    least: int = 12
    side: int = 6
    steps: int = 20
    remerge: bool = False

    def __post_init__(self) -> None:
        whole_number("rounds", self.rounds, 0)
        for name in ("least", "side", "steps"):
            whole_number(name, getattr(self, name))
        if self.floor is not None:
            between("floor", self.floor, 0.0, 1.0)


@dataclass(frozen=True)
class Grouping:
    """What the rounds found.

    Attributes
    ----------
    labels : ndarray of int, shape (R, n)
        0 to the number of groups - 1, none empty.
    counts : ndarray of int, shape (R, rounds + 1)
        Groups after the first k-means and after every round.
    """

    labels: Ints
    counts: Ints


def split_merge(
    rng: np.random.Generator,
    x: ArrayLike,
    labels: ArrayLike,
    prior: Prior,
    moves: Moves | None = None,
) -> Grouping:
    """Run k-means from a labelling, then rounds of split and merge moves.

    A split of a group is proposed by 2-means from a k-means++ start, a merge with the nearest
    centre among the groups that this round has neither merged nor, without `remerge`, split.

    Parameters
    ----------
    rng : numpy.random.Generator
    x : array_like, shape (R, n, d)
    labels : array_like of int, shape (R, n)
        Where k-means starts, 0 to n - 1.
    prior : Prior
        Needs ``nu > d - 1``.
    moves : Moves, optional
        The defaults of `Moves` if None.

    Returns
    -------
    Grouping

    Raises
    ------
    ValueError
        If an argument is not as above.
    """
    points = finite_array("x", x, ndim=3)
    rows, n, d = points.shape
    start = whole_array("labels", labels, 0, n - 1, shape=(rows, n)).copy()
    if prior.nu <= d - 1:
        raise ValueError(f"prior has nu={prior.nu}: give a number above d - 1 = {d - 1}")
    how = Moves() if moves is None else moves
    found = np.zeros((rows, how.rounds + 1), dtype=np.int64)
    found[:, 0] = start.max(axis=1) + 1
    all_rounds(
        generator("rng", rng),
        np.ascontiguousarray(points - points.mean(axis=1, keepdims=True)),
        start,
        found,
        np.array([how.least, how.side, how.steps, how.remerge], dtype=np.int64),
        np.array([prior.kappa, prior.nu, prior.scale]),
        prior.by_count(n, d),
        np.array([MIN_RULE if how.floor is None else how.floor, np.log(prior.concentration)]),
    )
    return Grouping(start, found)
