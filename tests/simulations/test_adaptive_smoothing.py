"""The smoothed worlds behind the claims, at sizes that take a moment."""

import numpy as np
import pytest
from refutable.simulations.learning.adaptive_smoothing import _worlds as worlds
from refutable.simulations.learning.adaptive_smoothing import margins as trial
from refutable.simulations.learning.adaptive_smoothing.certified_radii import radii
from refutable.simulations.learning.adaptive_smoothing.digits import digits_mixture
from refutable.theory.learning import adaptive_smoothing as theory

from refutable import Cell


@pytest.mark.parametrize("world", sorted(worlds.WORLDS))
def test_radii_are_ordered(world):
    cell = Cell({"world": world, "alpha": 0.76, "sigma": 0.5})
    found = radii(cell, np.random.default_rng(0), 2)
    assert found["smoothing_over_true"].max() < 1e-6
    assert found["direct_over_true"].max() < 1e-6
    assert found["ignoring_over_true"].min() > 0.1
    assert (found["direct_mean"] <= found["true_mean"]).all()


def test_swapped_weights_break_the_certificate():
    cell = Cell({"world": "intervals", "alpha": 0.24, "sigma": 0.5})
    found = radii(cell, np.random.default_rng(0), 2, swapped=True)
    assert found["smoothing_over_true"].min() > 0.1


def test_true_radius_by_a_fine_grid():
    """The mixture itself, with g certain of the runner-up, changes its answer just there."""
    cell = Cell({"world": "intervals", "alpha": 0.76, "sigma": 0.5})
    world = worlds.intervals(cell, np.random.default_rng(3), 1)
    h = world.along(np.zeros(1))[:, :, 0, 0]
    y = h.argmax(axis=-1)
    need = float(theory.margin_needed(0.76))
    radius = worlds.true_radius(world, y, need, 0.5)[0]
    point = int(np.argmax(np.where(radius < worlds.LONGEST * 0.5, radius, 0)))
    distances = np.linspace(0, radius[point] + 0.05, 4001)
    along = world.along(distances)[0, point]  # (2, 4001, K)
    others = np.delete(np.arange(along.shape[-1]), y[0, point])
    mixed = 0.76 * along[..., y[0, point], None] <= 0.24 + 0.76 * along[..., others]
    first = distances[mixed.any(axis=-1).any(axis=0)].min()
    step = distances[1]
    assert radius[point] - 1e-6 <= first <= radius[point] + step


def test_margins_move_the_trade_off():
    cell = Cell({"alpha": 0.7})
    good = trial.margins(cell, np.random.default_rng(0), 50)
    swapped = {"correct": trial.SMALLER, "wrong": trial.LARGER}
    bad = trial.margins(cell, np.random.default_rng(0), 50, **swapped)
    assert good["surplus"].mean() > 0.2 > -0.2 > bad["surplus"].mean()


def test_drawn_probabilities_have_their_margin():
    rng = np.random.default_rng(0)
    right, margin = rng.random((5, 7)) < 0.5, rng.random((5, 7))
    h = trial._probabilities(rng, right, margin)
    np.testing.assert_allclose(h.sum(axis=-1), 1)
    np.testing.assert_allclose((h[..., 0] - h[..., 1]) * np.where(right, 1, -1), margin)
    assert (h >= 0).all()
    assert (h[..., 2] <= np.minimum(h[..., 0], h[..., 1]) + 1e-12).all()


def test_digits_certificate_holds_and_alpha_matters():
    found = digits_mixture(Cell({"alpha": 0.76}), np.random.default_rng(0), 2)
    assert (found["flips"] == 0).all()
    assert (found["gain"] > 0).all()
    assert found["certified"].min() > 0.3


@pytest.mark.parametrize("laws", [((4, 2), (2, 4)), ((3, 3), (3, 3)), ((4, 2.25), (2.25, 4))])
@pytest.mark.parametrize("alpha", [0.55, 0.6, 0.76, 0.9])
def test_declared_variances_hold_for_every_law_of_the_margins(laws, alpha):
    correct, wrong = laws
    drawn = trial.margins(Cell({"alpha": alpha}), np.random.default_rng(4), 400, correct, wrong)
    for name in ("clean", "robust", "surplus"):
        squares = (drawn[name] - drawn[name].mean()) ** 2
        declared = getattr(trial, f"{name.upper()}_VARIANCE")
        assert squares.mean() <= declared + 5 * squares.std() / 20
    assert drawn["clean"].mean() > trial.RIGHT_CLEAN


def test_where_h_is_nowhere_surer_nothing_is_left_over():
    drawn = trial.margins(Cell({"alpha": 0.6}), np.random.default_rng(5), 400, (3, 3), (3, 3))
    assert abs(drawn["surplus"].mean()) < 5 * drawn["surplus"].std() / 20


def test_a_certificate_for_another_alpha_or_sigma_fails():
    cell, rng = Cell({"world": "intervals", "alpha": 0.76, "sigma": 0.5}), np.random.default_rng(6)
    assert radii(cell, rng, 10, stretch=1.05)["direct_over_true"].max() > 0.01
    assert radii(cell, rng, 10, solved_for=0.6)["smoothing_over_direct"].max() > 0.01
    found = digits_mixture(Cell({"alpha": 0.76}), np.random.default_rng(0), 5, certified_for=0.85)
    assert found["flips"].sum() > 0
