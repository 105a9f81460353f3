"""The folklore attack on exact answers: the majority of features, signed by their answers."""

import numpy as np
from refutable.solvers.adaptive_queries._draws import random_bits, signs
from refutable.solvers.adaptive_queries.interaction import FloatArray, Queries
from refutable.solvers.argument_checks import generator, refuse, whole_number


class MajorityAttack:
    """Ask about k coin-flip features, then about their majority, signed by the answers.

    Data: x uniform in {-1, +1}^k, y an independent fair sign. Query j is ``(1 + x_j y) / 2``, the
    last is whether the weighted vote ``sum_j w_j x_j`` has the sign of y, with ``w_j`` the sign of
    answer j minus 1/2. Every truth is 1/2. Only the products ``x_j y`` matter; they are drawn
    block by block and forgotten.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the data.
    runs, n : int
        Independent games; sample size.
    k : int
        Features, odd.
    block : int
        Features drawn at once.
    adaptive : bool
        If False the vote has random signs, whatever the answers.

    Attributes
    ----------
    final_mean : ndarray, shape (runs,)
        Empirical mean of the last query, whatever was answered; set once it was asked.

    Raises
    ------
    ValueError
        If a count is below 1 or `k` is even.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        runs: int,
        n: int,
        k: int,
        *,
        block: int = 64,
        adaptive: bool = True,
    ) -> None:
        self.rng, self.adaptive = generator("rng", rng), adaptive
        self.k, self.block = whole_number("k", k), whole_number("block", block)
        if self.k % 2 == 0:
            refuse("k", k, "an odd number, so that votes cannot tie")
        shape = (whole_number("runs", runs), whole_number("n", n))
        self.votes = np.zeros(shape)
        self.final_mean = np.full(shape[0], np.nan)
        self.asked = 0
        self.bits: FloatArray | None = None

    @property
    def majority_mean(self) -> FloatArray:
        """Empirical mean of the vote as it stands, (runs,); a tie counts one half."""
        return np.asarray((0.5 + 0.5 * np.sign(self.votes)).mean(axis=1))

    def ask(self) -> Queries | None:
        """Return the next block of features, then the vote."""
        runs, n = self.votes.shape
        if self.asked > self.k:
            return None
        if self.asked == self.k:
            right = (self.votes > 0).astype(np.float32)[:, :, None]
            self.final_mean = right.mean(axis=(1, 2), dtype=np.float64)
            return Queries(right, np.full((runs, 1), 0.5))
        b = min(self.block, self.k - self.asked)
        self.bits = random_bits(self.rng, (runs, n, b))
        return Queries(self.bits, np.full((runs, b), 0.5))

    def hear(self, answers: FloatArray) -> None:
        """Weigh the features of the last block by the signs of their answers' errors."""
        self.asked += answers.shape[1]
        if self.asked > self.k or self.bits is None:
            return
        seen = answers if self.adaptive else self.rng.standard_normal(answers.shape) + 0.5
        w = signs(seen - 0.5).astype(np.float32)
        self.votes += np.matmul(2 * self.bits - 1, w[:, :, None])[:, :, 0]
        self.bits = None
