"""The state of the splitting: one symmetric matrix, held as the tiles of its upper triangle.

It holds both the nonnegative iterate ``max(T, 0)`` and the multiplier ``-scale min(T, 0)``. The
objective is kept as the points, so that nothing else of order n by n is formed. A tile is small
enough for all work on it to find it in the cache, and every product reads it once for both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray
from refutable.solvers.sdp.problem import TINY, FloatArray, KMeansProblem

STEP = 2.0
"""Largest change of the penalty at once."""

CALM = 1.25
"""Change of the penalty that is not worth upsetting the iteration for."""

Numbers = NDArray[np.floating]

EDGE = 192
"""Order of a tile: three of them in single precision, 440 kB, fit a second-level cache."""


@dataclass(frozen=True, eq=False)
class Residuals:
    """How far a step was from a fixed point, in units of what it changes.

    Attributes
    ----------
    primal : float
        Distance of the two iterates, over the norm of the nonnegative one.
    dual : float
        Change of the nonnegative iterate, over the norm of the multiplier, in the same unit.
    """

    primal: float
    dual: float


class Tiling:
    """The upper triangle of a symmetric matrix of order n, cut into tiles.

    Parameters
    ----------
    n : int
        Order of the matrix.
    dtype : dtype
        Precision of what is computed on tiles.
    """

    def __init__(self, n: int, dtype: DTypeLike) -> None:
        self.n, self.dtype = n, np.dtype(dtype)
        self.ranges = [slice(a, min(a + EDGE, n)) for a in range(0, n, EDGE)]
        count = len(self.ranges)
        self.pairs = [(i, j) for i in range(count) for j in range(i, count)]
        flat = np.empty((2, min(n, EDGE) ** 2), self.dtype)
        shapes = [(pair, self.shape(pair)) for pair in self.pairs]
        self._scratch: list[dict[tuple[int, int], Numbers]] = [
            {pair: row[: a * b].reshape(a, b) for pair, (a, b) in shapes} for row in flat
        ]

    def shape(self, pair: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of a tile."""
        rows, columns = (self.ranges[i] for i in pair)
        return rows.stop - rows.start, columns.stop - columns.start

    def scratch(self, number: int, pair: tuple[int, int]) -> Numbers:
        """Return one of two blocks of the shape of a tile, to be overwritten."""
        return self._scratch[number][pair]

    def product(
        self, vectors: FloatArray, block: Callable[[tuple[int, int]], Numbers]
    ) -> FloatArray:
        """Multiply the symmetric matrix of these tiles by vectors (n, w)."""
        turned = vectors.T.astype(self.dtype)
        pieces = [np.ascontiguousarray(turned[:, r]) for r in self.ranges]
        images = [np.zeros_like(piece) for piece in pieces]
        for pair in self.pairs:
            i, j = pair
            tile = block(pair)
            images[j] += pieces[i] @ tile
            if i != j:
                images[i] += pieces[j] @ tile.T
        return np.asarray(np.concatenate(images, axis=1).T, dtype=np.float64)

    def sides(self, left: FloatArray, right: FloatArray) -> tuple[list[Numbers], list[Numbers]]:
        """Cut two thin factors (n, r) so that a tile of ``left right^T`` is one small product."""
        turned = right.T.astype(self.dtype)
        return (
            [left[r].astype(self.dtype) for r in self.ranges],
            [np.ascontiguousarray(turned[:, r]) for r in self.ranges],
        )


class State:
    """The matrix ``T``, zero at first.

    Parameters
    ----------
    problem : KMeansProblem
        Points and number of groups.
    rho : float
        Penalty, in units where the objective has Frobenius norm ``sqrt(K)``.
    relaxation : float
        Over-relaxation of a step.
    dtype : dtype
        Precision of the entries; everything else is in double precision.
    """

    def __init__(
        self, problem: KMeansProblem, rho: float, relaxation: float, dtype: DTypeLike
    ) -> None:
        self.problem, self.relaxation = problem, relaxation
        self.unit = float(np.linalg.norm(_small_gram(problem.centred)) / np.sqrt(problem.k))
        self.scale = self.unit * rho
        self.tiling = Tiling(problem.n, dtype)
        self.tiles: dict[tuple[int, int], Numbers] = {
            pair: np.zeros(self.tiling.shape(pair), dtype) for pair in self.tiling.pairs
        }

    @property
    def rho(self) -> float:
        """The penalty in its own unit."""
        return float(self.scale / self.unit)

    def refine(self) -> None:
        """Go on in double precision."""
        if self.tiling.dtype != np.float64:
            self.tiling = Tiling(self.problem.n, np.float64)
            self.tiles = {pair: tile.astype(np.float64) for pair, tile in self.tiles.items()}

    def fill(self, block: Callable[[slice, slice], Numbers]) -> None:
        """Set every tile from a function of its rows and columns."""
        ranges = self.tiling.ranges
        for (i, j), tile in self.tiles.items():
            tile[...] = block(ranges[i], ranges[j])

    def __matmul__(self, vectors: FloatArray) -> FloatArray:
        """Return ``(|T| + A / scale) V``, the matrix that a step projects, for vectors (n, w)."""

        def absolute(pair: tuple[int, int]) -> Numbers:
            return np.asarray(np.abs(self.tiles[pair], out=self.tiling.scratch(0, pair)))

        points = self.problem.centred
        image = self.tiling.product(vectors, absolute)
        image += points @ ((points.T @ vectors) / self.scale)
        return image

    def dense(self) -> FloatArray:
        """Form ``|T| + A / scale``, shape (n, n)."""
        matrix = np.asarray(self.problem.gram / self.scale)
        self._add(matrix, lambda tile: np.abs(np.asarray(tile, dtype=np.float64)))
        return matrix

    def multiplier(self) -> FloatArray:
        """Nonnegative multiplier of the signs, exactly symmetric, shape (n, n)."""
        matrix = np.zeros((self.problem.n, self.problem.n))
        self._add(matrix, self._signs)
        return matrix

    def shifted(self) -> FloatArray:
        """Form ``A + Lam``, shape (n, n)."""
        points = self.problem.centred
        matrix = np.asarray(points @ points.T)
        self._add(matrix, self._signs)
        return matrix

    def _signs(self, tile: Numbers) -> FloatArray:
        return np.asarray(np.maximum(np.asarray(tile, dtype=np.float64) * -self.scale, 0.0))

    def _add(self, matrix: FloatArray, part: Callable[[Numbers], FloatArray]) -> None:
        """Add the symmetric matrix of the parts of all tiles, in place."""
        for (i, j), tile in self.tiles.items():
            rows, columns, block = self.tiling.ranges[i], self.tiling.ranges[j], part(tile)
            if i == j:
                matrix[rows, columns] += 0.5 * (block + block.T)
            else:
                matrix[rows, columns] += block
                matrix[columns, rows] += block.T

    def stiffen(self, factor: float) -> None:
        """Multiply the penalty; the nonnegative iterate and the multiplier do not change."""
        self.scale *= factor
        for pair, tile in self.tiles.items():
            change = np.minimum(tile, 0.0, out=self.tiling.scratch(0, pair))
            change *= 1.0 / factor - 1.0
            tile += change

    def balance(self, residuals: Residuals, wanted: float) -> None:
        """Raise the penalty where the primal residual prevails, lower it where the dual does."""
        ratio = np.sqrt(residuals.primal * wanted / max(residuals.dual, TINY))
        factor = float(np.clip(ratio, 1.0 / STEP, STEP))
        if max(factor, 1.0 / factor) > CALM:
            self.stiffen(factor)

    def advance(self, scaled: FloatArray, vectors: FloatArray) -> Residuals:
        """``T <- T + relaxation (Z - max(T, 0))`` with ``Z = 11^T/n + scaled vectors^T``."""
        lefts, rights = self.tiling.sides(*_with_mean(scaled, vectors))
        sums = np.zeros(4)
        for pair, tile in self.tiles.items():
            change = self.tiling.scratch(0, pair)
            np.matmul(lefts[pair[0]], rights[pair[1]], out=change)
            before = np.maximum(tile, 0.0, out=self.tiling.scratch(1, pair))
            sums += (1.0 if pair[0] == pair[1] else 2.0) * self._step(tile, change, before)
        apart, moved, size, dual = np.sqrt(np.maximum(sums, 0.0))
        return Residuals(apart / max(size, TINY), moved / max(dual, TINY))

    def _step(self, tile: Numbers, change: Numbers, before: Numbers) -> FloatArray:
        """Move one tile towards `change`; squares of both residuals and of what they refer to."""
        change -= before
        apart, size = _square(change), _square(before)
        change *= self.relaxation
        tile += change
        np.maximum(tile, 0.0, out=change)
        dual = _square(tile) - _square(change)
        change -= before
        return np.array([apart, _square(change), size, dual])


class Shifted:
    """``A + Lam`` with the multiplier of a state, for products.

    Parameters
    ----------
    state : State
        Holds the multiplier and the points.
    """

    def __init__(self, state: State) -> None:
        self.state = state

    def __matmul__(self, vectors: FloatArray) -> FloatArray:
        """Multiply it by vectors (n, w)."""
        state, points = self.state, self.state.problem.centred

        def below(pair: tuple[int, int]) -> Numbers:
            scratch = state.tiling.scratch(0, pair)
            return np.asarray(np.minimum(state.tiles[pair], 0.0, out=scratch))

        image = state.tiling.product(vectors, below)
        image *= -state.scale
        image += points @ (points.T @ vectors)
        return image

    def dense(self) -> FloatArray:
        """Form the matrix itself, shape (n, n)."""
        return self.state.shifted()


class Lifted:
    """``Z - relaxation min(Z, 0)`` for a matrix ``Z = 11^T/n + scaled vectors^T`` of low rank.

    Projecting it again and again, with a relaxation between 1 and 2, leads from an iterate that is
    nearly feasible to a feasible point near it. It is never formed.

    Parameters
    ----------
    tiling : Tiling
        How to cut it.
    scaled, vectors : ndarray, shape (n, r)
        Factors of ``Z``.
    relaxation : float
        Multiple of the negative part that is taken away.
    """

    def __init__(
        self, tiling: Tiling, scaled: FloatArray, vectors: FloatArray, relaxation: float
    ) -> None:
        self.tiling, self.relaxation = tiling, relaxation
        self.factors = _with_mean(scaled, vectors)

    def __matmul__(self, vectors: FloatArray) -> FloatArray:
        """Multiply it by vectors (n, w)."""
        lefts, rights = self.tiling.sides(*self.factors)

        def below(pair: tuple[int, int]) -> Numbers:
            block = np.matmul(lefts[pair[0]], rights[pair[1]], out=self.tiling.scratch(0, pair))
            return np.asarray(np.minimum(block, 0.0, out=block))

        left, right = self.factors
        image = np.asarray(left @ (right.T @ vectors))
        image -= self.relaxation * self.tiling.product(vectors, below)
        return image

    def dense(self) -> FloatArray:
        """Form the matrix itself, shape (n, n)."""
        left, right = self.factors
        matrix = left @ right.T
        return np.asarray(matrix - self.relaxation * np.minimum(matrix, 0.0))


def least_entry(tiling: Tiling, scaled: FloatArray, vectors: FloatArray) -> float:
    """Least entry of ``11^T/n + scaled vectors^T``, in double precision."""
    left, right = _with_mean(scaled, vectors)
    ranges = tiling.ranges
    return min(float((left[ranges[i]] @ right[ranges[j]].T).min()) for i, j in tiling.pairs)


def _with_mean(scaled: FloatArray, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Append the columns of ``11^T/n`` to two factors."""
    n = len(vectors)
    return np.column_stack([scaled, np.full(n, 1.0 / n)]), np.column_stack([vectors, np.ones(n)])


def _square(block: Numbers) -> float:
    flat = block.ravel()
    return float(flat @ flat)


def _small_gram(points: FloatArray) -> FloatArray:
    """Return the smaller of the two Gram matrices of points (n, p); both have one norm."""
    n, p = points.shape
    return np.asarray(points @ points.T if n < p else points.T @ points)
