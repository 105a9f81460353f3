"""Caches of unit-size items: replacement policies, optima and closed forms.

Traces are integer arrays (R, T) of item ids in 0..N-1; R independent traces are simulated at once.
Every policy starts with an empty cache and returns the hits as booleans (R, T).
"""

from refutable.solvers.cache.belady import belady_hits
from refutable.solvers.cache.demand_sets import farthest_first_cost, optimal_cost
from refutable.solvers.cache.formulas import fifo_hit_ratio, lru_hit_ratio
from refutable.solvers.cache.policies import fifo_hits, lru_hits, random_hits
from refutable.solvers.cache.stationary import stationary_order

__all__ = [
    "belady_hits",
    "farthest_first_cost",
    "fifo_hit_ratio",
    "fifo_hits",
    "lru_hit_ratio",
    "lru_hits",
    "optimal_cost",
    "random_hits",
    "stationary_order",
]
