"""A zoo of marginals: some that a tester must accept, some that have fooled one without a test.

Every sampler takes ``(rng, n, w_star)`` and returns points of shape (n, d); all are symmetric. Most
ignore ``w_star`` except for its length; the far wedge places its outliers along it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    generator,
    one_of,
    refuse,
    unit_vector,
    whole_number,
)

Sampler = Callable[[np.random.Generator, int, Floats], Floats]


def sample_marginal(name: str, rng: np.random.Generator, n: int, w_star: ArrayLike) -> Floats:
    """Draw `n` points of the marginal called `name`.

    Parameters
    ----------
    name : str
        A key of `MARGINALS`.
    rng : numpy.random.Generator
        Source of randomness.
    n : int
        Number of points.
    w_star : array_like, shape (d,)
        Unit vector, ``d >= 2``: the halfspace that the far wedge is built around.

    Returns
    -------
    ndarray, shape (n, d)
        The points.

    Raises
    ------
    ValueError
        For an unknown name, ``n < 1``, ``d < 2`` or a `w_star` that is not unit.
    """
    sampler = MARGINALS[one_of("name", name, MARGINALS)]
    direction = unit_vector("w_star", w_star)
    if len(direction) < 2:
        refuse("w_star", direction, "at least 2 entries")
    return sampler(generator("rng", rng), whole_number("n", n), direction)


def _gaussian(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return rng.standard_normal((n, len(w_star)))


@cache
def _quartic_variance() -> float:
    """Variance of the density proportional to ``exp(-x^2/2 - x^4/4)``, by quadrature."""
    from scipy.integrate import quad  # loads slowly

    def moment(power: int) -> float:
        return float(quad(lambda x: x**power * np.exp(-(x**2) / 2 - x**4 / 4), -8, 8)[0])

    return moment(2) / moment(0)


@cache
def _truncated_variance() -> float:
    """Variance of a standard normal number cut off at `TRUNCATION` on both sides."""
    from scipy.stats import truncnorm  # loads slowly

    return float(truncnorm(-TRUNCATION, TRUNCATION).var())


FAR = 30_000.0
"""Distance of the far wedge's outliers, chosen to dwarf the few deviations of the inliers."""
TRUNCATION = 1.5
"""In deviations: 13 % of the normal mass is cut off, enough to be no Gaussian."""


def _rejected_gaussian(
    rng: np.random.Generator, size: int, keep: Callable[[Floats], Floats]
) -> Floats:
    """Draw `size` standard normal values, each kept with probability ``keep(value)``."""
    kept: list[Floats] = []
    missing = size
    while missing > 0:
        x = rng.standard_normal(int(1.7 * missing) + 16)
        kept.append(x[rng.random(x.size) < keep(x)][:missing])
        missing -= kept[-1].size
    return np.concatenate(kept)


def _quartic(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    x = _rejected_gaussian(rng, n * len(w_star), lambda v: np.exp(-(v**4) / 4))
    return np.asarray(x.reshape(n, -1) / np.sqrt(_quartic_variance()))


def _truncated(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    x = _rejected_gaussian(rng, n * len(w_star), lambda v: (np.abs(v) < TRUNCATION).astype(float))
    return np.asarray(x.reshape(n, -1) / np.sqrt(_truncated_variance()))


def _cube(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return rng.uniform(-np.sqrt(3), np.sqrt(3), (n, len(w_star)))


def _laplace(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return rng.laplace(0, 1 / np.sqrt(2), (n, len(w_star)))


def _student3(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return np.asarray(rng.standard_t(3, (n, len(w_star))) / np.sqrt(3))


def _hypercube(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return rng.choice([-1.0, 1.0], (n, len(w_star)))


def _anisotropic(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return rng.standard_normal((n, len(w_star))) * np.linspace(0.3, 2, len(w_star))


def _pushed_out(x: Floats, gap: float) -> Floats:
    """Move the points with ``|x_1| < gap`` away from the hyperplane ``x_1 = 0``."""
    first = x[:, 0]
    sign = np.where(first >= 0, 1.0, -1.0)
    x[:, 0] = np.where(np.abs(first) < gap, sign * (gap + 0.2 * np.abs(first)), first)
    return x


def _gap(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return _pushed_out(_gaussian(rng, n, w_star), 1.0)


def _thin_gap(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    return _pushed_out(_gaussian(rng, n, w_star), 0.05)


def _clusters(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    d = len(w_star)
    centres = 10 * np.concatenate([np.eye(d), -np.eye(d)])
    return centres[rng.integers(2 * d, size=n)] + 0.05 * rng.standard_normal((n, d))


def _sphere(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    x = _gaussian(rng, n, w_star)
    return np.asarray(x * (np.sqrt(len(w_star)) / np.linalg.norm(x, axis=1, keepdims=True)))


def _far_wedge(rng: np.random.Generator, n: int, w_star: Floats) -> Floats:
    x = _gaussian(rng, n, w_star)
    far = rng.random(n) < 0.3
    u = rng.standard_normal(len(w_star))
    u -= (u @ w_star) * w_star
    u /= np.linalg.norm(u)
    signs = rng.choice([-1.0, 1.0], (int(far.sum()), 2))
    x[far] = signs[:, :1] * w_star + FAR * signs[:, 1:] * u
    return x


MARGINALS: Mapping[str, Sampler] = MappingProxyType(
    {
        "gaussian": _gaussian,
        "quartic": _quartic,
        "truncated": _truncated,
        "cube": _cube,
        "laplace": _laplace,
        "student3": _student3,
        "hypercube": _hypercube,
        "anisotropic": _anisotropic,
        "gap": _gap,
        "thin_gap": _thin_gap,
        "clusters": _clusters,
        "sphere": _sphere,
        "far_wedge": _far_wedge,
    }
)
"""Samplers by name. Strongly log-concave: gaussian, quartic, truncated. Log-concave but not
strongly: cube (convex support), laplace. The others break isotropy, tails, mass near a hyperplane,
or all of these."""
