"""The network by hand against one token at a time, differences for its gradient, and training."""

from __future__ import annotations

import math

import numpy as np
import pytest
from refutable.solvers.context_transformer import (
    Batch,
    Layout,
    cosine_rates,
    gaussian_loss,
    initial_parameters,
    predict,
    train,
)
from refutable.solvers.context_transformer.blocks import gelu
from scipy import special, stats

LAYOUT = Layout(features=2, width=6, layers=2, heads=3)
CONTEXT, QUERIES, ROWS = 4, 3, 5


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture
def sets() -> tuple[np.ndarray, Batch]:
    generator = rng(1)
    weights = initial_parameters(LAYOUT, generator)
    weights += 0.1 * generator.standard_normal(weights.shape)  # no bias is 0
    x = generator.random((ROWS, CONTEXT + QUERIES, 2))
    y, targets = generator.standard_normal((2, ROWS, CONTEXT))
    seen = np.arange(CONTEXT) < np.array([1, 2, 4, 0, 3])[:, None]
    return weights, Batch(x, y, targets[:, :QUERIES], seen)


def plain(flat: np.ndarray, x: np.ndarray, y: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Run the network on one data set, token by token and head by head."""
    w = LAYOUT.split(flat)
    tokens = [np.tanh(point @ w["x"] + w["x_bias"]) for point in x]
    for i, label in enumerate(y):
        tokens[i] = tokens[i] + label * w["y"][0] + w["y_bias"]

    def layer_norm(t: np.ndarray) -> np.ndarray:
        return (t - t.mean()) / math.sqrt(t.var() + 1e-5)

    def bend(a: np.ndarray) -> np.ndarray:
        return a * special.expit(1.702 * a)

    e = LAYOUT.width // LAYOUT.heads
    for block in range(LAYOUT.layers):
        b = {name: w[f"{block}.{name}"] for name in ("query", "key_value", "out", "up", "down")}
        normed = [layer_norm(t) for t in tokens]
        keys = [normed[i] @ b["key_value"][:, : LAYOUT.width] for i in range(CONTEXT) if seen[i]]
        values = [normed[i] @ b["key_value"][:, LAYOUT.width :] for i in range(CONTEXT) if seen[i]]
        after = []
        for token, u in zip(tokens, normed, strict=True):
            q, mixed = u @ b["query"], np.zeros(LAYOUT.width)
            for h in range(LAYOUT.heads if keys else 0):
                part = slice(h * e, (h + 1) * e)
                shares = special.softmax([q[part] @ k[part] / math.sqrt(e) for k in keys])
                mixed[part] = sum(s * v[part] for s, v in zip(shares, values, strict=True))
            after.append(token + mixed @ b["out"])
        tokens = [
            t
            + bend(layer_norm(t) @ b["up"] + w[f"{block}.up_bias"]) @ b["down"]
            + w[f"{block}.down_bias"]
            for t in after
        ]
    out = [
        bend(layer_norm(t) @ w["head"] + w["head_bias"]) @ w["last"] + w["last_bias"]
        for t in tokens[CONTEXT:]
    ]
    return np.array([(m, np.log1p(np.exp(s)) + 1e-3) for m, s in out])


def test_predictions_are_those_of_one_token_at_a_time(sets: tuple[np.ndarray, Batch]) -> None:
    weights, (x, y, _, seen) = sets
    found = predict(weights, LAYOUT, x, y, seen)
    for row in range(ROWS):
        wanted = plain(weights, x[row], y[row], seen[row])
        np.testing.assert_allclose(found.mean[row], wanted[:, 0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.deviation[row], wanted[:, 1], rtol=1e-10)


def test_the_loss_is_the_likelihood_of_the_predictions(sets: tuple[np.ndarray, Batch]) -> None:
    weights, (x, y, targets, seen) = sets
    found = predict(weights, LAYOUT, x, y, seen)
    wanted = -stats.norm.logpdf(targets, found.mean, found.deviation).mean()
    assert gaussian_loss(weights, LAYOUT, x, y, targets, seen)[0] == pytest.approx(wanted)


@pytest.mark.parametrize("name", LAYOUT.shapes)
def test_the_gradient_is_that_of_differences(sets: tuple[np.ndarray, Batch], name: str) -> None:
    weights, batch = sets
    _, gradient = gaussian_loss(weights, LAYOUT, *batch)
    direction = np.zeros_like(weights)
    LAYOUT.split(direction)[name][...] = rng(2).standard_normal(LAYOUT.shapes[name])
    step = 1e-5
    up, down = (
        gaussian_loss(weights + sign * step * direction, LAYOUT, *batch)[0] for sign in (1, -1)
    )
    assert gradient @ direction == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-8)


def test_what_is_not_visible_does_not_matter(sets: tuple[np.ndarray, Batch]) -> None:
    weights, (x, y, _, seen) = sets
    other_x, other_y = x.copy(), y.copy()
    other_x[:, :CONTEXT][~seen] += 3
    other_y[~seen] = 50
    base = predict(weights, LAYOUT, x, y, seen)
    other = predict(weights, LAYOUT, other_x, other_y, seen)
    np.testing.assert_array_equal(base.mean, other.mean)
    np.testing.assert_array_equal(base.deviation, other.deviation)


def test_single_precision_is_near(sets: tuple[np.ndarray, Batch]) -> None:
    weights, batch = sets
    loss, gradient = gaussian_loss(weights, LAYOUT, *batch)
    near, slope = gaussian_loss(weights, LAYOUT, *batch, single=True)
    assert near == pytest.approx(loss, rel=1e-4)
    np.testing.assert_allclose(slope, gradient, atol=2e-3 * np.abs(gradient).max())
    single = predict(weights, LAYOUT, batch.x, batch.y, batch.visible, single=True)
    double = predict(weights, LAYOUT, batch.x, batch.y, batch.visible)
    assert 0 < np.abs(single.mean - double.mean).max() < 1e-4


def test_gelu_stays_finite_far_out() -> None:
    with np.errstate(all="raise"):
        values, gates = gelu(np.array([-1e4, -30.0, 0.0, 1e4], dtype=np.float32))
    assert values[[2, 3]].tolist() == [0, 1e4]
    assert np.abs(values[:2]).max() < 1e-10
    assert gates[2] == 0.5


def sine(step: int) -> Batch:
    generator = rng(step)
    x = generator.random((16, CONTEXT + QUERIES, 2))
    y = generator.standard_normal((16, 1)) * np.ones(CONTEXT + QUERIES)
    return Batch(x, y[:, :CONTEXT], y[:, CONTEXT:], np.ones((16, CONTEXT), bool))


def test_training_learns_to_copy_and_keeps_what_is_asked_for() -> None:
    start = initial_parameters(LAYOUT, rng(3))
    kept = train(start, LAYOUT, sine, cosine_rates(150, 0.01), keep=(0, 40))
    assert sorted(kept) == [0, 40, 150]
    np.testing.assert_array_equal(kept[0], start)
    losses = {step: gaussian_loss(w, LAYOUT, *sine(9999))[0] for step, w in kept.items()}
    assert losses[150] < losses[40] < losses[0]
    assert losses[150] < 0.5  # without the context it is 1.42
    again = train(start, LAYOUT, sine, cosine_rates(150, 0.01)[:40])
    np.testing.assert_array_equal(again[40], kept[40])


def test_long_gradients_are_shortened_and_short_ones_are_not() -> None:
    start = initial_parameters(LAYOUT, rng(3))
    _, slope = gaussian_loss(start, LAYOUT, *sine(0), single=True)
    longest = float(np.linalg.norm(slope))
    # The floor of Adam's root is 1e-8: gradients of that size show how long they are.
    tiny = train(start, LAYOUT, sine, [0.1], clip=1e-8)[1] - start
    scaled = slope * 1e-8 / longest
    np.testing.assert_allclose(tiny, -0.1 * scaled / (np.abs(scaled) + 1e-8), atol=1e-12)
    free, loose = (train(start, LAYOUT, sine, [0.1], clip=c * longest)[1] for c in (1.0, 100.0))
    np.testing.assert_allclose(free, loose, atol=1e-12)


def test_rates_fall_along_half_a_cosine() -> None:
    np.testing.assert_allclose(cosine_rates(4, 2.0), [2, 1 + math.sqrt(0.5), 1, 1 - math.sqrt(0.5)])


def test_a_layout_counts_its_weights_and_starts_without_biases() -> None:
    d, f, wide = 6, 2, 12
    block = 4 * d * d + wide + 2 * d * wide + d
    assert LAYOUT.count == f * d + 3 * d + 2 * block + d * wide + wide + 2 * wide + 2
    weights = LAYOUT.split(initial_parameters(LAYOUT, rng(4)))
    assert not weights["0.up_bias"].any()
    assert weights["x_bias"].all()
    wider = Layout(1, 64, 1, 4)
    drawn = wider.split(initial_parameters(wider, rng(5)))
    assert drawn["0.down"].std() * math.sqrt(128) == pytest.approx(1, abs=0.05)
    with pytest.raises(ValueError, match="heads=5: give a divisor of the width, 6"):
        Layout(width=6, heads=5)


def test_inputs_without_a_query_are_refused(sets: tuple[np.ndarray, Batch]) -> None:
    weights, (x, y, _, seen) = sets
    with pytest.raises(ValueError, match=r"x has shape .*more than 4"):
        predict(weights, LAYOUT, x[:, :CONTEXT], y, seen)
