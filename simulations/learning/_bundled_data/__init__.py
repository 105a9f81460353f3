"""Data that scikit-learn brings along, for illustrations of several papers."""

from refutable.simulations.learning._bundled_data.two_classes import (
    breast_cancer,
    dataset,
    digit_pair,
)

__all__ = ["breast_cancer", "dataset", "digit_pair"]
