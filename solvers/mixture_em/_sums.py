"""Compiled E-step: log-likelihood and weighted moments of every component, block by block.

A block of observations is read once; no array of the size n K is made. Moments are taken about the
present means, so that nothing cancels when a cluster lies far from the origin.
"""

import math

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, EXACT, copy, exp_block
from refutable.solvers.mixture_em._component import (
    add_dense,
    add_diagonal,
    deviations,
    joint_dense,
    joint_diagonal,
    whitening,
)

__all__ = ["em_sums"]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _soften(r, m, s):  # type: ignore[no-untyped-def]
    """Replace joint log densities by responsibilities; s[0] gets maxima and s[1] sums."""
    k = r.shape[0]
    top, mass, shifted = s[0], s[1], s[2]
    for j in range(m):
        top[j] = r[0, j]
        mass[j] = 0.0
    for i in range(1, k):
        ri = r[i]
        for j in range(m):
            top[j] = ri[j] if ri[j] > top[j] else top[j]
    for i in range(k):
        ri = r[i]
        for j in range(m):
            shifted[j] = ri[j] - top[j]
        exp_block(shifted, ri, m)
        for j in range(m):
            mass[j] += ri[j]
    for j in range(m):
        shifted[j] = 1.0 / mass[j]
    for i in range(k):
        ri = r[i]
        for j in range(m):
            ri[j] *= shifted[j]


@compiled(nogil=True, error_model="numpy")
def _harden(r, m, s):  # type: ignore[no-untyped-def]
    """Replace joint log densities by 1 at the first largest and 0 elsewhere; as `_soften`."""
    for j in range(m):
        best = 0
        for i in range(1, r.shape[0]):
            if r[i, j] > r[best, j]:
                best = i
        s[0, j], s[1, j] = r[best, j], 1.0
        for i in range(r.shape[0]):
            r[i, j] = 1.0 if i == best else 0.0


@compiled(nogil=True, error_model="numpy")
def _log_sum(s, w, m, weighted):  # type: ignore[no-untyped-def]
    """Return sum of weight (top + log mass); without weights the logs are taken 64 at a time."""
    value, start = 0.0, 0
    if weighted:
        for j in range(m):
            value += w[j] * (s[0, j] + math.log(s[1, j]))
        return value
    while start < m:
        stop, product = min(start + 64, m), 1.0
        for j in range(start, stop):
            value += s[0, j]
            product *= s[1, j]
        value += math.log(product)
        start = stop
    return value


@compiled(nogil=True, error_model="numpy")
def _prepare(log_weight, covariance, dense, factor):  # type: ignore[no-untyped-def]
    """Fill the whitening factors (k, d, d); return the constant of each log joint density."""
    k, d = log_weight.shape[0], factor.shape[1]
    constant = np.empty(k)
    for i in range(k):
        if dense:
            half = whitening(covariance[i].reshape((d, d)), factor[i])
        else:
            half = deviations(covariance[i], factor[i])
        constant[i] = log_weight[i] - half - d * _HALF_LOG_2PI
    return constant


@compiled(nogil=True, error_model="numpy")
def em_sums(x, w, row, log_weight, mean, covariance, dense, hard, weighted, low, high):  # type: ignore[no-untyped-def]
    """Return value, mass, first and second moments about the means, of each fit.

    x (rows, d, n), w (rows, n), row (fits,), log_weight (fits, k), mean (fits, k, d), covariance
    (fits, k, d d) if `dense`, else (fits, k, d); observations low to high - 1 count. The second
    moments (fits, k, d, d) hold the lower triangle, or the diagonal. A covariance that is not
    positive definite gives the value NaN.
    """
    fits, k, d = mean.shape
    value, mass = np.zeros(fits), np.zeros((fits, k))
    first, second = np.zeros((fits, k, d)), np.zeros((fits, k, d, d))
    r, s, u, wb = np.empty((k, BLOCK)), np.empty((4, BLOCK)), np.empty((d, BLOCK)), np.ones(BLOCK)
    residual, white, factor = np.zeros((d, BLOCK)), np.zeros((d, BLOCK)), np.zeros((k, d, d))
    for f in range(fits):
        constant = _prepare(log_weight[f], covariance[f], dense, factor)
        if np.isnan(constant).any():
            value[f] = math.nan
            continue
        for start in range(low, high, BLOCK):
            m = min(BLOCK, high - start)
            for q in range(d):
                copy(x[row[f], q], start, u[q], m)
            if weighted:
                copy(w[row[f]], start, wb, m)
            for i in range(k):
                if dense:
                    joint_dense(u, m, mean[f, i], factor[i], constant[i], residual, white, r[i])
                else:
                    joint_diagonal(u, m, mean[f, i], factor[i], constant[i], r[i])
            if hard:
                _harden(r, m, s)
            else:
                _soften(r, m, s)
            value[f] += _log_sum(s, wb, m, weighted)
            for i in range(k):
                if weighted:
                    for j in range(m):
                        r[i, j] *= wb[j]
                at, mu = (f, i), mean[f, i]
                if dense:
                    mass[at] += add_dense(u, m, mu, r[i], residual, white, first[at], second[at])
                else:
                    mass[at] += add_diagonal(u, m, mu, r[i], first[at], second[at])
    return value, mass, first, second
