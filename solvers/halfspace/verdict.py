"""The verdict of a tester-learner: accepted or rejected, with the reason and the certificate."""

from dataclasses import dataclass

from refutable.solvers.argument_checks import Floats, inside, matrix
from refutable.solvers.halfspace.bands import BandMoments, band_moments
from refutable.solvers.halfspace.certificates import (
    AngleCertificate,
    angle_certificate,
    disagreement_certificate,
)


@dataclass(frozen=True)
class Certificate:
    """Everything the verdict of a tester-learner rests on.

    Attributes
    ----------
    moments : BandMoments
        Moments of the held-out half in the band of the direction.
    angle : AngleCertificate
        Certified angle to the best halfspace.
    excess : float
        U, upper bound on the excess error over the best halfspace on the held-out marginal.
    epsilon : float
        Excess up to which the tester accepts.
    """

    moments: BandMoments
    angle: AngleCertificate
    excess: float
    epsilon: float

    @property
    def accepted(self) -> bool:
        """Whether the excess is certified to be at most epsilon."""
        return self.excess <= self.epsilon

    @property
    def reason(self) -> str:
        """Why the tester accepts or rejects, in one sentence."""
        if self.angle.empty_band:
            return f"empty band: only {self.moments.points} points near the boundary"
        if self.angle.void:
            return (
                "no angle certificate: gradient and noise outweigh the spread in the band "
                f"(denominator {self.angle.denominator:.3g})"
            )
        relation = "at most" if self.accepted else "above"
        return f"certified excess {self.excess:.3g} is {relation} epsilon = {self.epsilon:g}"


class Rejected(RuntimeError):
    """A prediction was asked of an estimator that rejected its sample.

    Attributes
    ----------
    certificate : Certificate
        What was found on the held-out half.
    wanted : str
        How many points it would take, in a sentence.
    """

    def __init__(self, certificate: Certificate, wanted: str = "") -> None:
        super().__init__(
            f"{rejection(certificate, wanted)}; set on_reject='predict' to get predictions all "
            "the same"
        )
        self.certificate, self.wanted = certificate, wanted

    def __reduce__(self) -> tuple[type["Rejected"], tuple[Certificate, str]]:
        """Pickle by the arguments: what another process raises comes back."""
        return type(self), (self.certificate, self.wanted)


class RejectedWarning(UserWarning):
    """A prediction was asked of an estimator that rejected its sample, and was given."""


def rejection(certificate: Certificate, wanted: str = "") -> str:
    """Return what is said of a rejected sample and, where known, of the points that it lacks."""
    more = f" {wanted}" if wanted else ""
    return (
        f"the tester rejected this sample ({certificate.reason}): no guarantee holds.{more}"
    ).rstrip(".")


def certify(
    x: Floats,
    y: Floats,
    w: Floats,
    *,
    sigma: float,
    eta: float,
    epsilon: float,
    delta: float = 0.01,
) -> Certificate:
    """Certify the direction `w` on points that did not choose it.

    Parameters
    ----------
    x : ndarray, shape (n, d)
        Held-out points, ``d >= 2``.
    y : ndarray, shape (n,)
        Labels -1 or +1.
    w : ndarray, shape (d,)
        Unit vector.
    sigma, eta, epsilon, delta : float
        Bandwidth, Massart rate, accepted excess, failure probability of the label noise bound.

    Returns
    -------
    Certificate
        Band moments, angle and excess.

    Raises
    ------
    ValueError
        For bad shapes, NaN, a `w` that is not unit, or parameters out of range.
    """
    inside("epsilon", epsilon, 0, 1)
    x = matrix("x", x, 2)
    moments = band_moments(x, y, w, sigma)
    angle = angle_certificate(moments, x.shape[1], eta, delta)
    excess = disagreement_certificate(x, w, angle.theta0)
    return Certificate(moments, angle, excess, epsilon)
