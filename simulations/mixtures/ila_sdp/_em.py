"""EM for Gaussian mixtures started from labels: what the iterated program is compared with."""

from __future__ import annotations

import warnings

import numpy as np
from refutable.simulations.mixtures.ila_sdp._data import IntArray
from refutable.solvers.sdp.likelihood import group_covariances

from refutable import FloatArray


def em_labels(points: FloatArray, start: IntArray, k: int) -> IntArray:
    """EM for full covariances (scikit-learn) started from labels, as the iterated program is.

    Parameters
    ----------
    points : ndarray, shape (n, p)
    start : ndarray of int, shape (n,)
        Every group occurs.
    k : int
        Number of groups.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    means = np.stack([points[start == group].mean(axis=0) for group in range(k)])
    model = GaussianMixture(
        k,
        weights_init=np.bincount(start, minlength=k) / len(points),
        means_init=means,
        precisions_init=np.linalg.inv(group_covariances(points, start, k)),
        reg_covar=1e-3,
        max_iter=200,
        tol=1e-6,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit_predict(points), dtype=np.intp)
