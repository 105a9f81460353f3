"""The game between an adaptive analyst and a mechanism that answers statistical queries.

A statistical query is a function of one data point; its answer estimates the population mean
(Dwork, Feldman, Hardt, Pitassi, Reingold and Roth, 2015). Many independent games ("runs") are
played at once. Queries that do not depend on each other's answers are asked as one block.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.argument_checks import real_array, refuse

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
        values, truth = checked_values(self.values), real_array("truth", self.truth)
        if truth.shape != values.shape[::2]:
            refuse("truth", truth, f"shape (runs, b) = {values.shape[::2]}")
        if not np.isfinite(truth).all():
            raise ValueError("truth has NaN or infinite values: remove or replace them")


def checked_values(
    values: FloatArray, runs: int | None = None, points: int | None = None
) -> FloatArray:
    """Return query values (runs, points, b) of the given sizes, in the precision they come in.

    Raises
    ------
    ValueError
        If they are no numbers, are empty, or have another shape.
    """
    array: FloatArray = real_array("values", values)  # type: ignore[assignment]
    if array.ndim != 3 or array.size == 0:
        refuse("values", array, "a non-empty array of shape (runs, points, b)")
    wanted = (len(array) if runs is None else runs, array.shape[1] if points is None else points)
    if array.shape[:2] != wanted:
        refuse("values", array, f"shape (runs, points, b), {wanted[0]} runs and {wanted[1]} points")
    return array


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
