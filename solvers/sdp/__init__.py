"""Semidefinite relaxations of clustering, solved and certified.

`kmeans_sdp`, `la_sdp` and `ila_sdp` are the functions to call; the other names are their parts
and peers.
"""

from solvers.sdp.adjusted import AdjustedProblem
from solvers.sdp.adjusted_bounds import adjusted_dual_bound
from solvers.sdp.adjusted_certificate import (
    adjusted_partition_test,
    certify_adjusted_partition,
)
from solvers.sdp.adjusted_splitting import AdjustedOptions, AdjustedResult, adjusted_sdp
from solvers.sdp.bounds import dual_bound, feasible_mixture
from solvers.sdp.certificate import certify_partition
from solvers.sdp.kkt import PartitionTest, partition_test
from solvers.sdp.kmeans import kmeans_sdp, solve_by_low_rank
from solvers.sdp.likelihood import IteratedResult, ila_sdp, la_sdp
from solvers.sdp.nlr import NlrOptions, factorise
from solvers.sdp.problem import KMeansProblem, membership_factor
from solvers.sdp.reference import solve_by_cvxpy
from solvers.sdp.result import SdpResult, Status
from solvers.sdp.splitting import SplittingOptions, solve_by_splitting
from solvers.sdp.starts import kmeans_start
from solvers.sdp.structured import certify_large_partition

__all__ = [
    "AdjustedOptions",
    "AdjustedProblem",
    "AdjustedResult",
    "IteratedResult",
    "KMeansProblem",
    "NlrOptions",
    "PartitionTest",
    "SdpResult",
    "SplittingOptions",
    "Status",
    "adjusted_dual_bound",
    "adjusted_partition_test",
    "adjusted_sdp",
    "certify_adjusted_partition",
    "certify_large_partition",
    "certify_partition",
    "dual_bound",
    "factorise",
    "feasible_mixture",
    "ila_sdp",
    "kmeans_sdp",
    "kmeans_start",
    "la_sdp",
    "membership_factor",
    "partition_test",
    "solve_by_cvxpy",
    "solve_by_low_rank",
    "solve_by_splitting",
]
