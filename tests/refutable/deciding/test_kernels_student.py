"""The Student kernel against integration, t-tests, TOST and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from statsmodels.stats.weightstats import DescrStatsW

from refutable.deciding.kernels import Interval, bernoulli, student


def statistics(x):
    x = np.asarray(x, dtype=float)
    return len(x), float(x.mean()), float(((x - x.mean()) ** 2).sum())


@pytest.fixture
def sample():
    return np.random.default_rng(3).normal(0.4, 1.3, 12)


def test_log_e_is_the_right_haar_mixture(sample):
    """Integrate the likelihoods over the scale and the effect size numerically."""
    n, mean, scatter = statistics(sample)
    effect = stats.norm(0, 1 / math.sqrt(student.PRECISION))

    def haar(delta):
        def likelihood(log_sigma):
            sigma = math.exp(log_sigma)
            square = scatter + n * (mean - sigma * delta) ** 2
            return math.exp(-n * log_sigma - square / (2 * sigma**2))

        return integrate.quad(likelihood, -6, 8, limit=300, epsabs=0, epsrel=1e-10)[0]

    mixed = integrate.quad(lambda d: haar(d) * effect.pdf(d), -15, 15, limit=300, epsabs=0)[0]
    assert student.log_e_values(0.0, n, mean, scatter) == pytest.approx(math.log(mixed / haar(0.0)))


def test_one_over_e_is_never_below_the_p_value_of_the_t_test(sample):
    for mu0 in np.linspace(-2, 3, 40):
        e = math.exp(student.log_e_values(mu0, *statistics(sample)))
        assert stats.ttest_1samp(sample, mu0).pvalue <= 1 / e


def test_a_supported_equivalence_also_passes_tost(sample):
    n, mean, scatter = statistics(sample)
    decided = 0
    for alpha in (0.3, 0.05, 1e-3):
        for margin in np.linspace(0.2, 5, 60):
            if student.interval(n, mean, scatter, alpha).inside(-margin, margin):
                decided += 1
                assert DescrStatsW(sample).ttost_mean(-margin, margin)[0] <= alpha / 2
    assert decided > 20


@given(
    st.integers(2, 500),
    st.floats(-10, 10),
    st.floats(1e-6, 1e6),
    st.sampled_from([1e-6, 1e-3, 0.1]),
    st.floats(-3, 3),
)
def test_interval_ends_are_where_the_evidence_reaches_the_bar(n, mean, scatter, alpha, skewness):
    found = student.interval(n, mean, scatter, alpha, skewness)
    assert found.lower <= mean <= found.upper
    for end in (found.lower, found.upper):
        if math.isfinite(end):
            reached = student.log_e_values(end, n, mean, scatter, skewness)
            assert reached == pytest.approx(-math.log(alpha), rel=1e-4)


@given(st.integers(2, 500), st.floats(-3, 3), st.sampled_from([1e-6, 1e-3, 0.1]))
def test_skewness_only_ever_widens_and_on_the_side_of_the_missing_tail(n, skewness, alpha):
    exact = student.interval(n, 1.0, 2.0, alpha)
    found = student.interval(n, 1.0, 2.0, alpha, skewness)
    assert exact.inside(found.lower, found.upper)
    kept = found.lower if skewness > 0 else found.upper
    assert kept == (exact.lower if skewness > 0 else exact.upper)
    mirrored = student.interval(n, -1.0, 2.0, alpha, -skewness)
    assert mirrored.upper == pytest.approx(-found.lower)


def test_exact_error_on_normal_data_is_below_alpha_decided_by_the_bernoulli_kernel():
    rng = np.random.default_rng(11)
    x = rng.normal(0, 3, (8000, 150))
    n = np.arange(1, 151)
    mean = np.cumsum(x, 1) / n
    scatter = np.maximum(np.cumsum(x * x, 1) - n * mean**2, 0)
    missed = (student.log_e_values(0.0, n, mean, scatter) >= math.log(1 / 0.05)).any(1)
    assert bernoulli.interval(int(missed.sum()), missed.size, 1e-4).upper < 0.05


@pytest.mark.parametrize("alpha", [0.05, 1e-5])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_ratio_interval_inverts_the_same_e_process(alpha, sign):
    rng = np.random.default_rng(5)
    b = sign * rng.gamma(4, 1, 60)
    a = 0.7 * b + rng.normal(0, 0.5, 60)
    cov = np.cov(a, b) * 59
    skewness = 0.4
    args = (60, a.mean(), b.mean(), cov[0, 0], cov[1, 1], cov[0, 1])
    found = student.ratio_interval(*args, alpha, skewness)
    for ratio in (found.lower, found.upper):
        e = student.log_e_values(0.0, *statistics(a - ratio * b), skewness)
        assert e == pytest.approx(-math.log(alpha))
    assert found.lower < a.mean() / b.mean() < found.upper


@pytest.mark.parametrize("size", [0.05, -0.05, 20.0])
def test_the_size_of_a_denominator_divides_its_ratio_and_no_more(size):
    rng = np.random.default_rng(6)
    b = rng.gamma(4, 1, 60)
    a = 0.7 * b + rng.normal(0, 0.5, 60)

    def found(b, skewness):
        cov = np.cov(a, b) * 59
        args = (60, a.mean(), b.mean(), cov[0, 0], cov[1, 1], cov[0, 1])
        return student.ratio_interval(*args, 0.01, skewness)

    plain, scaled = found(b, 0.4), found(size * b, 0.4)
    assert sorted((plain.lower, plain.upper)) == pytest.approx(
        sorted((size * scaled.lower, size * scaled.upper))
    )


def test_two_blocks_may_give_an_interval_of_either_kind():
    x = np.array([1.0, 1.1])
    assert student.interval(*statistics(x), 0.5).width < math.inf
    cov = np.cov(x, [5.0, 5.2])
    ratio = student.ratio_interval(2, x.mean(), 5.1, cov[0, 0], cov[1, 1], cov[0, 1], 0.5)
    assert 0 < ratio.width < 1


def test_ratio_with_a_denominator_that_may_be_zero_is_anything():
    assert student.ratio_interval(40, 1, 0.01, 5, 5, 0, 0.01) == Interval.everything()
    assert student.ratio_interval(40, 1, 0.0, 5, 5, 0, 0.01) == Interval.everything()


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_blocks_say_nothing(count):
    assert student.interval(count, 1.0, 0.0, 0.1) == Interval.everything()
    assert student.ratio_interval(count, 1, 2, 0, 0, 0, 0.1) == Interval.everything()
    assert student.log_e_values(5.0, count, 1.0, 0.0) == 0.0


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9, -3.3])
def test_constant_data_prove_nothing(value):
    x = np.full(100, value)
    x[::7] += 2 * np.spacing(value)  # what rounding leaves
    assert student.interval(*statistics(x), 0.01) == Interval.everything()
    assert student.log_e_values(value + 1, *statistics(x)) == 0.0


def test_a_constant_multiple_has_no_ratio_interval():
    b = np.random.default_rng(0).normal(3, 1, 50)
    cov = np.cov(2 * b, b) * 49
    args = (50, 2 * b.mean(), b.mean(), cov[0, 0], cov[1, 1], cov[0, 1])
    assert student.ratio_interval(*args, 0.01) == Interval.everything()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_no_multiple_at_any_scale_has_a_ratio_interval_made_of_rounding(scale):
    rng = np.random.default_rng(1)
    for factor in (1.7, -0.3, 1e3):
        for mean in (0.5, 3.0):
            b = scale * rng.normal(mean, 1, 400)
            cov = np.cov(factor * b, b) * 399
            args = (400, factor * b.mean(), b.mean(), cov[0, 0], cov[1, 1], cov[0, 1])
            assert student.ratio_interval(*args, 0.01) == Interval.everything()


def test_very_skewed_data_decide_nothing_on_that_side():
    found = student.interval(30, 1.0, 5.0, 1e-6, skewness=3.0)
    assert found.upper == math.inf
    assert found.lower > -math.inf


@pytest.mark.parametrize("shape", [1.0, 1.5, 2.0])
def test_the_caution_makes_up_for_what_a_small_sample_does_not_show(shape):
    """The skewness of a gamma law against that of 64 replicates, the fewest that are judged."""
    draws = np.random.default_rng(12).gamma(shape, size=(4000, 64))
    typical = np.median(stats.skew(draws, axis=1))
    assert pytest.approx(2 / math.sqrt(shape) / typical, rel=0.15) == student.CAUTION


@pytest.mark.parametrize("effect", [0.2, 0.5, 0.8, 1.2])
def test_no_other_prior_would_decide_much_sooner(effect, monkeypatch):
    """Blocks of 8 replicates until the mean is told from 0, without noise in mean or scatter."""

    def blocks(precision):
        monkeypatch.setattr(student, "PRECISION", precision)
        n = np.arange(2, 2000)
        evidence = student.log_e_values(0.0, n, effect * math.sqrt(8), n - 1.0)
        return int(n[np.argmax(evidence >= math.log(1 / 5e-6))])

    ours = blocks(student.PRECISION)
    assert ours <= 1.13 * min(blocks(precision) for precision in np.geomspace(0.02, 20, 25))


def test_the_bar_of_t_is_where_the_evidence_reaches_one_over_alpha():
    for count in (2, 3, 10, 1000):
        for alpha in (0.5, 1e-3, 1e-9):
            t = student.critical_t(count, alpha)
            if t < math.inf:
                mean, scatter = t / math.sqrt(count), count - 1.0  # a standard error of 1 / sqrt(n)
                assert student.log_e_values(0.0, count, mean, scatter) == pytest.approx(
                    -math.log(alpha)
                )
            else:
                assert student.log_e_values(0.0, count, 1e9, count - 1.0) < -math.log(alpha)
    assert student.critical_t(1, 0.5) == student.critical_t(0, 0.5) == math.inf


def test_equal_numbers_are_told_from_nearly_equal_ones():
    for value in (1.0, 0.1, 1e100, -3.0):
        spread = 1e-12 * abs(value)
        x = np.array([value, value + spread] * 20)
        assert not student.is_constant(*statistics(x))
        assert student.interval(*statistics(x), 0.01).width < math.inf
        assert student.is_constant(*statistics(np.full(40, value)))
    assert not student.is_constant(1, 5.0, 0.0)  # one number may be the first of any
    assert not student.is_constant(0, 0.0, 0.0)
    assert student.is_constant(2, 0.0, 0.0)


def test_a_nearly_constant_multiple_still_has_a_ratio():
    rng = np.random.default_rng(0)
    b = rng.normal(3, 1, 50)
    for noise in (1e-3, 1e-5):
        a = 2 * b + noise * rng.normal(size=50)
        cov = np.cov(a, b) * 49
        args = (50, a.mean(), b.mean(), cov[0, 0], cov[1, 1], cov[0, 1])
        found = student.ratio_interval(*args, 0.01)
        assert 0 < found.width < noise
        assert found.inside(2 - noise, 2 + noise)


BAD_RATIOS = {
    "count": (-1, 1.0, 1.0, 1.0, 1.0, 0.5),
    "mean_a": (10, math.nan, 1.0, 1.0, 1.0, 0.5),
    "mean_b": (10, 1.0, math.inf, 1.0, 1.0, 0.5),
    "s_aa": (10, 1.0, 1.0, -1.0, 1.0, 0.5),
    "s_bb": (10, 1.0, 1.0, 1.0, -1.0, 0.5),
    "s_ab": (10, 1.0, 1.0, 1.0, 1.0, math.nan),
}


@pytest.mark.parametrize("name", BAD_RATIOS)
def test_bad_arguments_of_a_ratio_are_refused_by_name(name):
    with pytest.raises(ValueError, match=name):
        student.ratio_interval(*BAD_RATIOS[name], 0.1)


def test_covariances_that_are_proportional_up_to_rounding_are_not_impossible():
    assert student.ratio_interval(10, 1, 1, 1, 1, 1 + 1e-12, 0.1) == Interval.everything()
    with pytest.raises(ValueError, match="s_ab"):
        student.ratio_interval(10, 1, 1, 1, 1, 1 + 1e-6, 0.1)


BAD = [
    (-1, 0.0, 1.0, 0.1, 0.0),
    (5, math.nan, 1.0, 0.1, 0.0),
    (5, math.inf, 1.0, 0.1, 0.0),
    (5, 0.0, -1.0, 0.1, 0.0),
    (5, 0.0, math.inf, 0.1, 0.0),
    (5, 0.0, 1.0, 0.0, 0.0),
    (5, 0.0, 1.0, 1.0, 0.0),
    (5, 0.0, 1.0, 0.1, math.nan),
]


@pytest.mark.parametrize("arguments", BAD)
def test_bad_arguments_are_refused_by_name(arguments):
    with pytest.raises(ValueError, match=r"count|mean|scatter|alpha|skewness"):
        student.interval(*arguments)


def test_impossible_covariances_are_refused():
    with pytest.raises(ValueError, match="s_ab"):
        student.ratio_interval(10, 1, 1, 1, 1, 2, 0.1)
