"""A gradient of the transformer by hand, next to the products that it cannot do without."""

import numpy as np
import pytest
from refutable.solvers.context_transformer import Layout, gaussian_loss, initial_parameters

LAYOUT, ROWS, CONTEXT, QUERIES = Layout(1, 32, 3, 4), 32, 8, 8


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    x = rng.random((ROWS, CONTEXT + QUERIES, 1))
    y, targets = rng.standard_normal((2, ROWS, CONTEXT))
    return initial_parameters(LAYOUT, rng), x, y, targets, np.ones((ROWS, CONTEXT), bool)


def ours(weights, x, y, targets, visible):
    return gaussian_loss(weights, LAYOUT, x, y, targets, visible, single=True)[1]


def products(weights, x, y, targets, visible):
    """For every weight of two indices its product with tokens, and both of the way back."""
    tokens = ROWS * (CONTEXT + QUERIES)
    for shape in LAYOUT.shapes.values():
        if len(shape) == 2:
            left, right = np.ones((tokens, shape[0]), np.float32), np.ones(shape, np.float32)
            out = left @ right
            left.T @ out
            out @ right.T


@pytest.mark.benchmark(group="gradient of a transformer on 32 contexts")
def test_a_gradient_is_a_small_multiple_of_its_products(beside, batch):
    assert np.isfinite(ours(*batch)).all()
    assert beside("its products alone", ours, products, *batch) > 1 / 7  # 1 / 3.9 measured
