"""Semidefinite relaxations of clustering, solved and certified.

`kmeans_sdp`, `la_sdp` and `ila_sdp` are the functions to call; the other names are their parts
and peers.
"""

from refutable.solvers.sdp.adjusted import AdjustedProblem
from refutable.solvers.sdp.adjusted_bounds import adjusted_dual_bound
from refutable.solvers.sdp.adjusted_certificate import (
    adjusted_partition_test,
    certify_adjusted_partition,
)
from refutable.solvers.sdp.adjusted_splitting import AdjustedOptions, AdjustedResult, adjusted_sdp
from refutable.solvers.sdp.bounds import dual_bound, feasible_mixture
from refutable.solvers.sdp.certificate import certify_partition
from refutable.solvers.sdp.kkt import PartitionTest, partition_test
from refutable.solvers.sdp.kmeans import kmeans_sdp, solve_by_low_rank
from refutable.solvers.sdp.likelihood import IteratedResult, ila_sdp, la_sdp
from refutable.solvers.sdp.nlr import NlrOptions, factorise
from refutable.solvers.sdp.problem import KMeansProblem, membership_factor
from refutable.solvers.sdp.progress import Progress, Stop
from refutable.solvers.sdp.reference import solve_by_cvxpy
from refutable.solvers.sdp.result import SdpResult, Status
from refutable.solvers.sdp.sdpnal import FromSdpnal, SdpnalForm, kmeans_of, sdpnal_form, smat, svec
from refutable.solvers.sdp.sdpnal_files import read_sdpnal, write_sdpnal
from refutable.solvers.sdp.splitting import SplittingOptions, solve_by_splitting
from refutable.solvers.sdp.starts import kmeans_start
from refutable.solvers.sdp.structured import certify_large_partition

__all__ = [
    "AdjustedOptions",
    "AdjustedProblem",
    "AdjustedResult",
    "FromSdpnal",
    "IteratedResult",
    "KMeansProblem",
    "NlrOptions",
    "PartitionTest",
    "Progress",
    "SdpResult",
    "SdpnalForm",
    "SplittingOptions",
    "Status",
    "Stop",
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
    "kmeans_of",
    "kmeans_sdp",
    "kmeans_start",
    "la_sdp",
    "membership_factor",
    "partition_test",
    "read_sdpnal",
    "sdpnal_form",
    "smat",
    "solve_by_cvxpy",
    "solve_by_low_rank",
    "solve_by_splitting",
    "svec",
    "write_sdpnal",
]
