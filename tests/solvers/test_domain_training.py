"""Training heads on a shared trunk: the gradient, and when domains decouple."""

from __future__ import annotations

import numpy as np
import pytest
from refutable.solvers import domain_training
from refutable.solvers.domain_training import (
    DomainData,
    DomainModel,
    domain_losses,
    train_jointly,
    train_separately,
)
from scipy.optimize import approx_fprime


def case(seed: int = 0, domains: int = 2, n: int = 20, width: int = 3) -> tuple:
    rng = np.random.default_rng(seed)
    data = DomainData(*rng.normal(size=(2, domains, n, width)))
    return DomainModel(
        rng.normal(size=(width, width)), rng.normal(size=(domains, width, width))
    ), data


def test_gradients() -> None:
    model, data = case()
    heads, trunk = domain_training._gradients(model.trunk, data, model.heads)

    def half_loss(flat: np.ndarray) -> float:
        moved = DomainModel(flat[:9].reshape(3, 3), flat[9:].reshape(2, 3, 3))
        return float(domain_losses(moved, data).sum() * 3 / 2)

    flat = np.concatenate([model.trunk.ravel(), model.heads.ravel()])
    numeric = approx_fprime(flat, half_loss)
    np.testing.assert_allclose(trunk.sum(axis=0).ravel(), numeric[:9], atol=1e-5)
    np.testing.assert_allclose(heads.ravel(), numeric[9:], atol=1e-5)


@pytest.mark.parametrize("trunk", [False, True])
def test_decoupling(trunk: bool) -> None:
    model, data = case()
    joint = train_jointly(model, data, 30, 0.05, trunk)
    alone = np.concatenate([m.heads for m in train_separately(model, data, 30, 0.05, trunk)])
    gap = np.abs(joint.heads - alone).max()
    assert bool(gap < 1e-12) is not trunk


def test_training_lowers_the_loss_and_leaves_the_start_alone() -> None:
    model, data = case(1)
    before = model.heads.copy()
    trained = train_jointly(model, data, 50, 0.05, True)
    assert (domain_losses(trained, data) < domain_losses(model, data)).all()
    np.testing.assert_array_equal(model.heads, before)


def test_random_routing_couples_domains() -> None:
    model, data = case(2)
    route = np.random.default_rng(3).integers(0, 2, (30, 2))
    mixed = train_jointly(model, data, 30, 0.05, route=route)
    alone = np.concatenate([m.heads for m in train_separately(model, data, 30, 0.05)])
    assert np.abs(mixed.heads - alone).max() > 0.01


def test_refusals() -> None:
    model, data = case()
    with pytest.raises(ValueError, match="rate"):
        train_jointly(model, data, rate=0.0)
    with pytest.raises(ValueError, match="targets"):
        DomainData(np.ones((1, 2, 3)), np.ones((1, 2, 2)))
