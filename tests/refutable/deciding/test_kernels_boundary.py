"""Stopping boundaries against a search through every outcome."""

import math

import numpy as np
import pytest

from refutable.deciding.kernels import bernoulli
from refutable.deciding.kernels.boundary import fewest_for, most_against
from refutable.deciding.kernels.sides import spendable


@pytest.mark.parametrize("p0", [0.0, 0.05, 0.5, 0.93, 1.0])
@pytest.mark.parametrize("bar", [0.5, 3.0, 12.0])
def test_boundaries_are_those_of_a_full_search(p0, bar):
    trials = np.arange(0, 60)
    most, fewest = most_against(p0, trials, bar), fewest_for(p0, trials, bar)
    for n in trials:
        against = [s for s in range(n + 1) if bernoulli.log_e_less(p0, s, n) >= bar]
        for_ = [s for s in range(n + 1) if bernoulli.log_e_greater(p0, s, n) >= bar]
        assert most[n] == max(against, default=-1)
        assert fewest[n] == min(for_, default=n + 1)


@pytest.mark.parametrize("bad", [(-0.1, 5, 1.0), (0.5, -1, 1.0), (0.5, 5, 0.0), (math.nan, 5, 1)])
def test_bad_arguments_are_refused(bad):
    with pytest.raises(ValueError, match=r"p0|trials|bar"):
        most_against(*bad)


def test_only_regions_with_one_end_spend_twice():
    assert spendable(0.01, 0.2, math.inf) == 0.02
    assert spendable(0.01, -math.inf, 0.2) == 0.02
    assert spendable(0.01, 0.1, 0.2) == 0.01
    assert spendable(0.01, -math.inf, math.inf) == 0.01
    assert spendable(0.4, 0.1, math.inf) == 0.5
    assert spendable(0.9, 0.1, math.inf) == 0.9
    with pytest.raises(ValueError, match="alpha"):
        spendable(0.0, 0.1, math.inf)
