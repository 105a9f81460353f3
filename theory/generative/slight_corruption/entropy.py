"""By how much corruption raises the entropy of what is generated (Theorem 1)."""

from __future__ import annotations

import numpy as np
from refutable.theory.generative.slight_corruption.denoiser import Floats, lost_share


def gain(mean: Floats, covariance: Floats, gamma: float) -> Floats:
    """``log(1 + a m' S^-1 m)/2``, shape (...): the rank-one law [derived], d does not enter."""
    white = np.linalg.solve(covariance, mean[..., None])[..., 0]
    return np.asarray(np.log1p(lost_share(gamma) * (mean * white).sum(axis=-1)) / 2)


def printed_gain(mean: Floats, covariance: Floats, gamma: float) -> Floats:
    """``sum_j log(1 + a |m|^2/lambda_j)/2``, shape (...): the formula in the proof of Theorem 1."""
    size = lost_share(gamma) * (mean**2).sum(axis=-1)
    return np.asarray(np.log1p(size[..., None] / np.linalg.eigvalsh(covariance)).sum(axis=-1) / 2)


def whitened_norm(d: int, n: int, norm: float) -> float:
    """``E m' S^-1 m = n/(n - d - 2) (|mu|^2 + d/n)``: inverse Wishart with n - 1 degrees."""
    return n / (n - d - 2) * (norm**2 + d / n)


def gain_at_mean(d: int, n: int, norm: float, gamma: float) -> float:
    """Gain where ``m' S^-1 m`` is as large as it is on average."""
    return float(np.log1p(lost_share(gamma) * whitened_norm(d, n, norm)) / 2)
