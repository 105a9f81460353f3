"""The factor model's closed forms, drawn factor by factor or enumerated as a second route."""

import itertools

import numpy as np
import pytest
from refutable.solvers.gaussian_mixture import second_moment, top_directions
from refutable.solvers.subspace_regression import (
    least_squares,
    population_regression,
    quadratic_excess,
    subspace_least_squares,
)
from refutable.theory.learning import unsupervised_pretraining as theory
from refutable.theory.learning.unsupervised_pretraining import FactorModel

MODEL = FactorModel(dim=20, strengths=(4.0, 2.0), noise=0.5)
UNEQUAL = FactorModel(dim=20, strengths=(4.0, 2.0), noise=0.5, loading=(-0.5, 2.0))
BETA = {MODEL: (1.0, 1.0), UNEQUAL: (-0.5, 2.0)}
BOTH = pytest.mark.parametrize("model", [MODEL, UNEQUAL], ids=["equal", "unequal"])


def _draw(rng, size, n, model=MODEL):
    """Factors, noise and answers as the model states them."""
    z = rng.standard_normal((size, n, model.rank))
    x = rng.standard_normal((size, n, model.dim))
    x[..., : model.rank] += z * np.sqrt(model.strengths)
    y = z @ np.array(BETA[model]) + np.sqrt(model.noise) * rng.standard_normal((size, n))
    return x, y


@BOTH
def test_regression_vector_and_residual_are_those_of_the_model(model):
    x, y = _draw(np.random.default_rng(1), 1, 400_000, model)
    assert np.allclose(least_squares(x, y)[0], model.theta, atol=0.02)
    assert (y - x @ model.theta).var() == pytest.approx(model.residual, rel=0.01)
    assert np.allclose(x[0].var(axis=0), model.variances, rtol=0.02)


def test_supervised_excess_is_exact():
    x, y = _draw(np.random.default_rng(2), 4000, 40)
    excess = quadratic_excess(least_squares(x, y), MODEL.theta, MODEL.variances)
    assert excess.mean() == pytest.approx(theory.supervised_excess(MODEL, 40), rel=0.03)


@BOTH
def test_both_terms_of_the_pretrained_excess(model):
    rng = np.random.default_rng(3)
    unlabelled, _ = _draw(rng, 200, 2000, model)
    basis = top_directions(second_moment(unlabelled), model.rank)
    limit = population_regression(model.theta, model.variances, basis)
    bias = quadratic_excess(limit, model.theta, model.variances)
    assert bias.mean() == pytest.approx(theory.subspace_term(model, 2000), rel=0.08)
    x, y = _draw(rng, 200, 60, model)
    fitted = subspace_least_squares(x, y, basis)
    excess = quadratic_excess(fitted, model.theta, model.variances)
    slack = 4.5 * excess.std() / np.sqrt(200)
    assert abs(excess.mean() - theory.pretrained_excess(model, 2000, 60)) < slack


def test_the_subspace_costs_nothing_of_a_factor_that_the_answer_does_not_hang_on():
    alone = FactorModel(strengths=(4.0,), loading=2.0)
    beside = FactorModel(strengths=(4.0, 1.5), loading=(2.0, 0.0))
    assert beside.misalignment == alone.misalignment
    assert beside.residual == alone.residual


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loading": (1.0, 2.0)}, "loading=.*: give a number, or 5 of them"),
        ({"loading": (1.0, 2.0, 3.0, 4.0, np.nan)}, "loading=.*: give"),
        ({"strengths": (4.0, 0.0)}, "strengths=.*: give numbers above 0"),
        ({"strengths": ()}, "strengths=.*: give numbers above 0"),
        ({"dim": 5}, "dim=5: give a whole number, at least 6"),
        ({"noise": -1.0}, "noise=-1.0: give"),
    ],
)
def test_what_is_no_factor_model_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        FactorModel(**change)


def test_break_even_balances_both_risks():
    m = theory.break_even(MODEL, 500)
    assert theory.pretrained_excess(MODEL, m, 500) == pytest.approx(
        theory.supervised_excess(MODEL, 500)
    )


def test_too_few_labels_are_refused():
    with pytest.raises(ValueError, match="must exceed 21"):
        theory.supervised_excess(MODEL, 21)


def _enumerated_wrong_majority(n, clusters, agreement):
    wrong = 0.0
    for places in itertools.product((False, True), repeat=n):
        inside = sum(places)
        weight = (1 / clusters) ** inside * (1 - 1 / clusters) ** (n - inside)
        for votes in itertools.product((0, 1), repeat=inside):
            chance = agreement ** sum(votes) * (1 - agreement) ** (inside - sum(votes))
            balance = 2 * sum(votes) - inside
            wrong += weight * chance * (balance < 0) + weight * chance * (balance == 0) / 2
    return wrong


@pytest.mark.parametrize(("n", "clusters"), [(0, 3), (1, 3), (5, 2), (6, 4)])
def test_wrong_majority_by_enumeration(n, clusters):
    ours = theory.wrong_majority(n, clusters, 0.8)
    assert ours == pytest.approx(_enumerated_wrong_majority(n, clusters, 0.8))


def test_the_bound_at_a_known_point():
    assert theory.square_root_bound(100, 5, 2000, 500) == pytest.approx(0.5 + 0.1)
