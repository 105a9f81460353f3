"""The experiments of SCMoE: what they draw against theory, and what each break changes."""

import math
from fractions import Fraction

import numpy as np
import pytest
from refutable.simulations.experts.scmoe import (
    _toy,
    boundary,
    logit_identity,
    more_experts,
    printed_accuracies,
    shared_error,
    significance,
)
from refutable.solvers.contrastive_decoding import contrasted_logits
from refutable.solvers.moe_layer import route
from refutable.theory.experts import scmoe as theory
from refutable.theory.experts.scmoe import Toy
from scipy import stats

from refutable import Cell

SHARED = Cell({**shared_error.SHARED, "beta": 0.25})
INDEPENDENT = Cell({**shared_error.INDEPENDENT, "beta": 0.25})


def rng():
    return np.random.default_rng(0)


def test_without_contrast_the_strong_logits_are_left_and_the_mask_bites():
    columns = logit_identity.decoded(Cell({"beta": 0.0}), rng(), 4)
    assert columns["gap_to_masked_strong"].max() < 1e-12
    assert columns["gap_to_strong"].min() > 1e-3
    other = logit_identity.decoded(Cell({"beta": 1.0}), rng(), 20, alpha=0.11)
    assert other["masks_differ"].max() >= 1
    once = logit_identity.decoded(Cell({"beta": 1.0}), rng(), 4, decode=logit_identity.strong_once)
    assert once["gap"].min() > 1e-3
    assert (once["masks_differ"] == 0).all()


def test_a_single_expert_is_that_of_its_rank():
    logits = rng().normal(size=(logit_identity.TOKENS, logit_identity.EXPERTS))
    order = np.argsort(-logits, axis=1)
    for rank in (1, 2, 5):
        routing = logit_identity.ranked(logits, rank)
        np.testing.assert_array_equal(routing.experts[:, 0], order[:, rank - 1])
        assert (routing.gates == 1).all()


def test_the_moved_gate_is_that_of_the_best_expert_alone_at_full_strength():
    gates = route(rng().normal(size=(5, 8)), 2, renormalise=True)
    beta = gates.gates[:, 1] / gates.gates[:, 0]  # then (1 + beta) g_2 = beta
    for token, strength in enumerate(beta):
        moved = logit_identity.regated(gates, float(strength)).gates[token]
        np.testing.assert_allclose(moved, [1, 0], atol=1e-12)


@pytest.mark.parametrize(("common", "repeated"), [(1.0, 0.0), (0.4, 0.0), (1.0, 0.5)])
def test_drawn_errors_have_the_correlation_asked_for(common, repeated):
    toy = Toy(3, 0.3, 1.2, 0.5, 0.7)
    strong, weak = _toy.draw(toy, rng(), 8000, common, repeated)
    assert strong[:, 0].mean() - strong[:, 1:].mean() == pytest.approx(3, abs=0.06)
    assert weak[:, 0].mean() - weak[:, 1:].mean() == pytest.approx(0.9, abs=0.06)
    errors = np.cov(strong[:, 1:].ravel(), weak[:, 1:].ravel())
    cross = common * 1.44 + repeated * 0.35
    np.testing.assert_allclose(errors, [[1.69, cross], [cross, 1.93]], atol=0.03)


@pytest.mark.parametrize("cell", [SHARED, INDEPENDENT])
def test_gains_are_those_of_theory_and_turn_round_in_the_broken_worlds(cell):
    predicted = shared_error.sign_in_regime(cell)
    assert predicted * shared_error.toy_of(cell).first_gain > 0
    drawn = shared_error.in_regime(cell, rng(), 8000)
    assert drawn["gain"].mean() == pytest.approx(predicted, abs=0.02)
    broken = {"common": 0.2} if predicted > 0 else {"repeated": 0.5}
    assert shared_error.in_regime(cell, rng(), 8000, **broken)["gain"].mean() * predicted < 0


def test_answers_are_those_of_an_argmax_and_the_mask_can_only_take_away_tokens():
    toy = shared_error.toy_of(SHARED)
    columns = shared_error.answers(toy, 2.0, rng(), 300)
    strong, weak = _toy.draw(toy, rng(), 300)
    right = (3 * strong - 2 * weak).argmax(axis=1) == 0
    np.testing.assert_array_equal(columns["correct"], right)
    np.testing.assert_array_equal(columns["gain"], 1.0 * right - (strong.argmax(axis=1) == 0))
    masked = contrasted_logits(strong, weak, 2.0, theory.ALPHA).argmax(axis=1) == 0
    np.testing.assert_array_equal(columns["correct_masked"], masked)


def test_the_map_has_the_error_and_the_share_that_it_says():
    for share, rho in ((0.1, 0.5), (0.7, 0.3)):
        cell = Cell({"rho": rho, "share": share})
        toy = boundary.toy_with_share(cell)
        assert math.hypot(toy.shared, toy.strong) == pytest.approx(boundary.ERROR)
        assert toy.first_gain == pytest.approx(share - rho)
        assert boundary.error_share_is_greater(cell) == (toy.first_gain > 0)
        assert boundary.signal_share_is_greater(cell) == (toy.first_gain < 0)
        drawn = boundary.on_the_map(cell, rng(), 6000)["gain"].mean()
        assert drawn == pytest.approx(boundary.predicted_gain(cell), abs=0.02)


def test_signs_at_the_strength_tried_are_those_at_zero_where_the_claim_speaks():
    for cell in boundary.BOUNDARY.cells.full:
        gain, excess = boundary.predicted_gain(cell), boundary.excess(cell)
        spoken = boundary.error_share_is_greater(cell) or boundary.signal_share_is_greater(cell)
        assert spoken == (abs(excess) > 0.15)
        assert not spoken or gain * excess > 0.001
        assert excess != 0 or gain < -0.004
        assert excess != 0.1 or 0 < gain < 0.016


def test_strengths_around_the_best_are_those_of_theory():
    cell = Cell({**shared_error.SHARED, "factor": 3.0})
    toy = shared_error.toy_of(cell)
    columns = boundary.around_the_best(cell, rng(), 8000)
    for name, factor in (("over_less", 1 / 3), ("over_more", 3.0)):
        predicted = boundary.best_over(toy, factor)
        assert predicted > 0.02
        assert columns[name].mean() == pytest.approx(predicted, abs=0.02)


def test_ensembles_are_those_of_theory():
    cell = Cell(more_experts.TOY)
    assert more_experts.peak(cell) == 3
    columns = more_experts.ensembles(cell, rng(), 4000)
    assert columns["over_one"].mean() == pytest.approx(more_experts.over(1, cell), abs=0.03)
    assert columns["over_all"].mean() == pytest.approx(more_experts.over(8, cell), abs=0.03)
    accuracies = more_experts.predicted(cell)
    for k in (1, 8):
        drawn = more_experts.one_ensemble(Cell({"k": k}), rng(), 4000)["correct"].mean()
        assert drawn == pytest.approx(accuracies[k - 1], abs=0.03)


def test_every_grid_of_ensembles_peaks_inside():
    for effort in ("smoke", "standard", "full"):
        for cell in getattr(more_experts.INSIDE.cells, effort):
            assert 1 < more_experts.peak(cell) < 8
            assert min(more_experts.over(1, cell), more_experts.over(8, cell)) > 0.03


def test_the_printed_row():
    values = more_experts.printed_row(Cell({}))
    assert (values["peak"], values["fall_from_default"]) == (3, 815 - 761)
    both = 842 + 761 - 1319  # at worst every task is solved with three experts or with eight
    worst = stats.binomtest(842 - both, 842 + 761 - 2 * both).pvalue
    assert values["least_significance"] == pytest.approx(worst)
    assert more_experts.printed_row(Cell({}), more_experts.exchanged(3, 4))["peak"] == 4


def test_counts_are_those_of_a_loop_over_all():
    for printed in (*printed_accuracies.FOURTEEN, "78.31", "67.94", "62.00"):
        hits = [
            k
            for k in range(1320)
            if abs(Fraction(100 * k, 1319) - Fraction(printed)) <= Fraction(1, 200)
        ]
        assert printed_accuracies.counts(Cell({"printed": printed}))["counts"] == len(hits)


def test_a_mean_over_runs_needs_seven():
    cell = Cell(printed_accuracies.CUT)
    found = printed_accuracies.nearest(cell)["fewest_runs"]
    printing = [
        runs
        for runs in range(1, 12)
        if any(f"{100 * k / (1319 * runs):.2f}" == "78.31" for k in range(1319 * runs))
    ]
    assert found == printing[0] == 7


def test_p_values_against_scipy():
    greedy = next(iter(significance.GREEDY_GAIN.cells))
    values = significance.p_values(greedy)
    table = [[815, 504], [883, 436]]
    chi2 = stats.chi2_contingency(table, correction=False)
    assert values["z"] ** 2 == pytest.approx(chi2.statistic, rel=5e-3)
    worst = stats.binomtest(504, 504 + 436).pvalue  # every failure of one is solved by the other
    assert values["most_paired"] == pytest.approx(worst)
    assert values["least_paired"] == pytest.approx(2 * 0.5**68)
    assert values["selected"] == 5 * values["unpaired"]
    assert values["most_paired_selected"] == 5 * values["most_paired"]
