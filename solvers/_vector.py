"""Block primitives the compiler turns into vector instructions.

NumPy's ``exp`` costs about 20 ns per number on machines without AVX-512 and the C library's about
5 ns; the polynomial below costs about 1 ns, so that the exponential stops being the wall.
"""

import numpy as np
from refutable.solvers._compiling import compiled

__all__ = ["BLOCK", "copy", "dot", "dot3", "exp_block", "total"]

BLOCK = 256  # numbers of a row of scratch space, 2 kB: some twenty rows fit the first-level cache

# Sums may be reordered (one order per build: results stay reproducible on one machine).
SUM = {"contract", "nnan", "ninf", "nsz", "reassoc"}
# The range reduction below is exact only if it is *not* reordered.
EXACT = {"contract", "nnan", "ninf", "nsz"}

# ln 2 in two parts, the first with trailing zeros, as in fdlibm's exp.
_LOG2E = 1.4426950408889634
_MAGIC = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to the nearest integer
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10


@compiled(nogil=True, error_model="numpy", fastmath=EXACT)
def exp_block(x, out, scratch, m):  # type: ignore[no-untyped-def]
    """Write exp(x[:m]) for x <= 0 to out (relative error 2.3e-16; e^-700 below -700).

    Three separate loops because the vectoriser cannot see through a float and an integer view of
    one buffer in a single loop.
    """
    bits, result = scratch.view(np.int64), out.view(np.int64)
    for i in range(m):
        v = x[i] if x[i] > -700.0 else -700.0
        scratch[i] = v * _LOG2E + _MAGIC
    for i in range(m):
        v = x[i] if x[i] > -700.0 else -700.0
        whole = scratch[i] - _MAGIC
        r = v - whole * _LN2_HIGH
        r = r - whole * _LN2_LOW
        p = 1.0 / 479001600.0
        p = p * r + 1.0 / 39916800.0
        p = p * r + 1.0 / 3628800.0
        p = p * r + 1.0 / 362880.0
        p = p * r + 1.0 / 40320.0
        p = p * r + 1.0 / 5040.0
        p = p * r + 1.0 / 720.0
        p = p * r + 1.0 / 120.0
        p = p * r + 1.0 / 24.0
        p = p * r + 1.0 / 6.0
        p = p * r + 0.5
        p = p * r + 1.0
        out[i] = p * r + 1.0
    for i in range(m):
        result[i] += bits[i] << 52


@compiled(nogil=True, error_model="numpy")
def copy(source, start, target, m):  # type: ignore[no-untyped-def]
    """Copy m numbers, from `start` on. Assigned slices take the compiler seconds: they may raise.

    What they would say if shapes differ is put together from strings, which are compiled as well.
    """
    for i in range(m):
        target[i] = source[start + i]


@compiled(nogil=True, error_model="numpy", fastmath=SUM)
def total(a, m):  # type: ignore[no-untyped-def]
    """Return the sum of a[:m]."""
    acc = 0.0
    for i in range(m):
        acc += a[i]
    return acc


@compiled(nogil=True, error_model="numpy", fastmath=SUM)
def dot(a, b, m):  # type: ignore[no-untyped-def]
    """Return sum a b over the first m."""
    acc = 0.0
    for i in range(m):
        acc += a[i] * b[i]
    return acc


@compiled(nogil=True, error_model="numpy", fastmath=SUM)
def dot3(a, b, c, m):  # type: ignore[no-untyped-def]
    """Return sum a b c over the first m."""
    acc = 0.0
    for i in range(m):
        acc += a[i] * b[i] * c[i]
    return acc
