"""Adaptive feature selection on a training set and a holdout that is asked again and again."""

import numpy as np
import scipy
from refutable.solvers.adaptive_queries._draws import signs
from refutable.solvers.adaptive_queries.interaction import FloatArray, Queries
from refutable.solvers.argument_checks import finite, generator, whole_number


class FeatureSelection:
    """Select features whose training and reported holdout correlations agree, then vote.

    The analysis of "The reusable holdout" (Science 2015). Points are ``y x`` with x standard
    normal plus ``shift`` on the informative features; a feature is kept if its correlation exceeds
    ``1/sqrt(n)`` on both sides with the same sign, and the k largest on the training set vote.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws the data.
    runs, n : int
        Independent games; points of the training set and of the holdout each.
    d, k : int
        Features, and the most that vote.
    informative : int
        The first so many features have mean ``shift``.
    shift : float
        Mean of ``y x_j`` for those.
    block : int
        Features drawn at once.

    Attributes
    ----------
    train_accuracy : ndarray, shape (runs,)
        Of the vote, set once it was asked about.

    Raises
    ------
    ValueError
        If a count is out of range.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        runs: int,
        n: int,
        d: int,
        k: int,
        *,
        informative: int = 0,
        shift: float = 0.0,
        block: int = 250,
    ) -> None:
        self.rng = generator("rng", rng)
        self.runs, self.n = whole_number("runs", runs), whole_number("n", n)
        self.d, self.k = whole_number("d", d), whole_number("k", k)
        self.block = whole_number("block", block)
        means = np.zeros(self.d, dtype=np.float32)
        means[: whole_number("informative", informative, 0)] = finite("shift", shift)
        self.means = means
        self.asked = 0
        self.drawn: FloatArray | None = None
        # Per run: training correlations, means and columns of the features kept so far.
        self.kept: list[list[tuple[FloatArray, FloatArray, FloatArray]]] = [
            [] for _ in range(self.runs)
        ]
        self.train_accuracy = np.full(self.runs, np.nan)

    def ask(self) -> Queries | None:
        """Return the next block of correlations, then the accuracy of the vote."""
        if self.asked > self.d:
            return None
        if self.asked == self.d:
            return self._accuracy()
        b = min(self.block, self.d - self.asked)
        mean = self.means[self.asked : self.asked + b]
        self.drawn = self.rng.standard_normal((self.runs, 2 * self.n, b), dtype=np.float32) + mean
        return Queries(self.drawn, np.broadcast_to(mean.astype(float), (self.runs, b)))

    def hear(self, answers: FloatArray) -> None:
        """Keep the features that look good to both sides."""
        first = self.asked
        self.asked += answers.shape[1]
        if self.drawn is None:
            return
        drawn, self.drawn = self.drawn, None
        train = drawn[:, : self.n].mean(axis=1, dtype=np.float64)
        bar = 1 / np.sqrt(self.n)
        good = (np.abs(train) > bar) & (np.abs(answers) > bar) & (train * answers > 0)
        for run, keep in enumerate(good):
            means = self.means[first : self.asked][keep]
            self.kept[run].append((train[run, keep], means, drawn[run][:, keep]))

    def _accuracy(self) -> Queries:
        votes = [self._vote(parts) for parts in self.kept]
        right = np.stack([right for right, _ in votes])
        self.train_accuracy = right[:, : self.n].mean(axis=1, dtype=np.float64)
        truth = np.array([[accuracy] for _, accuracy in votes])
        return Queries(right[:, :, None], truth)

    def _vote(
        self, parts: list[tuple[FloatArray, FloatArray, FloatArray]]
    ) -> tuple[FloatArray, float]:
        """Return which points the k best features classify rightly, and their true accuracy."""
        train = np.concatenate([part[0] for part in parts])
        best = np.argsort(-np.abs(train))[: self.k]
        if not best.size:
            return np.full(2 * self.n, 0.5, dtype=np.float32), 0.5
        sign = signs(train[best]).astype(np.float32)
        columns = np.concatenate([part[2] for part in parts], axis=1)[:, best]
        means = np.concatenate([part[1] for part in parts])[best]
        # The vote on a fresh point, times y, is normal with this mean and variance best.size.
        accuracy = float(scipy.special.ndtr((sign @ means) / np.sqrt(best.size)))
        return (columns @ sign > 0).astype(np.float32), accuracy
