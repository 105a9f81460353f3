"""Adaptive analysts against answering mechanisms, vectorised over independent runs."""

from refutable.solvers.adaptive_queries.feature_selection import FeatureSelection
from refutable.solvers.adaptive_queries.interaction import (
    Analyst,
    Mechanism,
    Queries,
    Transcript,
    interact,
)
from refutable.solvers.adaptive_queries.majority_attack import MajorityAttack
from refutable.solvers.adaptive_queries.mechanisms import (
    ExactAnswers,
    GaussianAnswers,
    SplitAnswers,
)
from refutable.solvers.adaptive_queries.multiplicative_weights import MultiplicativeWeights
from refutable.solvers.adaptive_queries.thresholdout import Thresholdout
from refutable.solvers.adaptive_queries.universe_attack import UniverseAttack

__all__ = [
    "Analyst",
    "ExactAnswers",
    "FeatureSelection",
    "GaussianAnswers",
    "MajorityAttack",
    "Mechanism",
    "MultiplicativeWeights",
    "Queries",
    "SplitAnswers",
    "Thresholdout",
    "Transcript",
    "UniverseAttack",
    "interact",
]
