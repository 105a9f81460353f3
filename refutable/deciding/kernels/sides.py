"""How much error a verdict on a one-sided region may spend on each end of an interval."""

from __future__ import annotations

import math

from refutable.deciding.kernels import _validate


def spendable(alpha: float, lower: float, upper: float) -> float:
    """Return the error an interval may have for a verdict on a region to have error `alpha`.

    If the region has one end only, that is twice `alpha`: where the truth lies inside, only a
    verdict `refuted` is wrong, and only one end of the interval can bring it about; where it lies
    outside, only `supported`, brought about by the other end. The two errors never add up.
    This asks that each end of an interval at error `a` is wrong with probability at most ``a / 2``:
    true of the Bernoulli kernel and of quantiles by construction, of the Student kernel by
    symmetry (and measured for skewed data by `refutable.calibration`). It is *not* true of the
    distance of distributions, which chance may enlarge in either direction: do not use it there.

    Parameters
    ----------
    alpha : float
        Error probability of the verdict, in (0, 1).
    lower, upper : float
        The region; infinite where it has no end.

    Raises
    ------
    ValueError
        If `alpha` is not in (0, 1).
    """
    one_sided = math.isinf(lower) != math.isinf(upper)
    return min(2.0 * alpha, 0.5) if one_sided and _validate.error_rate(alpha) < 0.5 else alpha
