"""An exact relation on random instances says how many it was seen on, and what that leaves."""

from dataclasses import replace

import numpy as np
import pytest
from coins import ARITHMETIC, coin
from scipy import stats
from trials import decide

from refutable import Certificate, Evidence, Exact, FalseTheory, Mean, Probability
from refutable.deciding.kernels.instances import LEAST, violation_bound, words


def rounding(cell, rng, size):
    x = rng.normal(size=size)
    return {"difference": (x + 1.0) - 1.0 - x}


ZERO = Exact("difference").near(0, 1e-12)
IDENTITY = coin(
    simulate=rounding,
    expect=(ZERO,),
    controls=(FalseTheory("one", Exact("difference").equals(1)),),
    block=8,
    cap=64,
)


def test_the_bound_is_the_exact_binomial_one():
    for count in (1, 20, 64, 1000):
        exact = stats.binomtest(0, count).proportion_ci(0.9, method="exact").high
        assert violation_bound(count) == pytest.approx(exact, rel=1e-9)
    with pytest.raises(ValueError, match="at least one"):
        violation_bound(0)


def test_the_bound_holds_however_long_one_looks():
    """A violation of probability p before the bound falls below p, at 95 %, whenever one stops."""
    for p in (0.3, 0.02):
        first = np.random.default_rng(1).geometric(p, 40_000)  # the instance that violates
        reached = next(n for n in range(1, 1000) if violation_bound(n) < p)
        wrong = np.mean(first > reached)
        assert 0.03 * (1 - p) < wrong < 0.055


def test_an_identity_on_random_instances_is_a_sampled_one():
    assert IDENTITY.evidence is Evidence.SAMPLED_IDENTITY
    (check,) = decide(IDENTITY).checks
    assert (check.status, check.evidence) == ("inside", "sampled identity")
    assert check.detail.endswith(
        "64 instances without a violation: P(violation) <= 0.046 at 95% confidence"
    )


def test_few_instances_are_told():
    (check,) = decide(replace(IDENTITY, cap=8)).checks
    assert f"8 instances without a violation, fewer than the {LEAST}" in check.detail
    assert "fewer" not in words(LEAST)
    assert words(1).startswith("1 instance without")


def test_a_violation_has_no_bound():
    (check,) = decide(replace(IDENTITY, expect=(Exact("difference").near(1, 0.1),))).checks
    assert check.status == "outside"
    assert "violation" not in check.detail


def test_a_certificate_proves_each_instance_and_no_more_and_a_mean_stays_a_mean():
    assert replace(IDENTITY, expect=(Certificate("difference").at_most(1),)).evidence is (
        Evidence.SAMPLED_IDENTITY
    )
    both = replace(IDENTITY, expect=(ZERO, Mean("difference").near(0, 1)))
    assert both.evidence is Evidence.STATISTICAL
    assert [check.evidence for check in decide(both).checks] == ["sampled identity", "statistical"]


def test_what_is_computed_stays_exact():
    assert ARITHMETIC.evidence is Evidence.EXACT
    (check,) = decide(ARITHMETIC).checks
    assert (check.evidence, check.detail) == ("exact", "")


def with_an_event(cell, rng, size):
    return {**rounding(cell, rng, size), "sure": np.full(size, True)}


def test_an_identity_beside_an_event_waits_for_the_fewest_instances_that_show_anything():
    event = Probability("sure").at_least(0.01)
    claim = replace(IDENTITY, simulate=with_an_event, expect=(event, ZERO), block=2)
    quick = decide(replace(claim, expect=(event,)))
    assert quick.checks[0].replicates < LEAST, "the event alone is decided sooner"
    found = decide(claim)
    assert found.verdict == "supported"
    assert [check.replicates for check in found.checks if check.status == "inside"][1] == LEAST
    assert "fewer" not in found.checks[1].detail
