"""What the commands print for people."""

import pytest

from refutable.deciding.guarantee import Guarantee
from refutable.deciding.results import CheckResult, ClaimResult
from refutable.interface.views import totals

INFINITE = (float("-inf"), float("inf"))


def check(grade):
    ground = Guarantee(grade, "name")
    rest = (None, 0.5, 0.1, (0.4, 0.6), "inside", "", 100, 1e-6)
    return CheckResult("E[x]", "statistical", {}, INFINITE, "", *rest, guarantee=ground)


def result(verdict, *grades):
    checks = tuple(check(grade) for grade in grades)
    return ClaimResult("a.b", verdict, verdict, "", 0, "smoke", "f", 100, checks)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([result("supported", "theorem")], "1 claim: 1 supported; all as expected"),
        (
            [
                result("supported", "theorem", "approximate"),
                result("refuted", "approximate"),
                result("supported", "theorem", "computed"),
                result("undecided", "approximate"),
            ],
            "4 claims: 1 supported, 1 supported (approximate), 1 refuted (approximate), "
            "1 undecided; all as expected",
        ),
    ],
)
def test_the_totals_keep_approximate_verdicts_apart(results, said):
    assert totals(results) == said
