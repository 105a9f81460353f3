"""Two-class problems from scikit-learn's bundled data, for illustrations."""

from functools import cache

import numpy as np

from refutable import FloatArray


@cache
def digit_pair(first: int, second: int) -> tuple[FloatArray, FloatArray]:
    """Give two digits' pixels in [0, 1], centred, shape (N, 64); labels +1 for `first`, else -1."""
    from sklearn.datasets import load_digits

    data = load_digits()
    kept = np.isin(data.target, (first, second))
    x = (data.data[kept] - data.data[kept].mean(axis=0)) / 16
    return x, np.where(data.target[kept] == first, 1.0, -1.0)


@cache
def breast_cancer() -> tuple[FloatArray, FloatArray]:
    """Give the standardised features, shape (569, 30), and labels, +1 for benign."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import StandardScaler

    data = load_breast_cancer()
    return StandardScaler().fit_transform(data.data), np.where(data.target == 1, 1.0, -1.0)


def dataset(name: str) -> tuple[FloatArray, FloatArray]:
    """Give `breast cancer` or a pair of digits such as `3 or 8`."""
    return breast_cancer() if name == "breast cancer" else digit_pair(*map(int, name.split(" or ")))
