"""Projection on a Fantope by a warm-started subspace.

Successive iterates of a splitting differ little, so the leading eigenvectors of one are an
excellent start for the next: a Chebyshev filter of low degree and a Rayleigh-Ritz step replace a
decomposition. The images that the last Rayleigh-Ritz step had, of the matrix before, serve as the
filter's first factor. It needs the low end of the spectrum, which one more vector follows.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import scipy
from refutable.solvers.argument_checks import between
from refutable.solvers.sdp.problem import TINY, FloatArray

DEGREE = 2
"""Of the filter: one product more for each degree; bounds do not rely on its accuracy."""

BUFFER = 6
"""Vectors kept beyond those that count, so that the next iterate's may come in."""

SLACK = 3
"""Vectors more or fewer than `BUFFER` that are left as they are: each change costs a product."""

STEEP = 10
"""Degree of the filter for leading pairs on their own, which need more accuracy."""

ROUNDS = 6
"""Most refinements of leading pairs; what is lacking then shows in the bound."""

DENSE_ORDER = 64
"""Order up to which a stack is decomposed in full, at once; chosen for speed, the bound decides."""


def capped_simplex(values: FloatArray, total: float) -> tuple[FloatArray, float]:
    """Project on ``{0 <= g <= 1, sum g = total}``.

    Parameters
    ----------
    values : ndarray, shape (r,)
        Any numbers.
    total : float
        Wanted sum, from 0 to ``r``.

    Returns
    -------
    projection : ndarray, shape (r,)
        ``clip(values - theta, 0, 1)``.
    theta : float
        The shift, exact: the sum is piecewise linear between sorted breakpoints.

    Raises
    ------
    ValueError
        When ``total`` is not between 0 and the number of values.
    """
    between("total", total, 0, len(values))
    breaks = np.sort(np.concatenate([values, values - 1.0]))
    sums = np.clip(values - breaks[:, None], 0.0, 1.0).sum(axis=1)
    index = int(np.clip(np.searchsorted(-sums, -total, side="right") - 1, 0, len(breaks) - 2))
    drop = sums[index] - sums[index + 1]
    share = (sums[index] - total) / drop if drop > 0 else 0.0
    theta = float(breaks[index] + share * (breaks[index + 1] - breaks[index]))
    return np.clip(values - theta, 0.0, 1.0), theta


def simplex_rows(rows: FloatArray, totals: FloatArray) -> FloatArray:
    """Project each row on ``{x >= 0, sum x = total}``.

    Parameters
    ----------
    rows : ndarray, shape (a, b)
        Any numbers.
    totals : ndarray, shape (a,)
        Nonnegative sums.
    """
    falling = -np.sort(-rows, axis=1)
    counts = np.arange(1, rows.shape[1] + 1)
    shifts = (np.cumsum(falling, axis=1) - totals[:, None]) / counts
    last = np.maximum((falling > shifts).sum(axis=1) - 1, 0)
    return np.asarray(np.maximum(rows - shifts[np.arange(len(rows)), last][:, None], 0.0))


class Operator(Protocol):
    """A symmetric matrix that is multiplied, and formed only where all of it is needed."""

    def __matmul__(self, vectors: FloatArray, /) -> FloatArray:
        """Multiply it by vectors (n, w)."""
        ...

    def dense(self) -> FloatArray:
        """Form the matrix itself, shape (n, n)."""
        ...


class FantopeProjector:
    """Projects symmetric matrices on ``{0 <= Y <= I, tr Y = rank}``.

    Keeps a subspace between calls, so it suits a sequence of slowly changing matrices. The result
    is exact when few eigenvalues of small matrices are asked for, and else as accurate as the
    sequence is slow; bounds must not rely on it.

    Parameters
    ----------
    n : int
        Order of the matrices.
    rank : int
        Trace of the projections, from 1 to ``n - 1``. With 1 the set is the spectraplex.
    off_ones : bool
        Whether the projections also have ``Y 1 = 0``.
    start : ndarray, shape (n, w), optional
        Vectors that about span the leading ones of the first matrix, which is decomposed otherwise.
    widest : int, optional
        Most vectors of the subspace. Where the projection has more, it is that of the part of the
        matrix which the subspace sees: a member of the set all the same.
    """

    def __init__(
        self,
        n: int,
        rank: int,
        off_ones: bool = True,
        start: FloatArray | None = None,
        widest: int | None = None,
    ) -> None:
        self.n, self.rank, self.off_ones = n, rank, off_ones
        self.widest = n if widest is None else max(widest, rank + BUFFER)
        self.width = rank + BUFFER
        self.vectors: FloatArray | None = None
        self.images: FloatArray | None = None
        self._average = np.full(n, 1.0 / n)
        if start is not None and 3 * start.shape[1] < n:
            self.vectors, self.width = self._orthonormal(start), max(start.shape[1], rank + BUFFER)
        self.low_vector = self._confine(np.cos(1.7 * np.arange(n, dtype=np.float64))[:, None])
        self.low, self.top, self.cut = 0.0, 1.0, 0.0
        self._rng = np.random.default_rng(n)

    def project(self, matrix: FloatArray | Operator) -> tuple[FloatArray, FloatArray]:
        """Return ``V`` (n, r) and ``g`` (r,) with ``V diag(g) V^T`` the projection."""
        if self.vectors is None or 3 * self.width >= self.n:
            return self._decompose(matrix)
        self._resize()
        while True:
            values = self._refine(matrix)
            weights, theta = capped_simplex(values, self.rank)
            self.cut = min(float(values[0]), theta)
            kept = weights > 0
            if not kept.all() or len(values) >= self.widest:
                wanted = int(kept.sum()) + BUFFER
                if abs(len(values) - wanted) > SLACK:
                    self.width = min(wanted, self.widest)
                return self._vectors[:, kept], weights[kept]
            self.width = min(len(values) + max(2, len(values) // 2), self.widest)
            if 3 * self.width >= self.n:
                break
            self._resize()
        return self._decompose(matrix)

    def leading(
        self, matrix: FloatArray | Operator, accuracy: float
    ) -> tuple[FloatArray, FloatArray]:
        """Return the `rank` leading Ritz pairs, refined until their residuals are small.

        Parameters
        ----------
        matrix : ndarray or Operator
            The matrix, of eigenvectors not far from the subspace.
        accuracy : float
            Norm of a residual that counts as small.
        """
        self.images = None  # those of another matrix
        for turn in range(ROUNDS):
            self._resize()
            # The first only finds out where the filter has to cut.
            values = self._refine(matrix, STEEP if turn > 0 else 1)
            self.cut = float(values[0])
            values, vectors = values[-self.rank :], self._vectors[:, -self.rank :]
            errors = self._confine(matrix @ vectors) - vectors * values
            if np.sqrt((errors**2).sum(axis=0).max()) <= accuracy:
                break
        return values, vectors

    @property
    def _vectors(self) -> FloatArray:
        assert self.vectors is not None
        return self.vectors

    def _confine(self, vectors: FloatArray) -> FloatArray:
        """Remove the direction of ones from each column, in place, when it is excluded."""
        if self.off_ones:
            vectors -= self._average @ vectors
        return vectors

    def _orthonormal(self, vectors: FloatArray) -> FloatArray:
        """Orthonormal columns that span those given, off the ones even when they are dependent.

        A rank-deficient block (ties, duplicates, one coordinate) is completed by arbitrary
        directions; the ones, put first, keep these off themselves.
        """
        if not self.off_ones:
            return np.asarray(np.linalg.qr(vectors)[0])
        ones = np.full((self.n, 1), self.n**-0.5)
        return np.asarray(np.linalg.qr(np.hstack([ones, vectors]))[0][:, 1:])

    def _spectrum(self, matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
        """All eigenpairs that may take part, ascending."""
        if not self.off_ones:
            values, vectors = scipy.linalg.eigh(matrix, driver="evd", check_finite=False)
            return np.asarray(values), np.asarray(vectors)
        means = matrix.mean(axis=0)
        centred = matrix - means[:, None] - (means - means.mean())
        # The ones are pushed below everything, so that they come first and can be dropped.
        # (The largest column sum bounds every eigenvalue, Gershgorin; twice it is below them all.)
        push = 2.0 * float(np.abs(centred).sum(axis=0).max()) / self.n + 1.0 / self.n
        values, vectors = scipy.linalg.eigh(centred - push, driver="evd", check_finite=False)
        return np.asarray(values[1:]), np.asarray(vectors[:, 1:])

    def _decompose(self, matrix: FloatArray | Operator) -> tuple[FloatArray, FloatArray]:
        """Do the same by a full decomposition."""
        whole = matrix if isinstance(matrix, np.ndarray) else matrix.dense()
        values, vectors = self._spectrum(whole)
        weights, theta = capped_simplex(values, self.rank)
        self.low_vector, self.low, self.top = vectors[:, :1], float(values[0]), float(values[-1])
        kept = weights > 0
        self.width = int(kept.sum()) + BUFFER
        width = min(self.width, len(values))
        self.vectors, self.images = vectors[:, -width:], None
        self.cut = min(theta, float(values[-width]))
        return np.asarray(vectors[:, kept]), weights[kept]

    def _resize(self) -> None:
        """Drop the lowest vectors, or add small random ones."""
        vectors, lacking = self._vectors, self.width - self._vectors.shape[1]
        if lacking > 0:
            fresh = self._rng.standard_normal((self.n, lacking)) / np.sqrt(self.n)
            self.vectors, self.images = np.hstack([self._confine(fresh), vectors]), None
        elif lacking < 0:
            self.vectors = vectors[:, -self.width :]
            self.images = None if self.images is None else self.images[:, -self.width :]

    def _follow_low_end(self, image: FloatArray) -> None:
        """One shifted power step on the least eigenvector, from its image (n, 1)."""
        rayleigh = float((self.low_vector * image).sum() / (self.low_vector**2).sum())
        self.low = min(1.05 * rayleigh, 0.0)  # a Rayleigh quotient lies inside the spectrum
        step = image - self.top * self.low_vector
        self.low_vector = step / np.linalg.norm(step)

    def _times(self, matrix: FloatArray | Operator, vectors: FloatArray) -> FloatArray:
        """Multiply vectors by the confined matrix, and follow the low end beside them."""
        image = self._confine(matrix @ np.hstack([vectors, self.low_vector]))
        self._follow_low_end(image[:, -1:])
        return image[:, :-1]

    def _refine(self, matrix: FloatArray | Operator, degree: int = DEGREE) -> FloatArray:
        """Filter the subspace, rotate it to Ritz vectors, return the Ritz values, ascending."""
        vectors = self._vectors
        images = self._times(matrix, vectors) if self.images is None else self.images
        centre = 0.5 * (self.cut + self.low)
        # A filter of no width would divide by zero.
        size = max(abs(self.low), abs(self.top), TINY)
        radius = max(0.5 * (self.cut - self.low), 1e-12 * size)
        before, now = vectors, (images - centre * vectors) / radius
        for _ in range(degree - 1):
            if degree > DEGREE:
                # High powers would leave single precision; the recurrence is homogeneous.
                factor = 1.0 / max(float(np.abs(now).max()), TINY)
                before, now = before * factor, now * factor
            image = self._times(matrix, now)
            image -= centre * now
            image *= 2.0 / radius
            image -= before
            before, now = now, image
        basis = self._orthonormal(now)
        images = self._confine(matrix @ basis)
        small = basis.T @ images
        values, rotation = np.linalg.eigh(0.5 * (small + small.T))
        self.vectors, self.images = basis @ rotation, images @ rotation
        # A wide subspace may see lower than the one vector that follows the low end.
        self.top, self.low = float(values[-1]), min(self.low, float(values[0]))
        return np.asarray(values)


class SpectraplexStack:
    """Projects each of a stack of symmetric matrices on ``{Y psd, tr Y = 1}``.

    All at once by full decompositions while the matrices are small, else one warm-started
    subspace for each.

    Parameters
    ----------
    count, n : int
        Number and order of the matrices.
    """

    def __init__(self, count: int, n: int) -> None:
        self.dense = n <= DENSE_ORDER
        self.projectors = [FantopeProjector(n, 1, off_ones=False) for _ in range(count)]

    def project(self, stack: FloatArray) -> FloatArray:
        """Return the projections, shape (count, n, n)."""
        if self.dense:
            values, vectors = np.linalg.eigh(stack)
            weights = simplex_rows(values, np.ones(len(values)))
            return np.asarray((vectors * weights[:, None, :]) @ np.swapaxes(vectors, 1, 2))
        pairs = [p.project(one) for p, one in zip(self.projectors, stack, strict=True)]
        return np.stack([(vectors * weights) @ vectors.T for vectors, weights in pairs])
