"""A look must cost nothing beside a block: kernels against fixed-n peers in the same process."""

from functools import partial

import numpy as np
import pytest
from scipy import optimize, stats

from refutable.deciding.kernels import bernoulli, student
from refutable.deciding.kernels.blocks import Blocks
from refutable.deciding.kernels.boundary import most_against


@pytest.mark.benchmark(group="bernoulli interval")
@pytest.mark.parametrize(
    "data", [(0, 200), (160, 200), (7, 10**6)], ids=lambda data: f"{data[0]} of {data[1]}"
)
def test_bernoulli_interval(beside, data):
    def clopper_pearson():
        return stats.binomtest(*data).proportion_ci(1 - 1e-5, method="exact")

    ours = partial(bernoulli.interval, *data, 1e-5)
    assert beside("SciPy's Clopper-Pearson interval", ours, clopper_pearson) > 1 / 2


@pytest.mark.benchmark(group="student interval")
def test_student_interval(beside):
    """The closed form, against the search for the same ends on the log e-value."""
    arguments = (40, 0.3, 12.0, 1e-5, 0.4)

    def search():
        def surplus(mu):
            return student.log_e_values(mu, 40, 0.3, 12.0, 0.4) + np.log(1e-5)

        return optimize.brentq(surplus, 0.3, 50.0), optimize.brentq(surplus, -50.0, 0.3)

    assert np.allclose(search()[::-1], (student.interval(*arguments).lower, search()[0]))
    assert beside("SciPy's brentq", lambda: student.interval(*arguments), search) > 10


@pytest.mark.benchmark(group="block statistics")
def test_block_statistics(beside):
    """One block of replicates more, against computing everything afresh from what has been seen."""
    seen = np.random.default_rng(0).exponential(size=20_000)
    running, block = Blocks.empty().extend(seen), seen[:64]

    def afresh():
        means = seen.reshape(-1, 8).mean(axis=1)
        return means.mean(), means.var(), stats.skew(seen)

    assert beside("all afresh by SciPy", lambda: running.extend(block), afresh) > 1


@pytest.mark.benchmark(group="stopping boundary")
def test_stopping_boundary(beside):
    """Bisection on all numbers of trials at once, against one search per number of trials."""
    trials = np.arange(901, 1001)

    def singly():
        return [most_against(0.05, n, 12.0) for n in trials]

    assert beside("one after another", lambda: most_against(0.05, trials, 12.0), singly) > 5
