"""Compiled sums over observations, one fit after the other: what LM and EM steps need."""

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, EXACT, SUM, copy, dot, dot3, total
from refutable.solvers.gaussian_moe._estep import estep, unpack, workspace
from refutable.solvers.gaussian_moe._pair_sums import pair_sums

__all__ = ["em_sums", "gate_curvature", "load", "score_sums"]


@compiled(nogil=True, error_model="numpy")
def load(x, y, row, start, m, u, yb):  # type: ignore[no-untyped-def]
    """Copy m observations of a row, from `start` on, to u (below its ones) and yb."""
    for q in range(x.shape[1]):
        copy(x[row, q], start, u[q + 1], m)
    copy(y[row], start, yb, m)


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _gate_scores(u, m, rows, tau_free, s, temp):  # type: ignore[no-untyped-def]
    """Write the gate's part of the score of each observation to s, one parameter per row."""
    z, slope, g, t = rows[0], rows[1], rows[2], rows[3]
    k, width = z.shape[0], u.shape[0]
    at = 0
    gates = (k - 1) * width
    if tau_free:
        s[gates, :m] = 0.0
    for i in range(k):
        for j in range(m):
            temp[j] = t[i, j] - g[i, j]
        if tau_free:
            for j in range(m):
                s[gates, j] -= temp[j] * z[i, j] if g[i, j] > 0.0 else 0.0
        if i < k - 1:
            # slope holds s'/tau; the intercept's own factor 1/tau comes in by the caller
            for j in range(m):
                s[at, j] = temp[j]
            for q in range(1, width):
                for j in range(m):
                    s[at + q, j] = temp[j] * slope[i, j] * u[q, j]
            at += width


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _expert_scores(u, m, rows, inv_v, s, temp):  # type: ignore[no-untyped-def]
    """Write the experts' part of the score to the rows of s, of which it is the last."""
    t, r = rows[3], rows[4]
    k, width = t.shape[0], u.shape[0]
    at = s.shape[0] - k * (width + 1)
    for i in range(k):
        for j in range(m):
            temp[j] = t[i, j] * r[i, j] * inv_v[i]
        for q in range(width):
            for j in range(m):
                s[at + q, j] = temp[j] * u[q, j]
        last = s.shape[0] - k + i
        for j in range(m):
            s[last, j] = 0.5 * (temp[j] * r[i, j] - t[i, j])
        at += width


@compiled(nogil=True, error_model="numpy", fastmath=SUM)
def _outer(s, m, gradient, information):  # type: ignore[no-untyped-def]
    """Add the sums of s and of s s' (lower triangle), two rows at a time."""
    size = s.shape[0]
    for p in range(size):
        gradient[p] += total(s[p], m)
        q = 0
        while q + 1 <= p:
            sp, s0, s1 = s[p], s[q], s[q + 1]
            a0, a1 = 0.0, 0.0
            for j in range(m):
                a0 += sp[j] * s0[j]
                a1 += sp[j] * s1[j]
            information[p, q] += a0
            information[p, q + 1] += a1
            q += 2
        if q <= p:
            information[p, q] += dot(s[p], s[q], m)


@compiled(nogil=True, error_model="numpy")
def _undecided(g, m):  # type: ignore[no-untyped-def]
    acc = 0.0
    for i in range(g.shape[0]):
        acc += total(g[i], m) - dot(g[i], g[i], m)
    return acc


@compiled(nogil=True, error_model="numpy")
def score_sums(x, y, data_row, theta, tau, k, free, code, top):  # type: ignore[no-untyped-def]
    """Return log-likelihood, gradient, sum of squared scores, and sum g(1-g) of each fit.

    x (rows, d, n), y (rows, n), data_row (fits,) says which row a fit uses, theta (fits, size).
    """
    fits, size = theta.shape
    n, width = y.shape[1], x.shape[1] + 1
    value, undecided = np.zeros(fits), np.zeros(fits)
    gradient, information = np.zeros((fits, size)), np.zeros((fits, size, size))
    u, yb, rows, s = workspace(k, width)
    scores = np.empty((size, BLOCK))
    for f in range(fits):
        gate, hot, expert, log_v = unpack(theta[f], tau[f], k, width, free)
        inv_v = np.exp(-log_v)
        for start in range(0, n, BLOCK):
            m = min(BLOCK, n - start)
            load(x, y, data_row[f], start, m, u, yb)
            value[f] += estep(u, yb, m, gate, hot, expert, log_v, code, top, rows, s)
            _gate_scores(u, m, rows, free, scores, s[0])
            _expert_scores(u, m, rows, inv_v, scores, s[0])
            _outer(scores, m, gradient[f], information[f])
            undecided[f] += _undecided(rows[2], m)
        _rescale(gradient[f], information[f], k, width, hot)
    return value, gradient, information, undecided


@compiled(nogil=True, error_model="numpy")
def _rescale(gradient, information, k, width, tau):  # type: ignore[no-untyped-def]
    """Put the factor 1/tau on the gate intercepts' scores and fill the upper triangle."""
    size = gradient.shape[0]
    if tau != 1.0:
        for i in range(k - 1):
            p = i * width
            gradient[p] /= tau
            for q in range(size):
                information[max(p, q), min(p, q)] /= tau
            information[p, p] /= tau
    for p in range(size):
        for q in range(p):
            information[q, p] = information[p, q]


@compiled(nogil=True, error_model="numpy")
def gate_curvature(u, m, rows, tau_free, info, w, e):  # type: ignore[no-untyped-def]
    """Add sum J'(diag g - g g')J, J the derivative of the logits (1/tau on intercepts left out)."""
    z, slope, g = rows[0], rows[1], rows[2]
    k, width = z.shape[0], u.shape[0]
    gates = (k - 1) * width
    for i in range(k - 1):
        for q in range(width):
            for j in range(m):
                w[i * width + q, j] = u[q, j] * (slope[i, j] if q > 0 else 1.0)
    for i in range(k - 1):
        for other in range(i + 1):
            same = 1.0 if i == other else 0.0
            for j in range(m):
                e[0, j] = g[i, j] * (same - g[other, j])
            for p in range(i * width, (i + 1) * width):
                for q in range(other * width, (other + 1) * width):
                    info[p, q] += dot3(e[0], w[p], w[q], m)
    if tau_free:
        e[1, :m] = 0.0
        for i in range(k):
            for j in range(m):
                e[1, j] += g[i, j] * z[i, j] if g[i, j] > 0.0 else 0.0
        for i in range(k):
            for j in range(m):
                e[2, j] = z[i, j] - e[1, j] if g[i, j] > 0.0 else 0.0
            info[gates, gates] += dot3(e[2], e[2], g[i], m)
            if i < k - 1:
                for p in range(i * width, (i + 1) * width):
                    info[gates, p] -= dot3(e[2], w[p], g[i], m)


@compiled(nogil=True, error_model="numpy")
def _expert_sums(u, m, rows, square, cross, rss, e):  # type: ignore[no-untyped-def]
    """Add the weighted sums of u u', r u and r^2 of each expert."""
    t, r = rows[3], rows[4]
    for i in range(t.shape[0]):
        for q in range(u.shape[0]):
            for j in range(m):
                e[0, j] = t[i, j] * u[q, j]
            cross[i, q] += dot(e[0], r[i], m)
            for p in range(q + 1):
                square[i, q, p] += dot(e[0], u[p], m)
        rss[i] += dot3(t[i], r[i], r[i], m)


@compiled(nogil=True, error_model="numpy")
def em_sums(x, y, data_row, theta, tau, k, free, code, top):  # type: ignore[no-untyped-def]
    """Return log-likelihood, sum t u u', sum t r u, sum t r^2, gate gradient and curvature."""
    fits, size = theta.shape
    n, width = y.shape[1], x.shape[1] + 1
    block = (k - 1) * width + (1 if free else 0)
    value = np.zeros(fits)
    square, cross = np.zeros((fits, k, width, width)), np.zeros((fits, k, width))
    rss = np.zeros((fits, k))
    gradient, curvature = np.zeros((fits, block)), np.zeros((fits, block, block))
    u, yb, rows, s = workspace(k, width)
    scores = np.empty((size, BLOCK))
    w, e = np.empty((max(block, 1), BLOCK)), np.empty((3, BLOCK))
    by_pairs = k == 2 and top == 2 and width == 2 and code == 0 and not free
    for f in range(fits):
        gate, hot, expert, log_v = unpack(theta[f], tau[f], k, width, free)
        if by_pairs:
            value[f] = pair_sums(
                x[data_row[f], 0], y[data_row[f]], gate, hot, expert, log_v, square[f], cross[f],
                rss[f], gradient[f], curvature[f],
            )  # fmt: skip
        for start in range(0, 0 if by_pairs else n, BLOCK):
            m = min(BLOCK, n - start)
            load(x, y, data_row[f], start, m, u, yb)
            value[f] += estep(u, yb, m, gate, hot, expert, log_v, code, top, rows, s)
            _gate_scores(u, m, rows, free, scores, s[0])
            for p in range(block):
                gradient[f, p] += total(scores[p], m)
            gate_curvature(u, m, rows, free, curvature[f], w, e)
            _expert_sums(u, m, rows, square[f], cross[f], rss[f], e)
        _rescale(gradient[f], curvature[f], k, width, hot)
        for i in range(k):
            for q in range(width):
                for p in range(q):
                    square[f, i, p, q] = square[f, i, q, p]
    return value, square, cross, rss, gradient, curvature
