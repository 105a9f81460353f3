"""The predictor-corrector sampler as affine steps, with the exact score of a Gaussian."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from refutable.solvers.linear_gaussian import Affine, Gaussian, law_after
from refutable.theory.generative import sgmse as theory
from refutable.theory.generative.sgmse import Normal, Ouve, Speech, Start

from refutable import FloatArray

SDE = Ouve()
SPEECH = Speech()
"""Clean N(1, 0.1^2), recorded as 0.6, if a claim says nothing else."""

TRUTH = Normal(np.asarray(SPEECH.mean), np.asarray(SPEECH.sd**2))
"""The law of clean speech given the recording, which sampling is for."""

ASSUMED = (
    "one real coefficient, whose clean value given the recording is Gaussian",
    "the score is known exactly",
    "constants of the SDE as in the released code: gamma 1.5, sigma from 0.05 to 0.5",
)


@dataclass(frozen=True)
class Sampler:
    """Knobs of the sampler; the defaults are those of the released code, the corrector being off.

    Attributes
    ----------
    steps
        N: the score is taken at N even times from 1 to t_end, and a last step of length t_end ends
        at 0.
    snr
        r of the corrector, 0 for none.
    t_end
        Above 0.
    noisy_end
        Whether the last step keeps its noise.
    """

    steps: int = 30
    snr: float = 0.0
    t_end: float = 0.03
    noisy_end: bool = False


Step = tuple[FloatArray, FloatArray, FloatArray]
"""Factor, shift and noise variance of ``x -> factor x + shift + noise``, arrays (N,)."""


def _corrector(sampler: Sampler, times: FloatArray, law: Normal) -> Step:
    """``x + d score + N(0, 2 d)``, d = 2 (r sigma)^2: annealed Langevin."""
    d = 2 * sampler.snr**2 * SDE.variance(times)
    return 1 - d / law.variance, d * law.mean / law.variance, 2 * d


def _predictor(sampler: Sampler, times: FloatArray, law: Normal, noisy: float) -> Step:
    """``x - h [gamma (y - x) - g^2 score] + N(0, g^2 h)``, the reverse SDE by Euler."""
    h = times - np.append(times[1:], 0.0)
    noise = h * SDE.diffusion(times) ** 2
    pull, drift = noise / law.variance, h * SDE.stiffness
    if not sampler.noisy_end:
        noise[-1] = 0.0
    return 1 + drift - pull, pull * law.mean - drift * noisy, noise


def steps_of(sampler: Sampler, speech: Speech = SPEECH) -> Affine:
    """Return the sampler's steps for one number; with the corrector on, two for each time."""
    times = np.linspace(1, sampler.t_end, sampler.steps)
    law = theory.marginal(SDE, speech, times)
    made = [_predictor(sampler, times, law, speech.noisy)]
    if sampler.snr:
        made.insert(0, _corrector(sampler, times, law))
    factor, shift, noise = (
        np.stack(part, axis=1).reshape(-1, 1) for part in zip(*made, strict=True)
    )
    return Affine(factor[..., None], shift, noise[..., None])


def output(sampler: Sampler, start: Start = "mixture", speech: Speech = SPEECH) -> Normal:
    """Return the law of the sampler's output, exactly."""
    begun = theory.start_law(SDE, speech, start)
    law = Gaussian(begun.mean.reshape(1), begun.variance.reshape(1, 1))
    end = law_after(steps_of(sampler, speech), law)
    return Normal(end.mean.reshape(()), end.covariance.reshape(()))


def iterates(rng: Generator, steps: Affine, x: FloatArray) -> Iterator[FloatArray]:
    """Yield the points (size,) after every step of one number, with noise that is drawn."""
    for factor, shift, noise in zip(*(part.ravel() for part in vars(steps).values()), strict=True):
        x = factor * x + shift
        if noise:
            x += np.sqrt(noise) * rng.standard_normal(len(x))
        yield x


def ends(rng: Generator, steps: Affine, x: FloatArray) -> FloatArray:
    """Return the points (size,) after the last step; those before are not kept."""
    return deque(iterates(rng, steps, x), maxlen=1).pop()


def drawn_outputs(
    rng: Generator, size: int, sampler: Sampler, start: Start = "mixture", speech: Speech = SPEECH
) -> FloatArray:
    """Run the sampler on `size` points."""
    begun = theory.start_law(SDE, speech, start)
    x = begun.mean + begun.sd * rng.standard_normal(size)
    return ends(rng, steps_of(sampler, speech), x)
