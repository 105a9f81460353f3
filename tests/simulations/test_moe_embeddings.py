"""The experiments on embeddings: published files found or asked for, identities, losses."""

import numpy as np
import pandas as pd
import pytest
from refutable.simulations.experts.moe_embeddings import (
    _files,
    across_domains,
    contrastive_losses,
    copies,
    published_predictions,
)
from refutable.solvers.domain_training import (
    DomainData,
    domain_losses,
    train_jointly,
    train_separately,
)
from refutable.theory.experts import moe_embeddings as theory
from sklearn.metrics import precision_recall_curve

from refutable import Cell, NeedsData


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A made-up copy of the authors' results for one domain."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 400)
    for model, noise in (("moe", 1.0), ("own", 0.5), ("joint", 1.5)):
        place = tmp_path / "results" / "trained_models" / _files.place(model, "CANCER")
        place.parent.mkdir(parents=True)
        scores = 0.4 * labels + noise * 0.4 * rng.normal(size=400)
        table = pd.DataFrame({"prediction": scores, "label": labels})
        table.to_csv(place, index=False)
    monkeypatch.setenv(_files.VARIABLE, str(tmp_path))
    return tmp_path


def test_without_a_copy_it_says_how_to_get_one(monkeypatch, tmp_path):
    cell = Cell({"model": "moe", "domain": "CANCER"})
    for value in ("", str(tmp_path)):
        monkeypatch.setenv(_files.VARIABLE, value)
        with pytest.raises(NeedsData, match="Gleghorn-Lab"):
            published_predictions.published_f1(cell)


def test_missing_domain_is_named(copy):
    with pytest.raises(NeedsData, match="COPD_predictions"):
        _files.predictions("moe", "COPD")


def test_f1_of_a_copy(copy):
    scores, labels = _files.predictions("moe", "CANCER")
    assert np.abs(scores).max() <= 1
    precision, recall, _ = precision_recall_curve(labels, scores)
    f1 = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    found = published_predictions.published_f1(Cell({"model": "moe", "domain": "CANCER"}))
    assert found["f1"] == pytest.approx(f1)
    cell = Cell({"model": "moe", "domain": "CANCER"})
    shifted = published_predictions.published_f1(cell, shift=1)
    precision, recall, _ = precision_recall_curve(np.append(labels[-1], labels[:-1]), scores)
    f1 = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    assert shifted["f1"] == pytest.approx(f1)
    assert shifted["f1"] < found["f1"]


def test_files_of_a_model_elsewhere_are_found_by_what_it_was_trained_on(copy):
    folder = "se_domainHF_CVDHF_CVD"
    assert str(_files.place("CVD", "COPD")) == f"{folder}/{folder}_COPD_predictions.csv"
    assert _files.place("own", "CVD") == _files.place("CVD", "CVD")
    own, same = (_files.predictions(m, "CANCER")[0] for m in ("own", "CANCER"))
    np.testing.assert_array_equal(own, same)
    with pytest.raises(NeedsData, match="CVDHF_CVD_CANCER_predictions"):
        _files.predictions("CVD", "CANCER")


def test_the_mean_over_domains_hangs_on_every_weight():
    exact = across_domains.all_row(Cell({"model": "moe"}))["f1"]
    other = across_domains.all_row(Cell({"model": "moe"}), across_domains.ONE_FEWER)["f1"]
    # One pair less of 1734 at 0.7687 moves the mean by (0.8875 - 0.7687) / 46809.
    assert float(other - exact) == pytest.approx((0.88747 - 0.7687) / 46809, rel=1e-3)
    alike = across_domains.all_row(Cell({"model": "moe"}), across_domains.ALIKE)["f1"]
    assert float(alike) == pytest.approx(0.8504)


def test_leads():
    leads = {d: across_domains.lead(Cell({"domain": d})) for d in theory.DOMAINS}
    assert float(leads["CVD"]["lead"]) == pytest.approx(0.9527 - 0.8937)
    assert min(leads, key=lambda d: leads[d]["lead"]) == "CVD"
    assert float(leads["AUTOIMMUNE"]["lead_over_joint"]) == pytest.approx(0.8904 - 0.8845)


def test_resamples_of_a_copy(copy):
    cell = Cell({"domain": "CANCER"})
    columns = published_predictions.resampled(cell, np.random.default_rng(1), 50)
    assert columns["worse"].mean() > 0.9
    itself = published_predictions.resampled(cell, np.random.default_rng(1), 50, against="moe")
    assert not itself["worse"].any()


def test_decoupling_needs_a_frozen_trunk_and_enforced_routing():
    cell = Cell({})
    for broken in ({"train_trunk": True}, {"random_routing": True}):
        columns = copies.both_trainings(cell, np.random.default_rng(0), 1, **broken)
        assert columns["weight_gap"][0] > 1e-2
    whole = copies.both_trainings(cell, np.random.default_rng(0), 1)
    assert whole["weight_gap"][0] < 1e-12


def test_sharing_a_trunk_costs_something_with_these_targets():
    start, data = copies.domain_problem(np.random.default_rng(0))
    joint = train_jointly(start, data, copies.STEPS, copies.RATE, True)
    alone = train_separately(start, data, copies.STEPS, copies.RATE, True)
    together = domain_losses(joint, data)
    separate = [
        domain_losses(m, DomainData(data.inputs[k : k + 1], data.targets[k : k + 1]))[0]
        for k, m in enumerate(alone)
    ]
    assert together.mean() > np.mean(separate)


def test_upcycling():
    columns = copies.upcycling(Cell({}), np.random.default_rng(0), 3)
    assert columns["renormalised_gap"].max() < 1e-12
    assert columns["kept_mass_gap"].max() < 1e-12
    raw = copies.upcycling(Cell({}), np.random.default_rng(0), 3, renormalise=False)
    assert raw["renormalised_gap"].min() > 0.05
    unlike = copies.upcycling(Cell({}), np.random.default_rng(0), 3, spread=1e-3)
    for gaps in unlike.values():
        assert 1e-5 < gaps.min() < gaps.max() < 1e-2


@pytest.mark.parametrize(("dimension", "reached"), [(7, True), (4, False)])
def test_least_loss(dimension, reached):
    cell = Cell({"pairs": 8, "dimension": dimension})
    found = contrastive_losses.least_loss(cell, np.random.default_rng(0), 1)
    assert bool(found["above_bound"][0] < 1e-6) is reached
    assert found["above_bound"][0] > -1e-12
    assert found["simplex"][0] == pytest.approx(theory.mnr_lower_bound(8))


def test_right_angles_are_not_the_simplex():
    cell = Cell({"pairs": 8, "dimension": 7})
    found = contrastive_losses.least_loss(
        cell, np.random.default_rng(0), 1, contrastive_losses.orthonormal
    )
    assert found["simplex"][0] == pytest.approx(np.log1p(7 * np.exp(-1)))


def test_plus_loss_differs_without_normalisation():
    raw = contrastive_losses.plus_gap(
        Cell({"pairs": 32, "dimension": 3}), np.random.default_rng(0), 20, normalised=False
    )
    assert raw["gap"].min() > 1e-3
    assert 0.3 < raw["own_target"].mean() < 0.9
