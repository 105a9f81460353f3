"""One E-step on a block of observations: gate weights, responsibilities, log-likelihood."""

import math

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, EXACT, copy, exp_block

__all__ = ["estep", "gate_block", "unpack", "workspace"]

_OUT = -1e300  # logit of an expert the gate does not keep
_SQRT_HALF = math.sqrt(0.5)
_INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)


@compiled(nogil=True, error_model="numpy")
def unpack(theta, tau, k, width, free):  # type: ignore[no-untyped-def]
    """Return gate (k, width), tau, expert (k, width) and log v (k,) of one free vector."""
    gate, expert = np.zeros((k, width)), np.empty((k, width))
    at = 0
    for i in range(k - 1):
        for q in range(width):
            gate[i, q] = theta[at]
            at += 1
    if free:
        tau = math.exp(theta[at])
        at += 1
    for i in range(k):
        for q in range(width):
            expert[i, q] = theta[at]
            at += 1
    return gate, tau, expert, theta[at : at + k]


@compiled(nogil=True, error_model="numpy")
def workspace(k, width):  # type: ignore[no-untyped-def]
    """Return u, y, z, slope, g, t, r, and scratch rows for one block."""
    rows = np.empty((5, k, BLOCK))
    return np.ones((width, BLOCK)), np.empty(BLOCK), rows, np.empty((7, BLOCK))


@compiled(nogil=True, error_model="numpy")
def _activate(z, slope, code, m):  # type: ignore[no-untyped-def]
    """Replace z by s(z) and slope by s'(z)."""
    for i in range(m):
        v = z[i]
        if code == 1:
            z[i], slope[i] = max(v, 0.0), 1.0 if v > 0 else 0.0
        elif code == 2:
            z[i], slope[i] = v * v, 2 * v
        elif code == 3:
            z[i], slope[i] = v * v * v, 3 * v * v
        elif code == 4:
            small = math.exp(-abs(v))
            s = 1.0 / (1.0 + small)
            z[i], slope[i] = s if v >= 0 else small * s, small * s * s
        elif code == 5:
            s = math.tanh(v)
            z[i], slope[i] = s, 1.0 - s * s
        elif code == 6:
            s = 0.5 * math.erfc(-v * _SQRT_HALF)
            z[i], slope[i] = v * s, s + v * _INV_SQRT_2PI * math.exp(-0.5 * v * v)
        elif code == 8:
            small = math.exp(-abs(v))
            s = 1.0 / (1.0 + small)
            s = s if v >= 0 else small * s
            z[i], slope[i] = v * s, s * (1.0 + v * (1.0 - s))
        elif code == 9:
            small = math.exp(min(v, 0.0))
            z[i], slope[i] = v if v > 0 else small - 1.0, small
        elif code == 10:
            z[i], slope[i] = v + 1.0, 1.0
        elif code == 11:
            z[i], slope[i] = v * v + 3.0, 2 * v
        elif code == 12:
            z[i], slope[i] = max(v, 0.0) - 1.0, 1.0 if v > 0 else 0.0
        else:
            small = math.exp(-abs(v))
            z[i] = max(v, 0.0) + math.log1p(small)
            slope[i] = (1.0 if v >= 0 else small) / (1.0 + small)


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _logits(u, m, gate, tau, code, z, slope):  # type: ignore[no-untyped-def]
    """Write the scores b1'x to slope's rows, the logits to z, then s'/tau to slope."""
    k, width = gate.shape
    inverse = 1.0 / tau
    for i in range(k):
        zi, si = z[i], slope[i]
        zi[:m] = 0.0
        for q in range(1, width):
            weight, uq = gate[i, q], u[q]
            for j in range(m):
                zi[j] += weight * uq[j]
        if code == 0:
            si[:m] = 1.0
        else:
            _activate(zi, si, code, m)
        intercept = gate[i, 0]
        for j in range(m):
            zi[j] = (zi[j] + intercept) * inverse
            si[j] *= inverse


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _keep(u, m, gate, top, z, keep, raw):  # type: ignore[no-untyped-def]
    """Set keep to 0 and z to 'out' for every expert outside the top ones by b1'x."""
    k, width = gate.shape
    for i in range(k):
        raw[i, :m] = 0.0
        for q in range(1, width):
            for j in range(m):
                raw[i, j] += gate[i, q] * u[q, j]
    for i in range(k):
        zi, keep_i = z[i], keep[i]
        for j in range(m):
            before = 0
            for other in range(k):
                ahead = raw[other, j] > raw[i, j]
                tied = raw[other, j] == raw[i, j] and other < i
                before += 1 if ahead or tied else 0
            keep_i[j] = 1.0 if before < top else 0.0
            if before >= top:
                zi[j] = _OUT


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _normalise(rows, keep, out, m, s):  # type: ignore[no-untyped-def]
    """Write exp(rows - max) kept to out; s[0] gets the maximum and s[1] the sum."""
    top, mass, shifted, scratch = s[0], s[1], s[2], s[3]
    k = rows.shape[0]
    copy(rows[0], 0, top, m)
    mass[:m] = 0.0
    for i in range(1, k):
        row = rows[i]
        for j in range(m):
            top[j] = row[j] if row[j] > top[j] else top[j]
    for i in range(k):
        row, oi, ki = rows[i], out[i], keep[i]
        for j in range(m):
            shifted[j] = row[j] - top[j]
        exp_block(shifted, oi, scratch, m)
        for j in range(m):
            oi[j] *= ki[j]
            mass[j] += oi[j]


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _divide(out, mass, inverse, m):  # type: ignore[no-untyped-def]
    for j in range(m):
        inverse[j] = 1.0 / mass[j]
    for i in range(out.shape[0]):
        oi = out[i]
        for j in range(m):
            oi[j] *= inverse[j]


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _joint(u, y, m, expert, log_v, z, r, joint):  # type: ignore[no-untyped-def]
    """Write residuals to r and logit + log density (without log sqrt(2 pi)) to joint."""
    k, width = expert.shape
    for i in range(k):
        zi, ri, ji = z[i], r[i], joint[i]
        half, norm, c = 0.5 * math.exp(-log_v[i]), 0.5 * log_v[i], expert[i, 0]
        for j in range(m):
            ri[j] = y[j] - c
        for q in range(1, width):
            weight, uq = expert[i, q], u[q]
            for j in range(m):
                ri[j] -= weight * uq[j]
        for j in range(m):
            ji[j] = zi[j] - norm - half * ri[j] * ri[j]


@compiled(nogil=True, error_model="numpy")
def _log_ratio(s, m):  # type: ignore[no-untyped-def]
    """Return sum of top_joint - top_gate + log(mass_joint / mass_gate), logs taken 64 at a time."""
    value, start = 0.0, 0
    while start < m:
        stop, product = min(start + 64, m), 1.0
        for j in range(start, stop):
            value += s[0, j] - s[4, j]
            product *= s[1, j] / s[5, j]
        value += math.log(product) if product > 0.0 else math.nan
        start = stop
    return value


@compiled(nogil=True, error_model="numpy")
def gate_block(u, m, gate, tau, code, top, rows, s, keep):  # type: ignore[no-untyped-def]
    """Fill z, slope, g (= rows[0..2]) for one block; s[4] + log s[5] is log sum exp of z."""
    z, slope, g = rows[0], rows[1], rows[2]
    _logits(u, m, gate, tau, code, z, slope)
    if top < gate.shape[0]:
        _keep(u, m, gate, top, z, keep, rows[4])
    _normalise(z, keep, g, m, s)
    copy(s[0], 0, s[4], m)
    copy(s[1], 0, s[5], m)
    _divide(g, s[1], s[6], m)


@compiled(nogil=True, error_model="numpy")
def estep(u, y, m, gate, tau, expert, log_v, code, top, rows, s, keep):  # type: ignore[no-untyped-def]
    """Fill z, slope, g, t, r (= rows[0..4]) for one block; return its log-likelihood.

    `keep` must come in as ones; only a gate that drops experts writes to it.
    """
    z, t, r = rows[0], rows[3], rows[4]
    gate_block(u, m, gate, tau, code, top, rows, s, keep)
    _joint(u, y, m, expert, log_v, z, r, t)
    _normalise(t, keep, t, m, s)
    value = _log_ratio(s, m) - 0.5 * m * math.log(2.0 * math.pi)
    _divide(t, s[1], s[6], m)
    return value
