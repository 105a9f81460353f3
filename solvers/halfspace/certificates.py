"""Certificates of the tester: how far w* can be from w, and what that can cost.

The explicit-constant variant of Algorithm 1 of Gollakota, Klivans, Stavropoulos and Vasilyan
(2024). Both certificates hold for the sample at hand whatever the marginal is; only the size of
their values relies on the marginal being well behaved.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    below,
    inside,
    matrix,
    nonnegative,
    positive,
    unit_vector,
    whole_number,
)
from refutable.solvers.halfspace.bands import BandMoments, orthogonal_coordinates


@dataclass(frozen=True)
class AngleCertificate:
    """Bound on the angle between w and w* (or -w*) under Massart noise.

    Attributes
    ----------
    theta0 : float
        Certified angle in radians, pi/2 if nothing can be certified.
    slope : float
        ``A``: every unit u orthogonal to w has ``sum k_i |<u, z_i>| / n >= A``.
    deviation : float
        Label-noise deviation of the gradient (McDiarmid, probability 1 - delta).
    denominator : float
        ``(1 - 2 eta) A - |g| - deviation``; the certificate is void unless it is positive.
    empty_band : bool
        Whether there were too few points near the boundary to say anything.
    """

    theta0: float
    slope: float
    deviation: float
    denominator: float
    empty_band: bool

    @property
    def void(self) -> bool:
        """Whether no angle below pi/2 is certified."""
        return self.theta0 >= np.pi / 2


def angle_certificate(
    moments: BandMoments, d: int, eta: float, delta: float = 0.01
) -> AngleCertificate:
    """Certify the angle to the best halfspace from the band moments at w.

    Writing ``w* = cos(th) w + sin(th) u``, the expected gradient along u is at least
    ``(1 - 2 eta) A - (2 - 2 eta) B / tan(th)``, so a small gradient forces a small th. A comes
    from Hoelder's inequality, ``A = lam_min^(3/2) / lam4^(1/2)``.

    Parameters
    ----------
    moments : BandMoments
        Moments at w, on points that did not choose w.
    d : int
        Dimension; fewer than ``10 d`` points in the band certify nothing.
    eta : float
        Massart noise rate, in [0, 1/2).
    delta : float
        Probability that the label noise exceeds its deviation bound, in (0, 1).

    Returns
    -------
    AngleCertificate
        ``theta0 = atan((2 - 2 eta) B / denominator)`` or pi/2.

    Raises
    ------
    ValueError
        If `d`, `eta` or `delta` is out of range.
    """
    # Below ten points a dimension the least eigenvalue of the scatter is not worth computing.
    rate, tail = below("eta", eta, 0, 0.5), inside("delta", delta, 0, 1)
    if moments.points < 10 * whole_number("d", d, 2) or moments.lam4 <= 0:
        return AngleCertificate(np.pi / 2, 0.0, np.inf, -np.inf, empty_band=True)
    slope = moments.lam_min**1.5 / moments.lam4**0.5
    deviation = moments.spread * (1 + np.sqrt(2 * np.log(1 / tail)))
    denominator = (1 - 2 * rate) * slope - moments.gradient - deviation
    theta0 = np.pi / 2
    if denominator > 0:
        theta0 = float(np.arctan((2 - 2 * rate) * moments.margin / denominator))
    return AngleCertificate(theta0, slope, deviation, denominator, empty_band=False)


def disagreement_certificate(
    x: ArrayLike, w: ArrayLike, theta0: float, strip: float = 0.5, strips: int = 200
) -> float:
    """Bound the share of the sample on which any v within `theta0` of w disagrees with w.

    Points at distance t from the boundary can only change side if their component along v
    orthogonal to w exceeds ``t / tan(theta0)``; in every strip of t Chebyshev's inequality with
    the top eigenvalue of the strip's second moment bounds their share, for all v at once.

    Parameters
    ----------
    x : array_like, shape (n, d)
        Points, ``d >= 2``.
    w : array_like, shape (d,)
        Unit vector.
    theta0 : float
        Angle in radians; at pi/2 and above the bound is 1.
    strip : float
        Width of the strips in units of ``tan(theta0)``, positive.
    strips : int
        Everything beyond this many strips is gathered in the last one.

    Returns
    -------
    float
        U in [0, 1].

    Raises
    ------
    ValueError
        For bad shapes, NaN, a `w` that is not unit, a negative angle, a bad strip.
    """
    array = matrix("x", x, 2)
    direction = unit_vector("w", w, array.shape[1])
    width, last = positive("strip", strip), whole_number("strips", strips)
    if nonnegative("theta0", theta0) >= np.pi / 2:
        return 1.0
    tau = max(float(np.tan(theta0)), 1e-150)  # its square is still a number
    ratio = np.abs(array @ direction) / (width * tau)
    index = np.minimum(ratio, last).astype(np.intp)
    mass = np.bincount(index, minlength=last + 1) / len(array)
    second = _strip_second_moments(orthogonal_coordinates(array, direction), index, last + 1)
    top = np.linalg.eigvalsh(second)[:, -1] / len(array)
    # Strip 0 has no lower edge, so only its mass bounds it.
    chebyshev = top[1:] / (width * np.arange(1, last + 1)) ** 2
    return float(min(1.0, mass[0] + np.minimum(mass[1:], chebyshev).sum()))


def _strip_second_moments(z: Floats, index: np.ndarray, strips: int) -> Floats:
    m = z.shape[1]
    columns = np.ascontiguousarray(z.T)
    second = np.empty((strips, m, m))
    for a in range(m):
        for b in range(a, m):
            second[:, a, b] = np.bincount(index, columns[a] * columns[b], minlength=strips)
            second[:, b, a] = second[:, a, b]
    return second
