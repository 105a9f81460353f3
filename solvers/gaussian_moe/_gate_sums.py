"""Compiled sums of the gate's own M-step, responsibilities held: a weighted logistic regression."""

import math

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, dot
from refutable.solvers.gaussian_moe._estep import estep, gate_block, unpack, workspace
from refutable.solvers.gaussian_moe._sums import gate_curvature, load

__all__ = ["gate_sums", "responsibilities"]


@compiled(nogil=True, error_model="numpy")
def _log_gate(t, z, s, m):  # type: ignore[no-untyped-def]
    """Return sum t log g of a block from the logits z and what `gate_block` left in s."""
    value, start = 0.0, 0
    for i in range(len(t)):
        value += dot(t[i], z[i], m)
    while start < m:  # logs taken 64 at a time
        stop, product = min(start + 64, m), 1.0
        for j in range(start, stop):
            value -= s[4, j]
            product *= s[5, j]
        value -= math.log(product)
        start = stop
    return value


@compiled(nogil=True, error_model="numpy")
def responsibilities(x, y, data_row, theta, tau, k, free, code, top):  # type: ignore[no-untyped-def]
    """Return the posterior weights of the experts, shape (fits, k, n), and sum t log g."""
    fits, n, width = len(theta), y.shape[1], x.shape[1] + 1
    result, value = np.empty((fits, k, n)), np.zeros(fits)
    u, yb, rows, s = workspace(k, width)
    for f in range(fits):
        gate, hot, expert, log_v = unpack(theta[f], tau[f], k, width, free)
        for start in range(0, n, BLOCK):
            m = min(BLOCK, n - start)
            load(x, y, data_row[f], start, m, u, yb)
            estep(u, yb, m, gate, hot, expert, log_v, code, top, rows, s)
            for i in range(k):
                for j in range(m):
                    result[f, i, start + j] = rows[3, i, j]
            value[f] += _log_gate(rows[3], rows[0], s, m)
    return result, value


@compiled(nogil=True, error_model="numpy")
def gate_sums(x, y, data_row, theta, held, at):  # type: ignore[no-untyped-def]
    """Return sum t log g, its gradient, and sum of the gate's curvature; a dense linear gate.

    x (rows, d, n), y (rows, n), data_row and `at` (fits,): a fit's data and its row of `held`, the
    responsibilities (all fits, k, n); theta (fits, size).
    """
    fits, k, n, width = len(theta), held.shape[1], y.shape[1], x.shape[1] + 1
    size = (k - 1) * width
    value, gradient, curvature = (
        np.zeros(fits), np.zeros((fits, size)), np.zeros((fits, size, size)),
    )  # fmt: skip
    u, yb, rows, s = workspace(k, width)
    w, e = np.empty((size, BLOCK)), np.empty((3, BLOCK))
    for f in range(fits):
        gate = unpack(theta[f], 1.0, k, width, False)[0]
        for start in range(0, n, BLOCK):
            m = min(BLOCK, n - start)
            load(x, y, data_row[f], start, m, u, yb)
            gate_block(u, m, gate, 1.0, 0, k, rows, s)
            t = held[at[f], :, start : start + m]
            value[f] += _log_gate(t, rows[0], s, m)
            for i in range(k - 1):
                for j in range(m):
                    e[0, j] = t[i, j] - rows[2, i, j]
                for q in range(width):
                    gradient[f, i * width + q] += dot(e[0], u[q], m)
            gate_curvature(u, m, rows, False, curvature[f], w, e)
        for p in range(size):
            for q in range(p):
                curvature[f, q, p] = curvature[f, p, q]
    return value, gradient, curvature
