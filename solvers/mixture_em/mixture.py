"""A Gaussian mixture, or a batch of them, with five kinds of covariance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import (
    bounded_array,
    finite_array,
    one_of,
    probabilities,
    refuse,
    symmetric,
)

__all__ = ["DIAGONAL", "KINDS", "Kind", "Mixture"]

Array = NDArray[np.float64]
Kind = Literal["full", "diag", "spherical", "tied", "tied_spherical"]
KINDS: tuple[str, ...] = get_args(Kind)
DIAGONAL = ("diag", "spherical", "tied_spherical")
_ASYMMETRY = 1e-10  # rounding of a product of two thousand terms, and far below what is measured


@dataclass(frozen=True)
class Mixture:
    """Weights, means and covariances; any leading axes, the same for all three.

    Parameters
    ----------
    weights : ndarray, shape (..., K)
        At least 0, sum 1.
    means : ndarray, shape (..., K, d)
    covariances : ndarray
        Shapes as in scikit-learn: full (..., K, d, d), diag (..., K, d), spherical (..., K), tied
        (..., d, d); and tied_spherical (...), one variance for all. Variances are at least 0,
        matrices symmetric: singular ones have no density, but a fit may end there.
    kind : {"full", "diag", "spherical", "tied", "tied_spherical"}

    Raises
    ------
    ValueError
        If a shape or a range is not as above.
    """

    weights: Array
    means: Array
    covariances: Array
    kind: Kind = "full"

    def __post_init__(self) -> None:
        one_of("kind", self.kind, KINDS)
        means = finite_array("means", self.means, least=2)
        weights = probabilities("weights", self.weights, shape=means.shape[:-1])
        shape = covariance_shape(self.kind, means.shape)
        if self.kind in DIAGONAL:
            covariances = bounded_array("covariances", self.covariances, 0, shape=shape)
        else:
            covariances = finite_array("covariances", self.covariances, shape=shape)
            symmetric("covariances", covariances, _ASYMMETRY)
        for name, value in (("weights", weights), ("means", means), ("covariances", covariances)):
            object.__setattr__(self, name, value)

    @classmethod
    def trusted(cls, weights: Array, means: Array, covariances: Array, kind: Kind) -> Mixture:
        """Return a mixture of parts that an M-step made: its checks would cost as much as it."""
        made = object.__new__(cls)
        made.__dict__.update(weights=weights, means=means, covariances=covariances, kind=kind)
        return made

    @property
    def k(self) -> int:
        """Number of components."""
        return int(self.means.shape[-2])

    @property
    def d(self) -> int:
        """Dimension."""
        return int(self.means.shape[-1])

    @property
    def batch(self) -> tuple[int, ...]:
        """Leading shape."""
        return tuple(self.means.shape[:-2])

    @property
    def free_parameters(self) -> int:
        """Free numbers: K - 1 weights, K d means, and those of the covariances."""
        k, d = self.k, self.d
        sizes = {
            "full": k * d * (d + 1) // 2, "diag": k * d, "spherical": k,
            "tied": d * (d + 1) // 2, "tied_spherical": 1,
        }  # fmt: skip
        return k - 1 + k * d + sizes[self.kind]

    @property
    def parts(self) -> tuple[Array, Array, Array]:
        """Weights, means and covariances."""
        return self.weights, self.means, self.covariances

    def mapped(self, change: Callable[[Array], Array]) -> Mixture:
        """Return the mixture with each part changed in its leading axes."""
        weights, means, covariances = (change(part) for part in self.parts)
        return Mixture.trusted(weights, means, covariances, self.kind)

    def __getitem__(self, at: Any) -> Mixture:
        """Index the leading axes."""
        if not self.batch:
            raise ValueError("at: give no index to one mixture, it has no leading axis")
        return self.mapped(lambda part: part[at])

    def broadcast(self, batch: tuple[int, ...]) -> Mixture:
        """Return the mixture repeated over new leading axes, at the left."""
        own = len(self.batch)
        if own and batch[-own:] != self.batch:
            refuse("batch", batch, f"a shape that ends in {self.batch}")
        return self.mapped(lambda part: np.broadcast_to(part, batch + part.shape[own:]))

    def expanded(self) -> Array:
        """Return one covariance a component: (..., K, d, d), or its diagonal (..., K, d)."""
        c, shape = self.covariances, self.means.shape
        if self.kind == "tied":
            return np.broadcast_to(c[..., None, :, :], (*shape, self.d))
        if self.kind == "spherical":
            return np.broadcast_to(c[..., None], shape)
        return np.broadcast_to(c[..., None, None], shape) if self.kind == "tied_spherical" else c


def covariance_shape(kind: str, means: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the covariances that go with means of a shape (..., K, d)."""
    *batch, k, d = means
    ends = {
        "full": (k, d, d), "diag": (k, d), "spherical": (k,), "tied": (d, d), "tied_spherical": (),
    }  # fmt: skip
    return (*batch, *ends[kind])
