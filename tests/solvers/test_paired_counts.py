"""Tests on counts against SciPy's, and tables with given margins against enumeration."""

import itertools

import numpy as np
import pytest
from refutable.solvers.paired_counts import sign_test, tables_with_margins, two_proportion_test
from scipy import stats


def test_p_values_are_those_of_a_binomial_test():
    better, worse = np.meshgrid(range(12), range(12))
    ours = sign_test(better, worse)
    for b, w, p in zip(better.ravel(), worse.ravel(), ours.ravel(), strict=True):
        expected = stats.binomtest(int(b), int(b + w)).pvalue if b + w else 1.0
        assert p == pytest.approx(expected)


def test_tables_are_those_of_an_enumeration():
    outcomes = list(itertools.product([0, 1], repeat=5))
    found = {}
    for a, b in itertools.product(outcomes, repeat=2):
        better = sum(y > x for x, y in zip(a, b, strict=True))
        worse = sum(x > y for x, y in zip(a, b, strict=True))
        found.setdefault((sum(a), sum(b)), set()).add((better, worse))
    for (first, second), expected in found.items():
        better, worse = tables_with_margins(first, second, 5)
        assert list(zip(better.tolist(), worse.tolist(), strict=True)) == sorted(expected)


def test_two_proportions_are_pearsons_test():
    for first, second, n in ((815, 883, 1319), (3, 9, 20)):
        table = [[first, n - first], [second, n - second]]
        expected = stats.chi2_contingency(table, correction=False)
        z, p = two_proportion_test(first / n, second / n, n)
        assert z**2 == pytest.approx(expected.statistic)
        assert p == pytest.approx(expected.pvalue)
        assert z > 0
        assert two_proportion_test(second / n, first / n, n)[0] == pytest.approx(-z)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sign_test(-1, 2), "^better"),
        (lambda: sign_test([1, 2], [1]), "worse"),
        (lambda: tables_with_margins(6, 2, 5), "^first"),
        (lambda: tables_with_margins(2, 2, 0), "^n="),
        (lambda: two_proportion_test(1.2, 0.5, 10), "^first"),
        (lambda: two_proportion_test(1.0, 1.0, 10), "both 1"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
