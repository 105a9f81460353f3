"""An attack on a finite universe by an analyst who knows the population."""

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.adaptive_queries._draws import random_bits, signs
from refutable.solvers.adaptive_queries.interaction import FloatArray, Queries
from refutable.solvers.adaptive_queries.mechanisms import expected
from refutable.solvers.argument_checks import generator, probabilities, whole_number


class UniverseAttack:
    """Ask random 0/1 queries on a finite universe, then one that correlates with all the errors.

    The analyst knows the population. The last query is whether an element's score
    ``sum_j w_j (f_j - 1/2)`` exceeds the population's median score, ``w_j`` the sign of answer j
    minus its truth.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the queries.
    population : array_like, shape (runs, points)
        Distributions over the universe.
    m : int
        Random queries.
    block : int
        Queries drawn at once.

    Raises
    ------
    ValueError
        If `population` is no distribution or a count is below 1.
    """

    def __init__(
        self, rng: np.random.Generator, population: ArrayLike, m: int, *, block: int = 32
    ) -> None:
        self.rng = generator("rng", rng)
        self.population = probabilities("population", population, ndim=2)
        self.m, self.block = whole_number("m", m), whole_number("block", block)
        self.scores = np.zeros(self.population.shape)
        self.asked = 0
        self.last: Queries | None = None

    def ask(self) -> Queries | None:
        """Return the next block of random queries, then the last one."""
        if self.asked > self.m:
            return None
        values = self._final() if self.asked == self.m else self._random()
        self.last = Queries(values, expected(self.population, values))
        return self.last

    def _random(self) -> FloatArray:
        b = min(self.block, self.m - self.asked)
        return random_bits(self.rng, (*self.population.shape, b))

    def _final(self) -> FloatArray:
        order = np.argsort(self.scores, axis=1)
        below = np.take_along_axis(self.population, order, axis=1).cumsum(axis=1) < 0.5
        middle = np.take_along_axis(order, below.sum(axis=1, keepdims=True), axis=1)
        median = np.take_along_axis(self.scores, middle, axis=1)
        return (self.scores > median).astype(np.float32)[:, :, None]

    def hear(self, answers: FloatArray) -> None:
        """Score the universe by the signs of the answers' errors."""
        self.asked += answers.shape[1]
        if self.last is None or self.asked > self.m:
            return
        w = signs(answers - self.last.truth).astype(np.float32)
        self.scores += np.matmul(self.last.values - np.float32(0.5), w[:, :, None])[:, :, 0]
