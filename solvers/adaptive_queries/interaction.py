"""The game between an adaptive analyst and a mechanism that answers statistical queries.

A statistical query is a function of one data point; its answer estimates the population mean
(Dwork, Feldman, Hardt, Pitassi, Reingold and Roth, 2015). Many independent games ("runs") are
played at once. Queries that do not depend on each other's answers are asked as one block.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class Queries:
    """A block of b queries in each of several runs.

    Parameters
    ----------
    values : ndarray, shape (runs, points, b)
        Value of every query at every support point: the sample's own points, or a whole universe.
    truth : ndarray, shape (runs, b)
        Population means, which no mechanism sees.
    """

    values: FloatArray
    truth: FloatArray

    def __post_init__(self) -> None:
        if self.values.ndim != 3:
            raise ValueError(f"values must have shape (runs, points, b), got {self.values.shape}")
        if self.truth.shape != (self.values.shape[0], self.values.shape[2]):
            raise ValueError(
                f"truth must have shape (runs, b) = {self.values.shape[::2]}, "
                f"got {self.truth.shape}"
            )


class Mechanism(Protocol):
    """Answers queries about a sample that it holds."""

    def answer(self, values: FloatArray) -> FloatArray:
        """Answers (runs, b) to queries with the given values (runs, points, b)."""
        ...


class Analyst(Protocol):
    """Chooses queries, each block possibly in the light of all answers before."""

    def ask(self) -> Queries | None:
        """Return the next block, or None when done."""
        ...

    def hear(self, answers: FloatArray) -> None:
        """Take the answers (runs, b) to the last block."""
        ...


@dataclass(frozen=True)
class Transcript:
    """What was answered and what was true.

    Attributes
    ----------
    answers, truth : ndarray, shape (runs, m)
        In the order of asking.
    """

    answers: FloatArray
    truth: FloatArray

    @property
    def errors(self) -> FloatArray:
        """Absolute errors, shape (runs, m)."""
        return np.abs(self.answers - self.truth)


def interact(analyst: Analyst, mechanism: Mechanism) -> Transcript:
    """Play until the analyst has no more questions.

    Parameters
    ----------
    analyst : Analyst
        Asks.
    mechanism : Mechanism
        Answers.

    Returns
    -------
    Transcript
        All answers and truths.

    Raises
    ------
    ValueError
        If the analyst asks nothing, or a block is malformed.
    """
    answers, truth = [], []
    while (queries := analyst.ask()) is not None:
        answers.append(mechanism.answer(queries.values))
        truth.append(queries.truth)
        analyst.hear(answers[-1])
    if not answers:
        raise ValueError("analyst must ask at least one query")
    return Transcript(np.concatenate(answers, axis=1), np.concatenate(truth, axis=1))
