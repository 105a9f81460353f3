"""GPTQ (Frantar et al., 2023): column by column, each error compensated in the columns to come.

All rows share the Hessian H, hence one factor U with H^-1 = U^T U, and are processed at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from refutable.solvers.argument_checks import (
    finite_array,
    nonnegative,
    refuse,
    symmetric,
    whole_number,
)
from refutable.solvers.quantization.ternary import Floats, Quantizer

ASYMMETRY = 1e-5
"""Difference from the transpose, relative to the largest entry, that counts as rounding and is
averaged out. Sums of products in single precision, in another order for each half, differ by 2e-7
with 1000 inputs and by 1e-6 with a million; those of what is no Hessian by far more."""


@dataclass(frozen=True)
class GptqResult:
    """Quantised rows and their loss.

    Attributes
    ----------
    quantized
        (R, C) grid points.
    loss
        (R,) sum over columns of (w_i - q_i)^2 / U_ii^2, w_i being the compensated weight when
        its turn came; it equals the quadratic error of the row.
    """

    quantized: Floats
    loss: Floats


def damped(hessian: Floats, fraction: float = 0.1) -> Floats:
    """Add `fraction` of the mean diagonal entry to the diagonal of H (C, C).

    Raises
    ------
    ValueError
        If H is not a symmetric matrix with a positive mean diagonal (inputs that are all zero
        leave nothing to take a fraction of), or `fraction` is negative or not finite.
    """
    matrix = _checked_hessian(hessian)
    nonnegative("fraction", fraction)
    mean = float(np.diag(matrix).mean())
    if mean <= 0:
        raise ValueError(
            f"hessian has a mean diagonal of {mean}, of which no fraction damps: add a multiple "
            "of the identity yourself if the inputs are all zero"
        )
    return np.asarray(matrix + fraction * mean * np.eye(len(matrix)))


def inverse_factor(hessian: Floats) -> NDArray[np.float64]:
    """Return the upper triangular U with H^-1 = U^T U.

    Raises
    ------
    ValueError
        If H is not symmetric positive definite; more damping helps.
    """
    # with the order of the columns reversed, H = R R^T with R upper triangular, so U = R^-1:
    # half the work of inverting H and factoring the inverse
    matrix = _checked_hessian(hessian)[::-1, ::-1]
    try:
        lower = scipy.linalg.cholesky(matrix, lower=True)
    except scipy.linalg.LinAlgError:
        raise ValueError("hessian is not positive definite: use damped(...)") from None
    inverse, _ = scipy.linalg.lapack.dtrtri(lower, lower=True)
    return np.ascontiguousarray(np.tril(inverse)[::-1, ::-1])


def gptq(
    weights: Floats,
    factor: Floats,
    quantize: Quantizer | Sequence[Quantizer],
    *,
    block: int = 128,
) -> GptqResult:
    """Quantise the rows of W one column after the other.

    Column i becomes q_i; the error e = (w_i - q_i) / U_ii is taken out of all later columns by
    w <- w - e U_{i, :}.

    Parameters
    ----------
    weights
        (R, C).
    factor
        (C, C) from `inverse_factor`.
    quantize
        Maps a column (R,) to grid points (R,); or one such map for each column, as
        `absmax_quantizers` gives them.
    block
        Columns compensated at once in the rest of the matrix; changes speed, not the result.

    Returns
    -------
    GptqResult
        Grid points and losses.
    """
    # columns one after the other in memory
    work = finite_array("weights", weights, ndim=2).T.copy()
    columns = len(work)
    upper = finite_array("factor", factor, shape=(columns, columns))
    if not (np.diag(upper) > 0).all():
        raise ValueError("factor has no positive diagonal: use inverse_factor(...)")
    block = whole_number("block", block)
    maps = _one_per_column(quantize, columns)
    loss = np.zeros(work.shape[1])
    for start in range(0, columns, block):
        stop = min(start + block, columns)
        diagonal = upper[start:stop, start:stop]
        errors = _quantize_block(work[start:stop], diagonal, maps[start:stop])
        work[stop:] -= upper[start:stop, stop:].T @ errors
        loss += (errors**2).sum(axis=0)
    return GptqResult(np.ascontiguousarray(work.T), loss)


def _one_per_column(quantize: Quantizer | Sequence[Quantizer], columns: int) -> list[Quantizer]:
    maps = [quantize] * columns if callable(quantize) else list(quantize)
    if len(maps) != columns:
        raise ValueError(f"quantize has {len(maps)} maps: give one, or one for each of {columns}")
    return maps


def _quantize_block(part: Floats, upper: Floats, maps: Sequence[Quantizer]) -> Floats:
    """Quantise the columns, which are the rows of `part` (block, R), in place.

    Returns the errors (block, R). Each column takes up the errors before it only when its turn
    comes, which reads the block instead of writing it.
    """
    errors = np.zeros_like(part)
    for i in range(len(part)):
        column = part[i] - upper[:i, i] @ errors[:i]
        part[i] = maps[i](column)
        errors[i] = (column - part[i]) / upper[i, i]
    return errors


def quadratic_error(weights: Floats, quantized: Floats, hessian: Floats) -> Floats:
    """(w - q)^T H (w - q) of every row, shape (R,)."""
    rows = finite_array("weights", weights, ndim=2)
    difference = rows - finite_array("quantized", quantized, shape=rows.shape)
    matrix = _checked_hessian(hessian)
    if len(matrix) != rows.shape[1]:
        refuse("hessian", matrix, f"one row for each of the {rows.shape[1]} columns of weights")
    error: Floats = np.einsum("ri,ri->r", difference @ matrix, difference)
    return error


def _checked_hessian(hessian: Floats) -> Floats:
    """Return H with the rounding in which its halves differ averaged out."""
    matrix = symmetric("hessian", hessian, ASYMMETRY, ndim=2)
    return np.asarray((matrix + matrix.T) / 2)
