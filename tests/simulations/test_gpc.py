"""The experiments behind the claims on splitting and merging classes, by other routes."""

import itertools

import numpy as np
import pytest
import scipy.stats
from refutable.simulations.mixtures.gpc import (
    _chain,
    _classes,
    class_number,
    evidence,
    fixed_acceptance,
    fluctuation,
    reciprocal,
    released_update,
    separation,
)
from refutable.solvers.normal_inverse_wishart import GroupStatistics
from refutable.solvers.split_merge import Moves
from refutable.theory.mixtures import gpc as theory

from refutable import Cell
from refutable.claims.validate import problems
from refutable.running.registry import claims_of

MODULES = (
    evidence,
    reciprocal,
    separation,
    class_number,
    fluctuation,
    fixed_acceptance,
    released_update,
)
CLAIMS = [claim for module in MODULES for claim in claims_of(module)]


def test_every_claim_of_the_paper_is_tried_below():
    assert len(CLAIMS) == 11


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_claims_are_well_formed(claim):
    assert list(problems(claim)) == []


def test_predictives_are_those_of_scipy_given_the_earlier_points():
    x, prior = np.random.default_rng(0).standard_normal((4, 2)), _chain.weak_prior(2)
    found = _chain.predictives(prior, x)
    law = prior.posterior(GroupStatistics.of(x[:3]))
    freedom = float(law.nu) - 1
    shape = law.scale * (law.kappa + 1) / (law.kappa * freedom)
    wanted = scipy.stats.multivariate_t(law.mean, shape, df=freedom).logpdf(x[3])
    assert found[3] == pytest.approx(wanted, abs=1e-12)


def test_the_double_integral_is_the_product_of_predictives():
    x = np.random.default_rng(1).standard_normal((3, 6, 1)) + 2
    prior = _chain.weak_prior(1)
    found = evidence._integral(x[..., 0], 0.0, 0.5, 4.0, 2.0)
    np.testing.assert_allclose(found, _chain.predictives(prior, x).sum(axis=1), atol=1e-9)


def test_a_point_joins_a_table_with_the_odds_of_the_restaurant():
    """One point against a table of two: 2 p(x | both) to alpha p(x)."""
    rng, prior = np.random.default_rng(2), _chain.weak_prior(1)
    first, second = rng.standard_normal((1, 2, 1)), rng.standard_normal((1, 1, 1))
    score = reciprocal.seated_merge_score(prior, first, second, 3.0)[0]
    joined = _chain.predictives(prior, np.concatenate([first, second], axis=1))[0, 2]
    alone = _chain.predictives(prior, second)[0, 0]
    assert score == pytest.approx(np.log(2) + joined - np.log(3) - alone, abs=1e-12)


def test_halves_are_scored_where_they_stand():
    """The scores of moved statistics are those of moved points, m their mean."""
    halves = np.random.default_rng(3).standard_normal((2, 3, 9, 1))
    sep = np.array([0.0, 1.0, 7.0])
    moved = halves[1] + sep[:, None, None]
    both = np.concatenate([halves[0], moved], axis=1)
    prior = (both.mean(axis=1), *separation.PLANTED[:2], np.array([[separation.PLANTED[2]]]))
    evidences = [theory.log_evidence(x, *prior) for x in (halves[0], moved, both)]
    for sizes in (True, False):
        wanted = theory.log_split_score((9, 9), evidences, sizes=sizes)
        found = separation._scores(halves, sep, sizes, 1.0)
        np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_the_flip_is_where_the_score_vanishes(monkeypatch):
    seen = []
    scores = separation._scores
    monkeypatch.setattr(separation, "_scores", lambda *a: seen.append(a) or scores(*a))
    flip = separation.flipping(Cell({"half": 30}), np.random.default_rng(4), 5)["flip"]
    assert (np.abs(scores(seen[0][0], flip, True, 1.0)) < 1e-4).all()


def test_classes_have_their_scale():
    x = _classes.classes(np.random.default_rng(5), 200, 8.0).reshape(200, 10, 60, 8)
    assert x.var(axis=2, ddof=1).mean() == pytest.approx(1, abs=0.01)
    assert x.mean(axis=2).var() == pytest.approx(32 + 1 / 60, rel=0.05)
    labels = _classes.start(np.random.default_rng(0), x.reshape(200, 600, 8)[:2], 25)
    assert labels.shape == (2, 600)
    assert labels.max() == 24


def test_the_number_is_found_from_every_start_and_not_by_the_floor():
    cell = Cell({"sep": 12.0})
    found = class_number.found_numbers(cell, np.random.default_rng(6), 8)
    for start in class_number.STARTS:
        assert np.median(found[f"from_{start}"]) == 10
    assert found["near"].all()
    loose = class_number.found_numbers(cell, np.random.default_rng(6), 8, floor=0.1)
    assert loose["near"].mean() < found["near"].mean()
    for columns in (found, loose):
        assert (columns["agree"] == (columns["from_2"] == columns["from_25"])).all()
    assert (loose["from_2"] == loose["from_10"]).tolist() != loose["agree"].tolist()


def test_both_rules_start_from_the_same_points(monkeypatch):
    """A floor of 0 never takes a bad move, and so does min(1, H) where classes lie far apart."""
    runs = []
    numbers = fluctuation.numbers
    monkeypatch.setattr(
        fluctuation, "numbers", lambda *a: runs.append((a[1], a[2], a[3])) or numbers(*a)
    )
    cell = Cell({"sep": 30.0, "remerge": True})
    found = fluctuation.both_rules(cell, np.random.default_rng(7), 4, floor=0.0)
    assert (found["gain"] == 0).all()
    assert (found["spread"] == 0).all()
    (x, start, loose), (again, same, steady) = runs
    assert (x == again).all()
    assert (start == same).all()
    assert (loose, steady) == (Moves(floor=0.0, remerge=True), Moves(remerge=True))


def test_partitions_are_counted_by_bell():
    assert [len(fixed_acceptance.partitions(n)) for n in (1, 2, 3, 4, 5)] == [1, 2, 5, 15, 52]


def test_log_posterior_is_that_of_seating_one_by_one():
    x, prior = np.random.default_rng(8).standard_normal((4, 2)), _chain.weak_prior(2)
    rows, found = fixed_acceptance.partitions(4), fixed_acceptance.log_posterior
    wanted = []
    for labels in rows:
        groups = [x[np.array(labels) == j] for j in set(labels)]
        seats = sum(np.log(np.arange(1, len(g))).sum() for g in groups)
        wanted.append(seats + sum(_chain.predictives(prior, g).sum() for g in groups))
    np.testing.assert_allclose(found(x), wanted, atol=1e-12)
    sizeless = found(x, sizes=False)
    assert sizeless[0] == pytest.approx(wanted[0] - np.log(6), abs=1e-12)


def test_the_stationary_law_is_where_the_chain_ends():
    chain = theory.chain_of(np.array([0.0, 1.0, -2.0]), 0.1)
    law = fixed_acceptance.stationary(chain)
    np.testing.assert_allclose(np.linalg.matrix_power(chain, 500)[0], law, atol=1e-12)


def test_a_cycle_that_turns_is_out_of_balance():
    turning = np.array([[0.4, 0.5, 0.1], [0.1, 0.4, 0.5], [0.5, 0.1, 0.4]])
    np.testing.assert_allclose(fixed_acceptance.imbalances(turning), [3 * np.log(5)])


@pytest.mark.parametrize(
    ("split", "merge", "centres"), [((0, 0), (0, 0), 3), ((1, 0), (0,), 4), ((0, 0), (1, 1), 5)]
)
def test_centres_after_an_update_by_hand(split, merge, centres):
    """One labelled cluster and two others; a merge decision for every one that is not split."""
    decided = {k + 1: bool(s) for k, s in enumerate(split)}
    unsplit = [k for k, s in decided.items() if not s]
    merges = dict(zip(unsplit, map(bool, merge), strict=True))
    assert released_update.updated_centres([0], decided, merges) == centres


def test_leaving_merged_clusters_out_loses_them():
    for a, b in itertools.product((False, True), repeat=2):
        left = released_update.updated_centres([], {0: False, 1: False}, {0: a, 1: b}, True)
        assert left == 2
