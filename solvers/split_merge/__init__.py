"""Clustering whose number of groups changes: split and merge moves between runs of k-means.

Groups are split by 2-means and merged with their nearest neighbour where the evidence of a
Gaussian with a normal-inverse-Wishart prior speaks for it (Chang and Fisher 2013; Zhao, Wen and Han
2023). The rounds are greedy: the proposals' own probabilities do not enter, so this is no sampler.
"""

from refutable.solvers.split_merge.rounds import Grouping, Moves, Prior, split_merge

__all__ = ["Grouping", "Moves", "Prior", "split_merge"]
