"""Two samplers of one law: all points drawn, or only sufficient statistics."""

import numpy as np
import pytest
from refutable.solvers.naive_bayes_augmentation import (
    augment_by_statistics,
    augment_literally,
    finite_test_noise,
)
from scipy.stats import ks_2samp
from sklearn.naive_bayes import GaussianNB

MEAN = np.ones(4) / 2


@pytest.mark.parametrize("ddof", [0, 1])
def test_both_samplers_have_one_law(ddof):
    rng = np.random.default_rng(ddof)
    literal = augment_literally(rng, 4000, 10, MEAN, (0, 1, 5), ddof)
    fast = augment_by_statistics(rng, 4000, 10, 4, (0, 1, 5), ddof)
    for name in ("train", "excess", "zero"):
        for a, b in zip(getattr(literal, name).T, getattr(fast, name).T, strict=True):
            assert ks_2samp(a, b).pvalue > 1e-4


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_control_variate_has_mean_zero_and_lowers_the_variance(ddof):
    drawn = augment_by_statistics(np.random.default_rng(3), 40_000, 10, 5, (0, 1, 50), ddof)
    error = drawn.zero.std(axis=0) / np.sqrt(40_000)
    assert (np.abs(drawn.zero.mean(axis=0)) < 5 * error).all()
    assert ((drawn.gap + drawn.zero).var(axis=0) < 0.6 * drawn.gap.var(axis=0)).all()


def _peer_gap(rng, m, gamma, centre, repeats):
    gaps = np.empty(repeats)
    y = np.repeat((1.0, -1.0), m // 2)
    for i in range(repeats):
        x = y[:, None] * centre + rng.standard_normal((m, centre.size))
        model = GaussianNB(var_smoothing=0.0).fit(x, y)
        spread = np.sqrt(model.var_.mean(axis=0))
        labels = np.repeat((-1.0, 1.0), gamma * m // 2)
        new = np.repeat(model.theta_, gamma * m // 2, axis=0)
        new = new + spread * rng.standard_normal(new.shape)
        points, all_y = np.concatenate((x, new)), np.concatenate((y, labels))
        theta = (points * all_y[:, None]).mean(axis=0)
        train = ((points - all_y[:, None] * theta) ** 2).sum(axis=1).mean() / 2
        gaps[i] = (centre.size + ((theta - centre) ** 2).sum()) / 2 - train
    return gaps


def test_maximum_likelihood_generator_is_naive_bayes_of_scikit_learn():
    rng = np.random.default_rng(4)
    peer = _peer_gap(rng, 10, 2, MEAN, 1000)
    ours = augment_by_statistics(rng, 20_000, 10, 4, (2,), ddof=0).gap[:, 0]
    assert ks_2samp(peer, ours).pvalue > 1e-4


def test_measured_test_loss_scatters_as_stated():
    rng = np.random.default_rng(5)
    theta = np.array([0.4, -0.3, 0.2])
    excess = np.full(2000, (theta**2).sum() / 2)
    points = rng.standard_normal((2000, 50, 3))
    literal = (((points - theta) ** 2).sum(axis=2) / 2).mean(axis=1) - 1.5 - excess
    drawn = finite_test_noise(rng, excess, 3, 50)
    assert drawn.std() == pytest.approx(literal.std(), rel=0.1)


RNG = np.random.default_rng(0)
BAD = [
    (lambda: augment_by_statistics(RNG, 5, 9, 2, (1,)), "even"),
    (lambda: augment_by_statistics(RNG, 5, 2, 2, (1,)), r"^m\b"),
    (lambda: augment_by_statistics(RNG, 5, 10, 0, (1,)), "dim"),
    (lambda: augment_by_statistics(RNG, 0, 10, 2, (1,)), "size"),
    (lambda: augment_by_statistics(RNG, 5, 10, 2, ()), "ratios is empty"),
    (lambda: augment_by_statistics(RNG, 5, 10, 2, (-1,)), "ratios"),
    (lambda: augment_by_statistics(RNG, 5, 10, 2, (1,), ddof=2), "ddof"),
    (lambda: augment_literally(RNG, 5, 10, np.ones((2, 2)), (1,)), r"^mean\b"),
    (lambda: augment_literally(RNG, 5, 10, [np.inf], (1,)), "NaN or inf"),
    (lambda: augment_literally(RNG, 5, 10, MEAN, (1,), sigma=0.0), "sigma"),
    (lambda: finite_test_noise(RNG, np.ones(3), 2, 0), "points"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
