"""What starting at the recording, and not where the forward process ends, leaves in the output."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy
from refutable.simulations.generative.sgmse._sampler import ASSUMED, SDE, SPEECH
from refutable.solvers.linear_gaussian import Affine, Gaussian, flow, law_after
from refutable.theory.generative import sgmse as theory
from refutable.theory.generative.sgmse import Normal, Ouve, Speech

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    Origin,
    Scope,
    Values,
)

TIGHT = 1e-9
"""Absolute; the ODE solver is set to 1e-10 of each entry, and entries are below 2."""

PER_MILLION = 1e6


def divergence(cell: Cell, stiffness: float = SDE.stiffness, noise_of_start: float = 1.0) -> Values:
    """Integrate p log(p / q), p where the forward SDE ends and q where sampling starts.

    Parameters
    ----------
    stiffness : float
        gamma of the forward mean.
    noise_of_start : float
        Factor on the standard deviation of the start.
    """
    recording, sd = 1 + cell.apart, float(SDE.variance(1)) ** 0.5
    ends = float(replace(SDE, stiffness=stiffness).mean(1, recording, 1))

    def log_density(x: float, mean: float, scale: float) -> float:
        return float(-0.5 * ((x - mean) / scale) ** 2 - np.log(scale * np.sqrt(2 * np.pi)))

    def integrand(x: float) -> float:
        log_p = log_density(x, ends, sd)
        return float(np.exp(log_p)) * (log_p - log_density(x, recording, noise_of_start * sd))

    # Beyond twelve standard deviations there is less than 1e-30.
    value = scipy.integrate.quad(integrand, ends - 12 * sd, ends + 12 * sd, epsabs=1e-12)
    return {"divergence": value[0]}


def _mismatch(cell: Cell) -> float:
    return theory.mismatch_divergence(SDE, 1, 1 + cell.apart)


DIVERGENCE = Claim(
    id="sgmse.start-divergence",
    title="How far the start of sampling is off is known beforehand",
    source="The start $N(y, sigma(1)^2)$ of the sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The law at the end of the forward process diverges from the one that sampling "
    "starts from by the squared distance of speech and recording, times a constant.",
    formula='op("KL")(N(mu(1), sigma(1)^2) || N(y, sigma(1)^2)) = '
    "e^(-2 gamma) (x_0 - y)^2 \\/ (2 sigma(1)^2)",
    scope=Scope.ARITHMETIC,
    does_not_show="What the difference does to the output; see output-of-the-reverse-process.",
    assumptions=ASSUMED[2:],
    cells=Cells(apart=(0.1, 0.2, 0.4, 0.8, 1.6)),
    compute=divergence,
    expect=(Exact("divergence").equals(_mismatch, TIGHT),),
    controls=(
        BrokenWorld(
            "a stiffness of 1.500001 in place of 1.5",
            change={"stiffness": 1.500001},
            at={"apart": (0.4, 1.6)},
        ),
        BrokenWorld(
            "a start whose noise is a millionth larger",
            change={"noise_of_start": 1.000001},
            at={"apart": (0.4, 1.6)},
        ),
    ),
    figure=Axis(x="apart", label="distance of speech and recording", log=True, curve=True),
)


def speech_of(cell: Cell) -> Speech:
    """Return clean N(1, 0.1^2) and the recording of a cell."""
    return Speech(noisy=cell.noisy)


def reverse_flow(sde: Ouve, speech: Speech, believed: Speech) -> Affine:
    """Return the reverse SDE from 1 to 0, ``dx = [gamma (y - x) - g^2 score] dt + g dw``.

    Its score is that of what is believed of the speech.
    """

    def pull(t: float) -> float:
        return float(sde.diffusion(t) ** 2 / theory.marginal(sde, believed, t).variance)

    def shift(t: float) -> list[float]:
        back = pull(t) * float(theory.marginal(sde, believed, t).mean)
        return [sde.stiffness * speech.noisy - back]

    def drift(t: float) -> list[list[float]]:
        return [[pull(t) - sde.stiffness]]

    return flow(1, 0, drift, shift, lambda t: [[float(sde.diffusion(t) ** 2)]])


def reversed_law(cell: Cell, noise_of_start: float = 1.0, believed_sd: float = SPEECH.sd) -> Values:
    """Carry the start through the reverse SDE, in continuous time.

    Parameters
    ----------
    noise_of_start : float
        Factor on the standard deviation of the start.
    believed_sd : float
        s_0 by which the score is taken.

    Returns
    -------
    dict
        ``bias``, and ``lost_variance``, what the output lacks of s_0^2, in parts
        per million.
    """
    speech = speech_of(cell)
    begun = theory.start_law(SDE, speech, cell.start)
    law = Gaussian(begun.mean.reshape(1), noise_of_start**2 * begun.variance.reshape(1, 1))
    end = law_after(reverse_flow(SDE, speech, replace(speech, sd=believed_sd)), law)
    return {
        "bias": float(end.mean[0]) - speech.mean,
        "lost_variance": PER_MILLION * (1 - float(end.covariance[0, 0]) / speech.sd**2),
    }


def _predicted(cell: Cell) -> Normal:
    return theory.reverse_law(SDE, speech_of(cell), cell.start)


def bias(cell: Cell) -> float:
    """Return the bias that theory gives."""
    return float(_predicted(cell).mean) - SPEECH.mean


def lost_variance(cell: Cell) -> float:
    """Return the parts per million of s_0^2 that are lost by theory."""
    return PER_MILLION * (1 - float(_predicted(cell).variance) / SPEECH.sd**2)


OUTPUT = Claim(
    id="sgmse.output-of-the-reverse-process",
    title="What a wrong start leaves in the output has a closed form",
    source="The reverse SDE and its start, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With the exact score the reverse SDE keeps the share rho = Cov(x_0, x_1)/Var $x_1$ "
    "of what the mean of its start misses, and the share $rho^2$ of what its variance "
    "misses.",
    formula='"bias" = rho (EE x_"start" - mu(1)), quad rho = e^(-gamma) s_0^2 \\/ '
    '(e^(-2 gamma) s_0^2 + sigma(1)^2), quad "bias"_"mixture" = rho e^(-gamma) (y - m)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores, or steps: time is continuous here.",
    assumptions=ASSUMED,
    notes=(
        "With $m = 1$, $s_0 = 0.1$ and $y = 0.6$ the recording as start leaves -0.0013, and zero "
        "as start -0.0101: eight times as much.",
        "Zero is the better start where mu(1) is nearer to 0 than to y, as for $y = -0.5$.",
        "Either start loses eleven parts in a million of the variance.",
    ),
    cells=Cells(start=("mixture", "noise", "exact"), noisy=(-0.5, 0.0, 0.6, 1.0, 1.5)),
    compute=reversed_law,
    expect=(
        Exact("bias").equals(bias, TIGHT),
        Exact("lost_variance").equals(lost_variance, 0.01),
    ),
    controls=(
        BrokenWorld(
            "a score that takes $s_0$ for 0.100001 in place of 0.1",
            change={"believed_sd": 0.100001},
            at={"noisy": 0.6},
        ),
        BrokenWorld(
            "a start whose noise is larger by a ten thousandth",
            change={"noise_of_start": 1.0001},
            at={"noisy": 0.6},
            judged_by="lost_variance",
        ),
    ),
    figure=Axis(x="noisy", label="recording y, clean speech being 1", curve=True),
)
