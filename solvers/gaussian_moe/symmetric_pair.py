r"""Two experts, the first split symmetrically: the regular coordinate of an over-fitted cell.

.. math:: g(x)\,\tfrac12\{N(y;\mu_1-t,w)+N(y;\mu_1+t,w)\} + (1-g(x))\,N(y;\mu_2,v_2),\quad
          \mu_i=a_ix+c_i,\ g=\mathrm{expit}(b_1x+b_0)

With the variance free, :math:`w=v_1-t^2` and :math:`\kappa=t^4\ge0` is a regular boundary
parameter whose score at 0 is :math:`-r\,He_4(z)/(12v_1^2)` (r the responsibility, z the
standardised residual). With a known variance, :math:`w=v_1` is fixed and :math:`\kappa=t^2` is.
Coordinates: b0, b1, c1, a1, c2, a2, log v1, log v2, kappa.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.solvers._compiling import compiled
from refutable.solvers._vector import BLOCK, SUM
from refutable.solvers.argument_checks import below, finite_array, nonnegative, refuse
from refutable.solvers.gaussian_moe.data import Observations
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.lm import Rule, maximise
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters

__all__ = ["PairFit", "fit_pair", "pair_score"]

Array = NDArray[np.float64]
_SERIES = 1e-10  # below this kappa the score's limit is more accurate than its formula


@compiled(nogil=True, error_model="numpy")
def _pair_constants(p, known):  # type: ignore[no-untyped-def]
    """Return what does not depend on the observation: v1, v2, t^2, t, w and two logs."""
    v1, v2 = math.exp(p[6]), math.exp(p[7])
    t2 = p[8] if known else math.sqrt(p[8])
    w = v1 if known else v1 - t2
    log_w = 0.5 * math.log(2 * math.pi * w) + math.log(2.0)
    return v1, v2, t2, math.sqrt(t2), w, log_w, 0.5 * (math.log(2 * math.pi) + p[7])


@compiled(nogil=True, error_model="numpy")
def _by_kappa(r, z2, q, th, constants, kappa, known):  # type: ignore[no-untyped-def]
    """Return the derivative of the pair's log density in kappa."""
    _, _, t2, t, w, _, _ = constants
    small = kappa < _SERIES
    if known:
        return (z2 - 1) / (2 * w) if small else (r * th / t - 1) / (2 * w)
    if small:
        return -(z2 * z2 - 6 * z2 + 3) / (12 * w * w)
    return (r / (t * w) * th - (r * r + t2) / (w * w) + 2 * q / w * th) / (4 * t2)


@compiled(nogil=True, error_model="numpy")
def _pair_point(x, y, p, constants, known, s):  # type: ignore[no-untyped-def]
    """Write the score of one observation to s; return its log-likelihood."""
    v1, v2, t2, t, w, log_w, log_v2 = constants
    z = p[1] * x + p[0]
    r1, r2 = y - p[2] - p[3] * x, y - p[4] - p[5] * x
    q = t * r1 / w
    e = math.exp(-2 * abs(q))
    th = (1 - e) / (1 + e) if q >= 0 else (e - 1) / (1 + e)
    f1 = abs(q) + math.log1p(e) - log_w - (r1 * r1 + t2) / (2 * w)
    f2 = -log_v2 - r2 * r2 / (2 * v2)
    odds = z + f1 - f2
    ez, eo = math.exp(-abs(z)), math.exp(-abs(odds))
    g = 1 / (1 + ez) if z >= 0 else ez / (1 + ez)
    resp = 1 / (1 + eo) if odds >= 0 else eo / (1 + eo)
    mean1, mean2 = resp * (r1 - t * th) / w, (1 - resp) * r2 / v2
    s[0], s[1] = resp - g, (resp - g) * x
    s[2], s[3], s[4], s[5] = mean1, mean1 * x, mean2, mean2 * x
    by_w = -0.5 / w + (r1 * r1 + t2) / (2 * w * w) - q / w * th
    s[6] = 0.0 if known else resp * v1 * by_w
    s[7] = 0.0 if known else 0.5 * (1 - resp) * (r2 * r2 / v2 - 1)
    s[8] = resp * _by_kappa(r1, r1 * r1 / w, q, th, constants, p[8], known)
    # log(g e^f1 + (1-g) e^f2) without overflow
    return f2 + max(odds, 0.0) - max(z, 0.0) + math.log((1 + eo) / (1 + ez))


@compiled(nogil=True, error_model="numpy")
def _pair_sums(x, y, rows, theta, known):  # type: ignore[no-untyped-def]
    fits, size = theta.shape
    value = np.zeros(fits)
    gradient, information = np.zeros((fits, size)), np.zeros((fits, size, size))
    scores = np.empty((BLOCK, size))
    for f in range(fits):
        p, row = theta[f], rows[f]
        if p[8] < 0 or (not known and math.exp(p[6]) - math.sqrt(p[8]) <= 0):
            value[f] = math.nan
            continue
        constants = _pair_constants(p, known)
        for start in range(0, y.shape[1], BLOCK):
            m = min(BLOCK, y.shape[1] - start)
            for j in range(m):
                at = start + j
                value[f] += _pair_point(x[row, at], y[row, at], p, constants, known, scores[j])
            _add_outer(scores, m, gradient[f], information[f])
        for a in range(size):
            for b in range(a):
                information[f, b, a] = information[f, a, b]
    return value, gradient, information


@compiled(nogil=True, error_model="numpy", fastmath=SUM)
def _add_outer(scores, m, gradient, information):  # type: ignore[no-untyped-def]
    size = scores.shape[1]
    for a in range(size):
        total = 0.0
        for j in range(m):
            total += scores[j, a]
        gradient[a] += total
    for j in range(m):
        s = scores[j]
        for a in range(size):
            for b in range(a + 1):
                information[a, b] += s[a] * s[b]


@compiled(nogil=True, error_model="numpy")
def _pair_scores(x, y, p, known):  # type: ignore[no-untyped-def]
    s = np.empty((len(y), 9))
    constants = _pair_constants(p, known)
    for j in range(len(y)):
        _pair_point(x[j], y[j], p, constants, known, s[j])
    return s


@dataclass(frozen=True)
class PairFit:
    """Fits of the split-pair model.

    Attributes
    ----------
    theta : ndarray, shape (R, 9)
    log_likelihood : ndarray, shape (R,)
    converged : ndarray of bool, shape (R,)
    iterations : ndarray of int, shape (R,)
    """

    theta: Array
    log_likelihood: Array
    converged: NDArray[np.bool_]
    iterations: NDArray[np.int64]

    @property
    def kappa(self) -> Array:
        """The regular boundary coordinate: t^4 (variance free) or t^2 (known)."""
        return np.asarray(self.theta[:, 8])


def _coordinates(name: str, truth: Parameters, kappa: float) -> Array:
    if truth.k != 2 or truth.d != 1 or truth.batch:
        refuse(name, truth.a, "one parameter with two experts and d = 1")
    if truth.b0[1] != 0 or truth.b1[1, 0] != 0:
        raise ValueError(f"{name} has no second gate at 0: give {name}.pinned()")
    experts = np.stack([truth.c, truth.a[:, 0]], axis=1).ravel()
    gate = [truth.b0[0], truth.b1[0, 0]]
    return np.concatenate([gate, experts, np.log(truth.v), [kappa]])


def pair_score(
    truth: Parameters, kappa: float, x: Array, y: Array, known_variance: bool = False
) -> Array:
    """Return the nine scores of each observation, shape (n, 9).

    Parameters
    ----------
    truth : Parameters
        Two experts, d = 1, second gate at 0.
    kappa : float
        At least 0.
    x, y : ndarray, shape (n,)
    known_variance : bool

    Raises
    ------
    ValueError
        If the truth is malformed, or kappa is negative or leaves the pair no variance.
    """
    p = _coordinates("truth", truth, nonnegative("kappa", kappa))
    below("kappa", kappa, 0, np.inf if known_variance else float(truth.v[0]) ** 2)
    points = np.ascontiguousarray(finite_array("x", x, ndim=1))
    answers = np.ascontiguousarray(finite_array("y", y, shape=points.shape))
    return np.asarray(_pair_scores(points, answers, p, known_variance))


def fit_pair(
    x: ArrayLike, y: ArrayLike, start: Parameters, *, known_variance: bool = False,
    rule: Rule | None = None,
) -> PairFit:  # fmt: skip
    """Maximise the likelihood of the split-pair model with kappa >= 0.

    Parameters
    ----------
    x, y : array_like, shape (R, n)
    start : Parameters
        Two experts, d = 1, second gate at 0; kappa starts at 1e-12 of its unit, y's scale to the
        fourth power (the second with known variances).
    known_variance : bool
        Fix both variances at those of `start` (kappa = t^2) instead of estimating them.
    rule : Rule, optional

    Raises
    ------
    ValueError
        If the data or the start are malformed, or y's scale is such that kappa is no number.
    """
    data = Observations.of(x, y)
    if data.d != 1:
        refuse("x", np.asarray(x), "a scalar covariate, shape (R, n)")
    # Off the boundary, where the coordinate would be frozen; there the score's limit is used.
    theta = np.tile(_coordinates("start", start, 1e-12), (len(data.y), 1))
    data, units = data.in_units(centred=True)
    unit = _unit_of_kappa(units.y_scale, known_variance)
    layout, row = Layout.of(start, Gate()), np.arange(len(theta))
    mixture = slice(layout.size)  # all but kappa
    theta[:, mixture] = units.inward(theta[:, mixture], layout, row)
    lower = np.full(9, -np.inf)
    lower[8] = 0.0
    xs = np.ascontiguousarray(data.x[:, 0])

    def evaluate(at: Array, index: NDArray[np.intp]) -> tuple[Array, Array, Array]:
        value, gradient, information = _pair_sums(xs, data.y, index, at, known_variance)
        return value, gradient, information

    top = maximise(evaluate, theta, rule or Rule(), lower)
    inside = layout.unpack(top.theta[:, mixture], np.ones(len(theta)))
    found = layout.pack(units.outward(inside, row))
    value = top.value - units.log_jacobian(data.n, row)
    theta = np.column_stack([found, top.theta[:, 8] * unit])
    return PairFit(theta, value, top.done, top.iterations)


def _unit_of_kappa(scale: Array, known_variance: bool) -> Array:
    """Return what kappa is a multiple of: t^4, or t^2, of the scales of y."""
    power = 2 if known_variance else 4
    widest = 240 // power  # in powers of ten: far from where 1e-12 of it would underflow
    decades = np.abs(np.log10(scale))
    if decades.max() > widest:
        worst = float(scale[decades.argmax()])
        wanted = f"other units: between 1e-{widest} and 1e{widest}, as kappa is its power {power}"
        refuse("the standard deviation of y", worst, wanted)
    return np.asarray(scale**power)
