"""How large a sample like the one at hand would have to be for the tester to accept it."""

import math
from dataclasses import replace

import numpy as np
from refutable.solvers.argument_checks import Floats
from refutable.solvers.halfspace.bands import BandMoments
from refutable.solvers.halfspace.certificates import angle_certificate, disagreement_certificate

__all__ = ["times_as_many"]

_MOST = 2.0**30
_PRECISION = 1.02
_ANGLES = 14
"""Halvings of the angle's range: to 1e-4, less than the moments are known to."""


def times_as_many(
    x: Floats, w: Floats, moments: BandMoments, *, eta: float, epsilon: float, delta: float
) -> float:
    """Return how many times the held-out points it would take, all else being as here.

    All else are the moments of the marginal at the direction and the strips around it. What falls
    with the root of the number of points is the bound of the label noise, and the gradient: in an
    ideal sample it is noise, of the labels here and of the direction that was learned on others.
    Where no halfspace fits, it does not vanish, and no number may be enough. Of N(0, I_4) with a
    tenth of the labels flipped between 150,000 and 200,000 points are accepted (epsilon 0.25,
    sigma 0.1); samples of 100,000 ask for 170,000 and 320,000, of 20,000 for about 500,000.

    Parameters
    ----------
    x : ndarray, shape (n, d)
        Held-out points.
    w : ndarray, shape (d,)
        Unit vector.
    moments : BandMoments
        Of these points at w.
    eta, epsilon, delta : float
        As in `certify`.

    Returns
    -------
    float
        At least 1; infinity if no number of such points would do.
    """
    wanted = _widest_angle(x, w, epsilon)

    def angle(times: float) -> float:
        return angle_certificate(_with_more(moments, times), x.shape[1], eta, delta).theta0

    if angle(_MOST) > wanted:
        return math.inf
    low, high = 1.0, _MOST
    while high / low > _PRECISION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if angle(middle) <= wanted else (middle, high)
    return high


def _widest_angle(x: Floats, w: Floats, epsilon: float) -> float:
    """Return the largest angle whose disagreement is certified to be at most epsilon; 0 if none."""
    low, high = 0.0, np.pi / 2
    for _ in range(_ANGLES):
        middle = (low + high) / 2
        fits = disagreement_certificate(x, w, middle) <= epsilon
        low, high = (middle, high) if fits else (low, middle)
    return low


def _with_more(moments: BandMoments, times: float) -> BandMoments:
    root = math.sqrt(times)
    return replace(
        moments,
        points=int(min(moments.points * times, 2**62)),
        spread=moments.spread / root,
        gradient=moments.gradient / root,
    )
