"""Sums, products and quotients of unevaluated pairs high + low, about 32 digits, compiled.

Dekker (1971) and Knuth; none of these may be compiled with relaxed floating-point rules.
"""

from refutable.solvers._compiling import compiled

__all__ = ["add", "divide", "multiply", "two_product"]

_SPLIT = 134217729.0  # 2^27 + 1, which cuts a double into two halves of 26 bits


@compiled(nogil=True)
def _tidy(high, low):  # type: ignore[no-untyped-def]
    total = high + low
    return total, low - (total - high)


@compiled(nogil=True)
def two_product(a, b):  # type: ignore[no-untyped-def]
    """Return a b exactly."""
    product = a * b
    wide = _SPLIT * a
    ah = wide - (wide - a)
    al = a - ah
    wide = _SPLIT * b
    bh = wide - (wide - b)
    bl = b - bh
    return product, ((ah * bh - product) + ah * bl + al * bh) + al * bl


@compiled(nogil=True)
def add(ah, al, bh, bl):  # type: ignore[no-untyped-def]
    """Return a + b."""
    total = ah + bh
    part = total - ah
    rest = (ah - (total - part)) + (bh - part)
    return _tidy(total, rest + (al + bl))


@compiled(nogil=True)
def multiply(ah, al, bh, bl):  # type: ignore[no-untyped-def]
    """Return a b."""
    product, rest = two_product(ah, bh)
    return _tidy(product, rest + (ah * bl + al * bh))


@compiled(nogil=True)
def divide(ah, al, bh, bl):  # type: ignore[no-untyped-def]
    """Return a / b."""
    quotient = ah / bh
    high, low = multiply(quotient, 0.0, bh, bl)
    high, low = add(ah, al, -high, -low)
    return _tidy(quotient, high / bh)
