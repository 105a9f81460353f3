"""The same three assertions under pytest-stochastic and here: replicates, and how often they fail.

Run by `nox -s beside`; it prints the tables of docs/comparison.md. Each assertion says that an
expectation lies within a tolerance of a value. The truth is moved by a multiple of the tolerance:
below 1 the assertion is true, above 1 it is false. A claim owns its default, 1 % / 2048,
in the first table; in the second, where rates are counted, both have 1 %.
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest_stochastic
from scipy import stats

import refutable as rf
from refutable.deciding.ledger import SUITE_ERROR
from refutable.deciding.seeds import generator
from refutable.deciding.trial import Trial

PLACES = (0.0, 0.5, 0.9, 1.1, 1.5)
"""Where the truth is, in tolerances from the value that is asserted."""
SHARE = Fraction(1, 2048)


@dataclass(frozen=True)
class Assertion:
    """That an expectation lies within `tolerance` of `value`.

    Parameters
    ----------
    name : str
    value, tolerance : float
    functional : Functional
        Of refutable.
    declared : dict
        What pytest-stochastic is told, the same facts.
    draw : callable (rng, size, expectation) -> array of shape (size,)
    """

    name: str
    value: float
    tolerance: float
    functional: Any
    declared: dict[str, Any]
    draw: Callable[[Any, Any, float], Any]


ASSERTIONS = (
    Assertion(
        "a fair coin, within 0.1",
        0.5,
        0.1,
        rf.Probability("x"),
        {"bounds": (0, 1)},
        lambda rng, size, mean: rng.random(size) < mean,
    ),
    Assertion(
        "a uniform mean, within 0.05",
        0.5,
        0.05,
        rf.Mean("x", bounds=(0, 1)),
        {"bounds": (0, 1)},
        lambda rng, size, mean: rng.beta(2 * mean, 2 - 2 * mean, size),
    ),
    Assertion(
        "an exponential mean of variance 1, within 0.25",
        1.0,
        0.25,
        rf.Mean("x", variance_at_most=1.0),
        {"variance": 1.0},
        lambda rng, size, mean: rng.exponential(size=size) - 1 + mean,
    ),
)


def theirs(of: Assertion, error: float, place: float, seed: int) -> tuple[str, int]:
    """Return the outcome under pytest-stochastic, and how many calls it took."""
    mean = of.value + place * of.tolerance

    @pytest_stochastic.stochastic_test(
        expected=of.value, atol=of.tolerance, failure_prob=error, seed=seed, **of.declared
    )
    def asserted(rng: Any) -> float:
        return float(of.draw(rng, None, mean))

    try:
        asserted()
    except AssertionError:
        return "fails", asserted._stochastic_n
    return "passes", asserted._stochastic_n


def claim(of: Assertion, weight: Fraction, place: float) -> rf.Claim:
    """Return the claim, with a control that asserts a value one and a half tolerances off."""
    mean = of.value + place * of.tolerance
    off = of.functional.near(of.value - 1.5 * of.tolerance, of.tolerance)
    return rf.Claim(
        id="beside.assertion",
        source="this file",
        statement=of.name,
        formula="abs(EE X - c) <= t",
        scope=rf.Scope.AS_STATED,
        does_not_show="Anything else.",
        simulate=lambda cell, rng, size: {"x": of.draw(rng, size, mean)},
        expect=(of.functional.near(of.value, of.tolerance),),
        controls=(rf.FalseTheory("off", off),),
        block=64,
        cap=64 * 256,
        weight=weight,
    )


def ours(stated: rf.Claim, seed: int) -> tuple[str, int]:
    """Return the outcome here, and how many replicates it took."""
    trial = Trial(stated, rf.Effort.SMOKE, seed, "")
    while not trial.done:
        for key in list(trial.needs(0)):
            rng = generator(seed, stated.id, key.cell, key.block)
            trial.feed(key, stated.simulate(key.cell, rng, stated.block))
    found = trial.result()
    return found.verdict, found.replicates


def costs(repeats: int) -> Iterator[str]:
    """Yield a line for each assertion and place: replicates at the default share of a claim."""
    yield "| assertion | truth off by | pytest-stochastic | refutable, median (5 % to 95 %) |"
    yield "| --- | --- | --- | --- |"
    for of in ASSERTIONS:
        fixed = theirs(of, SUITE_ERROR * float(SHARE), 0.0, 0)[1]
        for place in PLACES:
            stated = claim(of, SHARE, place)
            counts = [ours(stated, seed)[1] for seed in range(repeats)]
            low, high = np.quantile(counts, (0.05, 0.95))
            ends = f"{statistics.median(counts):,.0f} ({low:,.0f} to {high:,.0f})"
            yield f"| {of.name} | {place} | {fixed:,} | {ends} |"


def rates(repeats: int) -> Iterator[str]:
    """Yield a line for each assertion and place: how often the outcome is which, at 1 %."""
    yield "| assertion | truth off by | pytest-stochastic fails | refuted | not decided | median |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for of in ASSERTIONS:
        for place in PLACES:
            told = Counter(theirs(of, SUITE_ERROR, place, seed)[0] for seed in range(repeats))
            stated = claim(of, Fraction(1), place)
            mine = [ours(stated, seed) for seed in range(repeats)]
            found = Counter(verdict for verdict, _ in mine)
            left = repeats - found["refuted"] - found["supported"]
            middle = statistics.median(count for _, count in mine)
            counted = (told["fails"], found["refuted"], left)
            cells = " | ".join(_rate(count, repeats) for count in counted)
            yield f"| {of.name} | {place} | {cells} | {middle:,.0f} |"


def _rate(count: int, of: int) -> str:
    """Return a rate with its 95 % interval of Clopper and Pearson."""
    low = stats.beta.ppf(0.025, count, of - count + 1) if count else 0.0
    high = stats.beta.ppf(0.975, count + 1, of - count) if count < of else 1.0
    return f"{count / of:.3f} ({low:.3f} to {high:.3f})"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=200)
    repeats = parser.parse_args().repeats
    for table in (costs(max(repeats // 4, 1)), rates(repeats)):
        for line in table:
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
