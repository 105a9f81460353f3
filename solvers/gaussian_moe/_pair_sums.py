"""Sums of an EM step for two experts, a scalar covariate and a dense linear gate: one pass.

Of two softmax weights one exponential gives both: the larger is 1 / (1 + e), the smaller e times
it. Everything an observation contributes stays in registers until it is added, so that the loop
writes nothing and its two exponentials are what it costs.
"""

import math

from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, STRICT_SUM, exp_one

__all__ = ["pair_sums"]

_LOG_2PI = math.log(2.0 * math.pi)


@compiled(nogil=True, error_model="numpy", fastmath=STRICT_SUM)
def pair_sums(  # type: ignore[no-untyped-def]
    x, y, gate, tau, expert, log_v, square, cross, rss, gradient, curvature
):
    """Add what `em_sums` adds for one fit; return its log-likelihood. x, y (n,)."""
    inverse, n = 1.0 / tau, len(y)
    b0, b1 = gate[0, 0] * inverse, gate[0, 1] * inverse
    c1, a1, c2, a2 = expert[0, 0], expert[0, 1], expert[1, 0], expert[1, 1]
    half1, half2 = 0.5 * math.exp(-log_v[0]), 0.5 * math.exp(-log_v[1])
    lead, norm2 = 0.5 * (log_v[1] - log_v[0]), 0.5 * log_v[1]
    value = -n * (norm2 + 0.5 * _LOG_2PI)
    for start in range(0, n, BLOCK):
        stop, product, height = min(start + BLOCK, n), 1.0, 0.0
        w0 = w1 = w2 = d0 = d1 = 0.0
        s0 = s1 = s2 = p0 = p1 = p2 = 0.0
        t0 = t1 = t2 = q0 = q1 = q2 = 0.0
        for j in range(start, stop):
            u, v = x[j], y[j]
            z = b0 + b1 * u
            e = exp_one(-abs(z))
            high = 1.0 / (1.0 + e)
            low = e * high
            r1, r2 = v - c1 - a1 * u, v - c2 - a2 * u
            far2 = half2 * r2 * r2
            odds = z + lead + far2 - half1 * r1 * r1
            f = exp_one(-abs(odds))
            top = 1.0 / (1.0 + f)
            rest = f * top
            # log of (joint densities over gates): their larger terms, and a product of what is left
            height += (odds if odds > 0.0 else 0.0) - (z if z > 0.0 else 0.0) - far2
            product *= (1.0 + f) * high
            first, second = (top, rest) if odds > 0.0 else (rest, top)
            lift = first - (high if z > 0.0 else low)
            w = high * low
            uu = u * u
            w0 += w
            w1 += w * u
            w2 += w * uu
            d0 += lift
            d1 += lift * u
            m1, m2 = first * r1, second * r2
            s0 += first
            s1 += first * u
            s2 += first * uu
            p0 += m1
            p1 += m1 * u
            p2 += m1 * r1
            t0 += second
            t1 += second * u
            t2 += second * uu
            q0 += m2
            q1 += m2 * u
            q2 += m2 * r2
        value += height + math.log(product)  # each factor lies between 1/2 and 2
        _add(square[0], cross[0], s0, s1, s2, p0, p1)
        _add(square[1], cross[1], t0, t1, t2, q0, q1)
        rss[0] += p2
        rss[1] += q2
        gradient[0] += d0
        gradient[1] += d1 * inverse
        curvature[0, 0] += w0
        curvature[1, 0] += w1 * inverse
        curvature[1, 1] += w2 * inverse * inverse
    return value


@compiled(nogil=True, error_model="numpy")
def _add(square, cross, s0, s1, s2, p0, p1):  # type: ignore[no-untyped-def]
    square[0, 0] += s0
    square[1, 0] += s1
    square[1, 1] += s2
    cross[0] += p0
    cross[1] += p1
