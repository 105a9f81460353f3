"""A denoiser fitted to draws by least squares, and to which of the two formulas it is nearer."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from refutable.simulations.generative.slight_corruption._data import CLASS, from_samples
from refutable.theory.generative.slight_corruption.denoiser import (
    Floats,
    denoiser,
    isotropic,
    noise,
    rank_one,
    signal,
)

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Origin,
    Quantile,
    Scope,
)

DIM, SAMPLES, NORM, CLASSES = 6, 50, 1.0, 3
DRAWS = 4000


def least_squares(features: Floats, targets: Floats) -> Floats:
    """Fit targets (size, draws, d) by features (size, draws, p): weights (size, p, d)."""
    across = np.swapaxes(features, 1, 2)
    return np.asarray(np.linalg.solve(across @ features, across @ targets))


def fitted(
    cell: Cell, rng: Generator, size: int, label_noise: float = 1.0, data_noise: float = 0.0
) -> Columns:
    """Fit a denoiser to draws of sample, noise and label noise, for `size` data sets.

    Parameters
    ----------
    label_noise : float
        Times gamma.
    data_noise : float
        Variance of noise that is added to the data, in units of ``a |m|^2``.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``place``: where the fit lies on the line from the rank-one form, 0, to the printed one, 1;
        ``effect``: where on the line from the form without corruption, 0, to the rank-one form, 1.
    """
    mean, covariance = from_samples(rng, size, DIM, SAMPLES, NORM)
    r, s = signal(cell.time), noise(cell.time)
    x = _resampled(rng, mean, covariance + data_noise * isotropic(mean, cell.gamma))
    eps = rng.standard_normal(x.shape)
    code = np.zeros((size, DRAWS, CLASSES)) + np.eye(CLASSES)[0]
    code += label_noise * cell.gamma * rng.standard_normal(code.shape)
    # Without noise the other entries of the code say nothing and would leave a singular system.
    features = np.concatenate([r * x + s * eps, code if label_noise else code[..., :1]], axis=2)
    weights = least_squares(features, eps)
    return _places(np.swapaxes(weights[:, :DIM], 1, 2), mean, covariance, cell)


def _resampled(rng: Generator, mean: Floats, covariance: Floats) -> Floats:
    """Draw with the moments of each data set, (size, DRAWS, d): least squares asks for no more."""
    root = np.linalg.cholesky(covariance)
    normal = rng.standard_normal((len(mean), DRAWS, DIM))
    return np.asarray(mean[:, None] + normal @ np.swapaxes(root, 1, 2))


def _places(matrix: Floats, mean: Floats, covariance: Floats, cell: Cell) -> Columns:
    clean, ours, printed = (
        denoiser(mean, covariance, gamma, cell.time, extra)[0]
        for gamma, extra in ((0.0, rank_one), (cell.gamma, rank_one), (cell.gamma, isotropic))
    )
    return {"place": _along(matrix, ours, printed), "effect": _along(matrix, clean, ours)}


def _along(matrix: Floats, start: Floats, end: Floats) -> Floats:
    """Place of the nearest point on the line from `start`, 0, to `end`, 1; shape (size,)."""
    line = end - start
    return np.asarray(((matrix - start) * line).sum(axis=(1, 2)) / (line**2).sum(axis=(1, 2)))


FITTED = Claim(
    id="slight_corruption.fitted-denoiser",
    title="A denoiser fitted to draws is the rank-one formula and not the printed one",
    source="Lemma 2, equation 23; corrected here",
    origin=Origin.DERIVED,
    basis=Basis.FULL_TEXT,
    statement="Least squares on draws of samples, noise and label noise typically lies at the "
    "rank-one form on the line from there to the printed form, and at its end on the line from the "
    "form without corruption. Typical is the median over data sets.",
    formula='"med" (chevron.l hat(W) - W_1, W_2 - W_1 chevron.r)/norm(W_2 - W_1)_F^2 = 0, quad '
    '"med" (chevron.l hat(W) - W_0, W_1 - W_0 chevron.r)/norm(W_1 - W_0)_F^2 = 1',
    scope=Scope.AS_STATED,
    does_not_show="That the two agree to the last digit, for which see trained-denoiser; here no "
    "normal equations of the objective are used, but draws.",
    assumptions=CLASS,
    notes=(
        "Over 200 data sets the median place is 0.01 with a deviation of 0.07 to 0.09, and the "
        "effect is 1.00 to 1.03 with one of 0.2; with as much noise on the data in place of the "
        "label the place is 1.01, the printed form.",
    ),
    cells=ByEffort(
        smoke=Cells(time=(0.3,), gamma=(0.5,)),
        standard=Cells(time=(0.1, 0.3, 0.7), gamma=(0.5,)),
        full=Cells(time=(0.1, 0.3, 0.7), gamma=(0.3, 0.5, 1.0)),
    ),
    simulate=fitted,
    expect=(Quantile("place", 0.5).near(0, 0.05), Quantile("effect", 0.5).near(1, 0.1)),
    controls=(
        BrokenWorld(
            "label noise larger by 15 per cent",
            change={"label_noise": 1.15},
            judged_by="effect",
        ),
        BrokenWorld(
            "a tenth as much noise on the data, too",
            change={"data_noise": 0.1},
            judged_by="place",
        ),
        BrokenWorld(
            "noise on the data in place of the label",
            change={"label_noise": 0.0, "data_noise": 1.0},
        ),
        FalseTheory("a tenth of the way", Quantile("place", 0.5).near(0.1, 0.055)),
    ),
    block=50,
    cap=ByEffort(smoke=1000, standard=2000, full=4000),
)
