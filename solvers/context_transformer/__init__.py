"""A small transformer that predicts queries from a context of labelled points, by hand in NumPy.

Tokens have no position, context tokens are all that is attended to, and queries do not see each
other: permuting the context changes nothing, nor does another query. The head is a Gaussian.
Gradients are written out, so that a network of a few ten thousand weights trains within seconds
to a minute without a framework.
"""

from refutable.solvers.context_transformer.layout import Layout, initial_parameters
from refutable.solvers.context_transformer.loss import gaussian_loss, predict
from refutable.solvers.context_transformer.training import Batch, cosine_rates, train

__all__ = [
    "Batch",
    "Layout",
    "cosine_rates",
    "gaussian_loss",
    "initial_parameters",
    "predict",
    "train",
]
