"""Replicates until a bounded mean is decided, against the published numbers and against the t."""

import numpy as np
import pytest

from refutable import Effort, Mean, Probability
from refutable.claims.cells import Cell
from refutable.deciding.checks import Check

ALPHA, LOOK, SEEDS = 2e-5, 8, 25


def coin(p):
    return lambda rng, n: (rng.random(n) < p).astype(float)


def beta(a, b):
    return lambda rng, n: rng.beta(a, b, n)


AT_MOST, AT_LEAST, WITHIN = ("at_most",), ("at_least",), ("within",)
LAWS = {  # law, region, median replicates of a mixture of twelve constant bets
    "beta(.2, 1.8) <= .15": (beta(0.2, 1.8), AT_MOST, (0.15,), 464),
    "uniform >= .4": (lambda rng, n: rng.random(n), AT_LEAST, (0.4,), 216),
    "beta(2, 5) +- .05": (beta(2, 5), WITHIN, (2 / 7 - 0.05, 2 / 7 + 0.05), 384),
    "coin .999 >= .95": (coin(0.999), AT_LEAST, (0.95,), 304),
    "constant .5 +- .05": (lambda rng, n: np.full(n, 0.5), WITHIN, (0.45, 0.55), 224),
}
SLACK = 1.1
"""The published medians are over other draws; ours scatter by some 5 % over 25 of them."""

NORMAL = {
    "beta(50, 50) +- .01": (beta(50, 50), (0.49, 0.51)),
    "binomial(100, .5) / 100 +- .02": (
        lambda rng, n: rng.binomial(100, 0.5, n) / 100,
        (0.48, 0.52),
    ),
}


def median_replicates(mean, draw, how, ends):
    taken = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        check = Check(getattr(mean, how[0])(*ends), Cell({}), ALPHA, Effort.SMOKE)
        while check.open and check.replicates < 4000:
            check.feed({"x": draw(rng, LOOK)}, LOOK)
        assert check.status == "inside"
        taken.append(check.replicates)
    return float(np.median(taken))


@pytest.mark.parametrize("law", LAWS)
def test_a_bounded_mean_costs_no_more_than_published(law):
    draw, how, ends, published = LAWS[law]
    taken = median_replicates(Mean("x", bounds=(0, 1)), draw, how, ends)
    assert taken <= SLACK * published, taken


def test_a_coin_costs_no_more_than_by_the_kernel_made_for_coins():
    """Published: 928 for the mixture; on these draws kernel (a) itself takes 1,024, as we do."""
    cost = [
        median_replicates(functional, coin(0.02), AT_MOST, (0.05,))
        for functional in (Mean("x", bounds=(0, 1)), Probability("x"))
    ]
    assert cost[0] <= 1.05 * cost[1]


@pytest.mark.parametrize("law", NORMAL)
def test_about_normal_outcomes_cost_at_most_half_more_than_the_t(law):
    draw, ends = NORMAL[law]
    ours = median_replicates(Mean("x", bounds=(0, 1)), draw, WITHIN, ends)
    assert ours <= 1.5 * median_replicates(Mean("x"), draw, WITHIN, ends)
