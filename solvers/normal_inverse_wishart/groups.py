"""Count, mean and scatter of groups of points: all that a Gaussian model needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers.argument_checks import finite_array, refuse, whole_array, whole_number

__all__ = ["GroupStatistics"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GroupStatistics:
    """What a group of points is to a Gaussian model.

    Attributes
    ----------
    count : ndarray, shape (...)
        Points N; an empty group has 0.
    mean : ndarray, shape (..., d)
    scatter : ndarray, shape (..., d, d)
        Sum of (x - mean)(x - mean)^T.
    """

    count: Array
    mean: Array
    scatter: Array

    @classmethod
    def of(cls, x: ArrayLike) -> GroupStatistics:
        """Take the statistics of points, shape (..., N, d); ValueError if malformed."""
        points = finite_array("x", x, least=2)
        mean = points.mean(axis=-2)
        apart = points - mean[..., None, :]
        count = np.full(mean.shape[:-1], float(points.shape[-2]))
        return cls(count, mean, np.swapaxes(apart, -1, -2) @ apart)

    @classmethod
    def by_label(cls, x: ArrayLike, labels: ArrayLike, groups: int) -> GroupStatistics:
        """Take the statistics of every group of a partition; groups may be empty.

        Parameters
        ----------
        x : array_like, shape (n, d)
        labels : array_like of int, shape (n,)
            0 to groups - 1.
        groups : int

        Returns
        -------
        GroupStatistics
            Leading axis (groups,).
        """
        points, k = finite_array("x", x, ndim=2), whole_number("groups", groups)
        label = whole_array("labels", labels, 0, k - 1, shape=points.shape[:1])
        member = np.eye(k)[label]
        count = member.sum(axis=0)
        mean = member.T @ points / np.maximum(count, 1.0)[:, None]
        apart = points - mean[label]
        scatter = np.stack([(apart * member[:, [i]]).T @ apart for i in range(k)])
        return cls(count, mean, scatter)

    def __getitem__(self, at: Any) -> GroupStatistics:
        """Index the leading axes."""
        return GroupStatistics(self.count[at], self.mean[at], self.scatter[at])

    def merged(self, other: GroupStatistics) -> GroupStatistics:
        """Return the statistics of both groups together."""
        if self.mean.shape[-1] != other.mean.shape[-1]:
            refuse("other", other.mean, f"points of dimension {self.mean.shape[-1]}")
        count = self.count + other.count
        safe = np.maximum(count, 1.0)
        apart = other.mean - self.mean
        mean = self.mean + (other.count / safe)[..., None] * apart
        pull = (self.count * other.count / safe)[..., None, None]
        between = apart[..., :, None] * apart[..., None, :]
        return GroupStatistics(count, mean, self.scatter + other.scatter + pull * between)
