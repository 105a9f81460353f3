"""M-steps: new variances from the second moments of the coefficients under the posterior.

The M-step minimises ``sum log gamma + m / gamma`` over the gammas that the model has, m being the
second moments. An entry that is 0 stays 0 and counts for nothing: its column is cut. All but the
last of several factors are given the norm 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from refutable.solvers.argument_checks import Bools, Floats, nonnegative, whole_number

MStep = Callable[[Floats, Sequence[Floats]], list[Floats]]
"""Takes second moments (R, n_1, ..., n_d) and scales (R, n_i); returns scales."""


def classical(second: Floats, scales: Sequence[Floats]) -> list[Floats]:
    """Return the second moments: the minimum, if every coefficient has its own variance.

    Parameters
    ----------
    second : ndarray, shape (R, n)
    scales : sequence of one ndarray, shape (R, n)
    """
    return [np.where(scales[0] > 0, second, 0.0)]


@dataclass(frozen=True)
class Alternating:
    """Minimise over one factor after another: each has a closed form, and the cost never rises.

    A factor becomes the mean, over the other axes, of the second moments over the product of the
    other factors.

    Attributes
    ----------
    sweeps : int
        Through all factors, at most.
    tolerance : float
        Stop when no factor, of any data set, moves by more than this share of its largest entry.
    together : bool
        Compute all factors of a sweep from the old ones; that is no minimisation.
    """

    sweeps: int = 50
    tolerance: float = 1e-5
    together: bool = False

    def __post_init__(self) -> None:
        whole_number("sweeps", self.sweeps)
        nonnegative("tolerance", self.tolerance)

    def __call__(self, second: Floats, scales: Sequence[Floats]) -> list[Floats]:
        """Return the factors after the sweeps."""
        kept = [g > 0 for g in scales]
        counts = [np.count_nonzero(k, axis=-1)[:, None] for k in kept]
        others = np.prod(counts, axis=0)
        means = [k * (n / others) for k, n in zip(kept, counts, strict=True)]
        old = list(scales)
        for _ in range(self.sweeps):
            new = self._sweep(second, old, kept, means)
            moves = (np.abs(b - a).max(1) / a.max(1) for a, b in zip(old, new, strict=True))
            old = new
            if max(move.max() for move in moves) <= self.tolerance:
                break
        return normalised(old)

    def _sweep(
        self, second: Floats, scales: Sequence[Floats], kept: Sequence[Bools], means: list[Floats]
    ) -> list[Floats]:
        """Return new factors; `means` hold one over the number of entries on the other axes."""
        d, found = len(scales), list(scales)
        inverse = [k / (g + ~k) for g, k in zip(scales, kept, strict=True)]
        tails = [second]  # moments with ever fewer of the last axes left
        for i in range(d - 1, 0, -1):
            tails.append(_contract_last(tails[-1], inverse[i]))
        for i in range(d):
            left = tails[d - 1 - i]
            for j in range(i):
                left = _contract_first(left, inverse[j])
            found[i] = left * means[i]
            if not self.together and i < d - 1:
                inverse[i] = kept[i] / (found[i] + ~kept[i])
        return found


def rank_one(second: Floats, scales: Sequence[Floats]) -> list[Floats]:
    """Return the outer product nearest to the second moments, by one singular vector per axis.

    The first axis is split off by the leading singular vectors of the moments as a matrix, then the
    next from the right one of these. Of moments, which are not negative, they have one sign.

    Parameters
    ----------
    second : ndarray, shape (R, n_1, ..., n_d)
    scales : sequence of ndarray, shapes (R, n_i)
        Only which of them are 0 matters.
    """
    rest, found = second, []
    for g in scales[:-1]:
        table = rest.reshape(*g.shape, -1)
        leading = np.abs(np.linalg.eigh(table @ np.swapaxes(table, -1, -2))[1][..., -1])
        found.append(np.where(g > 0, leading, 0.0))
        rest = _contract_first(table, leading)
    return [*found, np.where(scales[-1] > 0, np.abs(rest.reshape(scales[-1].shape)), 0.0)]


def normalised(scales: Sequence[Floats]) -> list[Floats]:
    """Give all factors but the last the norm 1; their product stays as it was."""
    norms = [np.linalg.norm(g, axis=-1, keepdims=True) for g in scales[:-1]]
    scaled = [g / norm for g, norm in zip(scales[:-1], norms, strict=True)]
    return [*scaled, scales[-1] * np.prod(norms, axis=0)]


def _contract_last(tensor: Floats, vector: Floats) -> Floats:
    rows = tensor.reshape(len(tensor), -1, vector.shape[-1])
    return np.asarray((rows @ vector[..., None]).reshape(tensor.shape[:-1]))


def _contract_first(tensor: Floats, vector: Floats) -> Floats:
    columns = tensor.reshape(*vector.shape, -1)
    return np.asarray((vector[:, None, :] @ columns).reshape(len(tensor), *tensor.shape[2:]))
