"""One E-step on a block of observations: gate weights, responsibilities, log-likelihood."""

import math

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, EXACT, STRICT, STRICT_SUM, copy, exp_one, total

__all__ = ["estep", "gate_block", "unpack", "workspace"]

_OUT = -1e300  # logit of an expert the gate does not keep
_TOGETHER = 64  # ratios whose product has one logarithm
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
    """Return u, y, rows (z, slope, g, t, r and joint), and scratch rows for one block."""
    rows = np.empty((6, k, BLOCK))
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
        zi, si, first, weight, u1 = z[i], slope[i], gate[i, 0], gate[i, 1], u[1]
        base = first if code == 0 else 0.0
        for j in range(m):
            zi[j] = base + weight * u1[j]
        for q in range(2, width):
            weight, uq = gate[i, q], u[q]
            for j in range(m):
                zi[j] += weight * uq[j]
        if code != 0:
            _activate(zi, si, code, m)
            for j in range(m):
                zi[j] = (zi[j] + first) * inverse
                si[j] *= inverse
        else:
            si[:m] = inverse
            if inverse != 1.0:
                for j in range(m):
                    zi[j] *= inverse


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def _drop(u, m, gate, top, z, raw):  # type: ignore[no-untyped-def]
    """Set z to 'out' for every expert outside the top ones by b1'x: its weight becomes 0."""
    k, width = gate.shape
    for i in range(k):
        raw[i, :m] = 0.0
        for q in range(1, width):
            for j in range(m):
                raw[i, j] += gate[i, q] * u[q, j]
    for i in range(k):
        zi = z[i]
        for j in range(m):
            before = 0
            for other in range(k):
                ahead = raw[other, j] > raw[i, j]
                tied = raw[other, j] == raw[i, j] and other < i
                before += 1 if ahead or tied else 0
            if before >= top:
                zi[j] = _OUT


@compiled(nogil=True, error_model="numpy", fastmath=STRICT)
def _normalise(rows, out, m, s):  # type: ignore[no-untyped-def]
    """Write exp(rows - max) to out; s[0] gets the maximum and s[1] the sum.

    Loops are short because the vectoriser proves of few arrays only that they do not overlap, and
    `out` must not be `rows`.
    """
    if rows.shape[0] == 2:
        _normalise_two(rows[0], rows[1], out[0], out[1], m, s)
        return
    top, mass = s[0], s[1]
    copy(rows[0], 0, top, m)
    mass[:m] = 0.0
    for i in range(1, rows.shape[0]):
        row = rows[i]
        for j in range(m):
            top[j] = row[j] if row[j] > top[j] else top[j]
    for i in range(rows.shape[0]):
        row, oi = rows[i], out[i]
        for j in range(m):
            oi[j] = exp_one(row[j] - top[j])
        for j in range(m):
            mass[j] += oi[j]


@compiled(nogil=True, error_model="numpy", fastmath=STRICT)
def _normalise_two(first, second, one, two, m, s):  # type: ignore[no-untyped-def]
    """Do what `_normalise` does for two rows, with one exponential: that of the larger row is 1."""
    top, mass, gap = s[0], s[1], s[2]
    for j in range(m):
        gap[j] = second[j] - first[j]
    for j in range(m):
        top[j] = second[j] if gap[j] > 0.0 else first[j]
    for j in range(m):
        mass[j] = exp_one(-abs(gap[j]))
    for j in range(m):
        one[j] = mass[j] if gap[j] > 0.0 else 1.0
    for j in range(m):
        two[j] = 1.0 if gap[j] > 0.0 else mass[j]
    for j in range(m):
        mass[j] += 1.0


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
        weight, u1 = expert[i, 1], u[1]
        for j in range(m):
            ri[j] = y[j] - c - weight * u1[j]
        for q in range(2, width):
            weight, uq = expert[i, q], u[q]
            for j in range(m):
                ri[j] -= weight * uq[j]
        for j in range(m):
            ji[j] = zi[j] - norm - half * ri[j] * ri[j]


@compiled(nogil=True, error_model="numpy", fastmath=STRICT)
def _log_ratio(s, m):  # type: ignore[no-untyped-def]
    """Return sum of top_joint - top_gate + log(mass_joint / mass_gate).

    A ratio lies between 1 / k and k: a product of 64 is a number for any k below 2^15.
    """
    ratio, joint, gate = s[2], s[1], s[5]
    for j in range(m):
        ratio[j] = joint[j] / gate[j]
    value = total(s[0], m) - total(s[4], m)
    for start in range(0, m, _TOGETHER):
        value += math.log(_product(ratio, start, min(start + _TOGETHER, m)))
    return value


@compiled(nogil=True, error_model="numpy", fastmath=STRICT_SUM)
def _product(a, start, stop):  # type: ignore[no-untyped-def]
    value = 1.0
    for j in range(start, stop):
        value *= a[j]
    return value


@compiled(nogil=True, error_model="numpy")
def gate_block(u, m, gate, tau, code, top, rows, s):  # type: ignore[no-untyped-def]
    """Fill z, slope, g (= rows[0..2]) for one block; s[4] + log s[5] is log sum exp of z."""
    z, slope, g = rows[0], rows[1], rows[2]
    _logits(u, m, gate, tau, code, z, slope)
    if top < gate.shape[0]:
        _drop(u, m, gate, top, z, rows[4])
    _normalise(z, g, m, s)
    copy(s[0], 0, s[4], m)
    copy(s[1], 0, s[5], m)
    _divide(g, s[1], s[6], m)


@compiled(nogil=True, error_model="numpy")
def estep(u, y, m, gate, tau, expert, log_v, code, top, rows, s):  # type: ignore[no-untyped-def]
    """Fill z, slope, g, t, r (= rows[0..4]) for one block; return its log-likelihood."""
    z, t, r, joint = rows[0], rows[3], rows[4], rows[5]
    gate_block(u, m, gate, tau, code, top, rows, s)
    _joint(u, y, m, expert, log_v, z, r, joint)
    _normalise(joint, t, m, s)
    value = _log_ratio(s, m) - 0.5 * m * math.log(2.0 * math.pi)
    _divide(t, s[1], s[6], m)
    return value
