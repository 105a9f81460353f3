"""The search for an onset: what it finds, what it says, and what its error rests on."""

import math
import zlib
from dataclasses import replace

import numpy as np
import pytest

from refutable import Exact, Mean, Probability
from refutable.calibration.onsets import Case, logistic, row, step, three_times
from refutable.claims.cells import Cell
from refutable.deciding.estimating import Status
from refutable.deciding.onsets.found import OnsetFound, found_by
from refutable.deciding.onsets.line import Line
from refutable.deciding.onsets.points import Margin, Point, anywhere
from refutable.deciding.onsets.search import Ending, Search
from refutable.deciding.onsets.working import guess
from refutable.errors import MisuseError

N = Line("n", 50, 10_000, True, 0.1)
U = Line("u", 0.0, 1.0, False, 0.1)
HALF = Probability("hit").at_least(0.5)


def drawn(search, rate, seed=0, order=1, size=None):
    """Play a search on events of a known rate; a block depends on its cell and index alone."""
    while not search.done:
        for wanted in list(search.needs())[::order]:
            value = wanted.cell[search.line.name]
            rng = np.random.default_rng(
                [seed, zlib.crc32(wanted.cell.canonical.encode()), wanted.block]
            )
            search.feed(wanted, {"hit": rng.random(search.size) < rate(value)})
    return search


def sought(rate, line=N, budget=60_000, expectation=HALF, **options):
    return drawn(Search(line, {}, expectation, 0.05, budget, 32, **options), rate)


def said(search, predicted=None):
    return found_by(search, "a.b", 0, predicted)


def rising(n):
    return 1.0 / (1.0 + (330.0 / n) ** 6)


def gentle(n):
    return 0.5 + 0.3 * math.tanh(math.log(n / 330))


# --- the line ---


@pytest.mark.parametrize("line", [N, U, Line("x", -3.0, 9.0, False, 1.0)])
def test_place_is_where_a_value_lies(line):
    for place in np.linspace(0.0, 1.0, 11):
        value = line.value(place)
        assert line.low <= value <= line.high
        assert line.place(value) == pytest.approx(place, abs=5e-3 if line.whole else 1e-5)
    assert (line.value(0.0), line.value(1.0)) == (line.low, line.high)


def test_whole_line_has_whole_values():
    assert isinstance(N.value(0.3), int)
    assert isinstance(U.value(0.3), float)


def test_neighbours_are_near_enough_whatever_the_tolerance():
    line = Line("n", 1, 9, False, 0.01)
    assert line.narrow(3, 4)
    assert not line.narrow(3, 5)
    assert N.narrow(100, 110)
    assert not N.narrow(100, 111)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"low": 10_000}, "less than"),
        ({"high": math.inf}, "finite"),
        ({"low": True}, "finite numbers"),
        ({"low": -5}, "positive ends"),
        ({"tolerance": 0.0}, "positive number"),
        ({"low": 1.0, "tolerance": 1e-9}, "too fine"),
    ],
)
def test_line_refuses(change, problem):
    with pytest.raises(MisuseError, match=problem):
        replace(N, **change)


# --- a probe: any cell, judged as the claim's own ---


def test_probe_drops_the_filter_on_what_varies():
    one = anywhere(Probability("hit", n=1000, k=4).at_least(0.5), "n")
    assert dict(one.functional.where) == {"k": 4}
    assert one.functional.label == "P(hit)"


def test_probe_judges_with_the_error_it_is_given():
    point = Point(0.0, Cell({"n": 7}), HALF, 1e-3)
    point.feed({"hit": np.ones(8, dtype=bool)}, 8)
    assert point.open
    point.feed({"hit": np.ones(24, dtype=bool)}, 24)
    assert point.status is Status.INSIDE
    assert [check.alpha for check in point.results()] == [1e-3]


def test_probe_refuses_a_cell_of_which_nothing_is_said():
    bound = Probability("hit").at_least(lambda cell: 0.5 if cell.n > 9 else None)
    with pytest.raises(MisuseError, match="nothing is stated"):
        Point(0.0, Cell({"n": 7}), bound, 0.1)


def test_guard_must_hold_as_well():
    guarded = replace(HALF, guard=Probability("other").at_least(0.5))
    point = Point(0.0, Cell({"n": 7}), guarded, 1e-2)
    for _ in range(8):
        point.feed({"hit": np.ones(32, dtype=bool), "other": np.zeros(32, dtype=bool)}, 32)
    assert point.status is Status.OUTSIDE


# --- what is found ---


def test_bracket_holds_the_onset_and_is_narrow():
    search = sought(rising)
    found = said(search, predicted=330)
    low, high = found.bracket
    assert (found.ending, found.rising) == ("found", True)
    assert low < 330 <= high <= low * 1.1
    assert found.sentence == (
        f"P(hit) >= 0.5 holds from n in [{low}, {high}] on (error at most 0.05); theory: 330."
    )
    assert found.agrees


def test_fifty_hits_of_fifty_may_well_lie_near_the_edge():
    point = Point(0.0, Cell({"n": 7}), Probability("hit").at_least(0.95), 1e-3)
    point.feed({"hit": np.ones(50, dtype=bool)}, 50)
    assert 0.0 < point.margin().value < 0.5


def test_an_edge_near_probability_one_is_not_rested_on():
    line, edge = Line("n", 10_000, 80_000, True, 0.3), Probability("hit").at_least(0.95)

    def search(seed):
        asked = Search(line, {}, edge, 0.05, 30_000, 50)
        return drawn(asked, lambda n: 1.0 - 0.05 * (25_000 / n) ** 6, seed)

    searches = [search(seed) for seed in range(8)]
    assert all(one.ending is Ending.FOUND for one in searches)
    # 2,600 now, 9,400 where replicates that are all alike counted as far inside
    assert np.mean([one.replicates for one in searches]) < 6_000


def test_falling_curve_holds_up_to_the_onset():
    found = said(sought(lambda n: 1.0 - rising(n)))
    assert found.holds_at < 330 <= found.fails_at
    assert "holds up to n in [" in found.sentence
    assert found.rising is False


def test_bounded_outcomes_are_sought_alike():
    mean = Mean("hit", bounds=(0, 1)).at_least(0.5)
    found = said(sought(rising, expectation=mean))
    assert found.fails_at < 330 <= found.holds_at
    assert found.grade == "theorem"


def test_computed_outcome_is_bisected_to_neighbours():
    line = Line("n", 1, 1000, True, 0.001)
    search = Search(line, {}, Exact("n2").at_least(5000), 0.05, 100, 1, computed=True)
    while not search.done:
        for wanted in list(search.needs()):
            search.feed(wanted, {"n2": np.array([float(wanted.cell.n) ** 2])})
    found = said(search)
    assert found.bracket == (70, 71)  # 71^2 = 5041
    assert "(computed)" in found.sentence


def test_every_value_owns_an_equal_share_of_the_error():
    search = sought(rising, most=20)
    owned = [point.alpha for point in search.points.values()]
    assert owned == [0.05 / 20] * len(owned)
    assert len(owned) <= 20


def test_no_more_values_are_visited_than_were_declared():
    search = sought(gentle, most=7, budget=20_000)
    assert len(search.points) <= 7
    assert search.ending is Ending.WIDE


def test_budget_is_kept():
    search = sought(gentle, budget=5_000)
    assert search.replicates <= 5_000
    assert "wider than asked for: its budget is spent" in said(search).sentence


@pytest.mark.parametrize(
    ("rate", "budget", "ending", "words"),
    [
        (lambda n: 0.9, 9_000, Ending.ALWAYS, "holds at both ends"),
        (lambda n: 0.1, 9_000, Ending.NEVER, "fails at both ends"),
        (lambda n: 0.9 if 300 < n < 3000 else 0.1, 9_000, Ending.NOT_MONOTONE, "not monotone"),
        (lambda n: 0.9 if n < 100 or n > 300 else 0.1, 9_000, Ending.NOT_MONOTONE, "fails at"),
        (lambda n: 0.5 if n == 10_000 else 0.1, 3_000, Ending.OPEN, "not decided at n = 10,000"),
        (rising, 0, Ending.NO_BUDGET, "Nothing was drawn"),
        (rising, 31, Ending.NO_BUDGET, "no room for a block of 32"),
    ],
)
def test_ending_says_which(rate, budget, ending, words):
    search = sought(rate, budget=budget)
    found = said(search)
    assert search.ending is ending
    assert words in found.sentence
    assert found.bracket is None


def test_values_outside_the_bracket_are_tried():
    """A dip far below the onset is seen, though both ends and the bracket are in order."""

    def dips(n):
        return 0.95 if n > 2000 or 80 <= n <= 220 else 0.05

    search = sought(dips)
    assert search.ending is Ending.NOT_MONOTONE
    assert "there is no single onset" in said(search).sentence


def test_order_of_arrival_changes_nothing():
    ahead = Search(N, {}, HALF, 0.05, 60_000, 32)
    while not ahead.done:
        for wanted in reversed(list(ahead.needs(ahead=3))):
            rng = np.random.default_rng(
                [0, zlib.crc32(wanted.cell.canonical.encode()), wanted.block]
            )
            ahead.feed(wanted, {"hit": rng.random(32) < rising(wanted.cell.n)})
    assert said(ahead) == said(sought(rising))


def test_plain_values_give_the_same_record():
    found = said(sought(rising), predicted=330)
    assert OnsetFound.from_json(found.to_json()) == found


# --- the working model and the calibration ---


def test_guess_is_between_margins_of_both_signs():
    seen = [(0.2, Margin(-1.0, 400)), (0.4, Margin(1.0, 400))]
    assert guess(seen, 0.0, 1.0, True).onset == pytest.approx(0.3, abs=0.02)
    turned = [(place, Margin(-m.value, m.replicates)) for place, m in seen]
    assert guess(turned, 0.0, 1.0, False).onset == pytest.approx(0.3, abs=0.02)


def test_search_does_not_miss_more_than_nominal():
    case = Case("logistic", logistic_20, 0.1)
    found = row(case, 1, 40)
    assert found.finding != "broken"
    assert found.endings == {"found": 40}
    assert found.width <= 0.1


def logistic_20(x, at):
    return logistic(x, at, 20.0)


def test_calibration_sees_a_rule_that_is_wrong(monkeypatch):
    """Where the sign of the first estimate decides, the study finds the rule broken."""
    monkeypatch.setattr(Point, "status", property(by_sign))
    assert row(Case("logistic", logistic_8, 0.02), 1, 60).finding == "broken"


def by_sign(point):
    margin = point.margin()
    if margin is None:
        return Status.OPEN
    return Status.INSIDE if margin.value > 0 else Status.OUTSIDE


def logistic_8(x, at):
    return logistic(x, at, 8.0)


def test_what_is_visited_on_the_way_is_not_decided_before_the_search_goes_on():
    """Decided pair by pair, a step costs some 870 replicates in blocks of 8; the bracket 201."""
    found = row(Case("step", step, 0.1, block=8), 0, 20)
    assert found.endings == {"found": 20}
    assert found.replicates < 720


def test_most_curves_that_cross_three_times_are_told():
    """One in three, where probes outside had a twentieth of the replicates each."""
    found = row(Case("three", three_times, 0.1, block=8), 0, 40)
    assert found.endings["not monotone"] > 18
