"""Gaussian mixtures of experts: gates, likelihood, maximum likelihood, information.

Gates: softmax, top-K softmax, softmax with a temperature, and with an activation inside. Fits are
batched over replicates and starts; every fit carries a :class:`Status`.
"""

from refutable.solvers.gaussian_moe.activations import ACTIVATIONS
from refutable.solvers.gaussian_moe.density import kept_experts, log_density, log_gate
from refutable.solvers.gaussian_moe.em import EmRule
from refutable.solvers.gaussian_moe.fit import Fit, fit, fit_em
from refutable.solvers.gaussian_moe.gate import Gate
from refutable.solvers.gaussian_moe.information import (
    Nodes,
    cramer_rao,
    fisher_information,
    null_vector,
    observed_information,
    quadrature,
    scaled_spectrum,
)
from refutable.solvers.gaussian_moe.lm import Rule
from refutable.solvers.gaussian_moe.modulus import AffineFamily, hellinger_square, nearest
from refutable.solvers.gaussian_moe.nested_em import InnerRule, fit_nested_em
from refutable.solvers.gaussian_moe.parameters import Layout, Parameters, scalar
from refutable.solvers.gaussian_moe.sample import sample
from refutable.solvers.gaussian_moe.score import score, total_score
from refutable.solvers.gaussian_moe.status import Status
from refutable.solvers.gaussian_moe.symmetric_pair import PairFit, fit_pair, pair_score

__all__ = [
    "ACTIVATIONS",
    "AffineFamily",
    "EmRule",
    "Fit",
    "Gate",
    "InnerRule",
    "Layout",
    "Nodes",
    "PairFit",
    "Parameters",
    "Rule",
    "Status",
    "cramer_rao",
    "fisher_information",
    "fit",
    "fit_em",
    "fit_nested_em",
    "fit_pair",
    "hellinger_square",
    "kept_experts",
    "log_density",
    "log_gate",
    "nearest",
    "null_vector",
    "observed_information",
    "pair_score",
    "quadrature",
    "sample",
    "scalar",
    "scaled_spectrum",
    "score",
    "total_score",
]
