"""Block primitives the compiler turns into vector instructions.

NumPy's ``exp`` costs about 20 ns per number on machines without AVX-512 and the C library's about
5 ns; the polynomial below costs about 1 ns, so that the exponential stops being the wall.
"""

import numpy as np
from refutable.solvers._compiling import compiled

__all__ = ["BLOCK", "copy", "dot", "dot3", "exp_block", "exp_one", "total"]

BLOCK = 256  # numbers of a row of scratch space, 2 kB: some twenty rows fit the first-level cache

# Sums may be reordered (one order per build: results stay reproducible on one machine).
SUM = {"contract", "nnan", "ninf", "nsz", "reassoc"}
# The range reduction below is exact only if it is *not* reordered.
EXACT = {"contract", "nnan", "ninf", "nsz"}
# The same without the promise that nothing is NaN: a NaN goes through to the result.
STRICT = {"contract", "nsz"}
STRICT_SUM = STRICT | {"reassoc"}

# ln 2 in two parts, the first with trailing zeros, as in fdlibm's exp.
_LOG2E = 1.4426950408889634
_MAGIC = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to the nearest integer
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10


@compiled(nogil=True, error_model="numpy", fastmath=STRICT)
def exp_one(x):  # type: ignore[no-untyped-def]
    """Return exp(x) for x <= 0 to a relative 2.3e-16, 0 below -708, NaN for NaN.

    No branch and no table, so that a loop over it becomes vector instructions: x = k log 2 + r, a
    polynomial of r, and k added to the exponent's bits.
    """
    v = -708.0 if x < -708.0 else x
    shifted = v * _LOG2E + _MAGIC
    whole = shifted - _MAGIC
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
    p = p * r + 1.0
    bits = np.float64(p).view(np.int64) + (np.float64(shifted).view(np.int64) << 52)
    return 0.0 if x < -708.0 else np.int64(bits).view(np.float64)


@compiled(nogil=True, error_model="numpy")
def exp_block(x, out, m):  # type: ignore[no-untyped-def]
    """Write exp(x[:m]) for x <= 0 to out, see `exp_one`."""
    for i in range(m):
        out[i] = exp_one(x[i])


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
