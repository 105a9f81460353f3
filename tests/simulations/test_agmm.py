"""The draws and outcomes behind the claims on scores, labels and stepwise EM, by other routes."""

import numpy as np
import pytest
import scipy
from refutable.simulations.mixtures.agmm import (
    _mixture,
    _online,
    _scores,
    confidence_trend,
    octile_accuracy,
    online_em,
    online_em_level,
    score_limit,
    score_spread,
)
from refutable.solvers.mixture_em import decaying_steps
from refutable.theory.mixtures import agmm as theory
from sklearn.mixture import GaussianMixture

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        ({}, np.exp(-2 * 0.49 / np.pi)),
        ({"distance": "root mean square"}, np.exp(-0.49)),
        ({"distance": "norm over channels"}, 1.0),
        ({"own_variance": True}, np.exp(-0.5)),
    ],
)
def test_every_distance_has_its_limit(change, limit):
    scores = _scores.own_scores(rng(), (200, 4096), 0.7, **change)
    assert scores.mean() == pytest.approx(limit, abs=0.003)


@pytest.mark.parametrize(
    ("law", "mean", "square", "correlation"),
    [
        (_scores.gaussian, np.sqrt(2 / np.pi), 1.0, 0.0),
        (_scores.laplace, np.sqrt(0.5), 1.0, 0.0),
        (_scores.about_the_mean_of_eight, np.sqrt(2.25 / np.pi), 1.125, 0.0),
        (_scores.common_part, np.sqrt(2 / np.pi), 1.0, 0.05),
    ],
)
def test_laws_of_features(law, mean, square, correlation):
    x = law(rng(1), (200_000, 2))
    assert np.abs(x).mean() == pytest.approx(mean, abs=0.005)
    assert (x**2).mean() == pytest.approx(square, rel=0.01)
    assert np.corrcoef(x.T)[0, 1] == pytest.approx(correlation, abs=0.01)


def test_scores_are_those_of_the_public_code():
    """Written as there: |feat - vec|, its mean over channels, exp(-abs * abs)."""
    cell = Cell({"channels": 16, "noise": 0.5})
    outcome = score_limit.one_score(cell, rng(2), 50)["score"]
    distance = np.abs(0.5 * rng(2).standard_normal((50, 16))).mean(1)
    np.testing.assert_allclose(outcome, np.exp(-(distance * distance)))


def test_deviations_are_those_of_single_scores():
    outcome = score_spread.deviation_ladder(Cell({"noise": 1.0}), rng(3), 40)["deviation"]
    for i, channels in enumerate(_scores.CHANNELS):
        found = np.sqrt((outcome[:, i] ** 2).mean())  # the sample variance has no bias
        assert found == pytest.approx(theory.score_deviation(channels, 1.0), rel=0.1)


@pytest.mark.parametrize("ratio", [0.9, 1.1])
def test_confidence_is_a_quantile_of_a_normal_distance(ratio):
    outcome = score_limit.confidence(Cell({"channels": 256, "ratio": ratio}), rng(4), 4000)
    deviation = np.sqrt((np.pi / 2 - 1) / 256)  # of the distance, in units of its mean
    chance = scipy.special.ndtr((1 / ratio - 1) / deviation)
    assert outcome["confident"].mean() == pytest.approx(chance, abs=0.01)


def test_pixels_have_their_weights_centres_and_deviations():
    weights, deviations = (0.12, 0.38, 0.5), (0.5, 1.0, 3.0)
    x, label = _mixture.pixels(rng(5), (1, 60_000), _mixture.centres(), deviations, weights)
    for k in range(3):
        own = x[label == k]
        assert (label == k).mean() == pytest.approx(weights[k], abs=0.01)
        np.testing.assert_allclose(own.mean(axis=0), _mixture.centres()[k], atol=0.08)
        np.testing.assert_allclose(own.std(axis=0), deviations[k], rtol=0.03)
    apart = np.linalg.norm(_mixture.centres()[0] - _mixture.centres()[1])
    assert apart == pytest.approx(_mixture.SEPARATION)


def test_trend_by_a_loop():
    cell = Cell({"pixels": 800, "deviations": "unequal"})
    outcome = confidence_trend.octile_trend(cell, rng(6), 3)
    x, label = _mixture.pixels(rng(6), (3, 800), _mixture.centres(), (0.5, 1.0, 3.0))
    for i in range(3):
        apart = scipy.spatial.distance.cdist(x[i], _mixture.centres())
        right = (apart.argmin(axis=1) == label[i])[np.argsort(apart.min(axis=1))]
        accuracy = [right[100 * o : 100 * (o + 1)].mean() for o in range(8)]
        rank = scipy.stats.spearmanr(accuracy, range(8)).statistic
        assert outcome["correlation"][i] == pytest.approx(rank)
        assert outcome["fall"][i] == pytest.approx(accuracy[0] - accuracy[7])


def test_an_accuracy_that_never_changes_has_no_trend():
    assert confidence_trend._rank_correlation(np.ones((1, 8))) == 0


@pytest.mark.parametrize(
    ("change", "low", "high"),
    [({"shuffled": True}, 0.25, 0.42), ({"elsewhere": True}, 0.9, 1.0), ({"channels": 64}, 0.9, 1)],
)
def test_broken_trends_have_no_fall_of_a_twentieth(change, low, high, monkeypatch):
    seen = []
    monkeypatch.setattr(
        confidence_trend, "by_octile", lambda r, d: seen.append(by_octile(r, d)) or seen[-1]
    )
    cell = Cell({"pixels": 16_000, "deviations": "equal"})
    outcome = confidence_trend.octile_trend(cell, rng(7), 2, **change)
    assert low < seen[0].mean() < high
    assert outcome["fall"].max() < 0.05


by_octile = confidence_trend.by_octile


@pytest.mark.parametrize("octile", [1, 7])
def test_octile_labels_are_as_often_right_as_in_the_law(octile):
    outcome = octile_accuracy.octile_label(Cell({"octile": octile}), rng(8), 20_000)["right"]
    law = octile_accuracy.law(4).octile_accuracy[octile - 1]
    assert outcome.shape == (20_000,)
    assert outcome.mean() == pytest.approx(law, abs=0.006)


def test_the_distance_to_the_own_centre_is_another_one():
    cell = Cell({"octile": 8})
    outcome = octile_accuracy.octile_label(cell, rng(9), 4000, true_centre=True)["right"]
    assert outcome.mean() == pytest.approx(0.835, abs=0.03)  # pixels far from home


def test_few_octiles_are_filled_by_drawing_again(monkeypatch):
    rare = [np.zeros(3, dtype=bool), np.ones(9, dtype=bool)]
    monkeypatch.setattr(octile_accuracy, "_octile_of_pixels", lambda *_: rare.pop(0))
    outcome = octile_accuracy.octile_label(Cell({"octile": 2}), rng(), 5)["right"]
    assert outcome.tolist() == [False, False, False, True, True]


def test_steps_of_the_law_are_differences():
    changes = [octile_accuracy.octile_step(Cell({"octile": o}))["change"] for o in range(1, 8)]
    law = octile_accuracy.law(4).octile_accuracy
    assert sum(changes) == pytest.approx(law[7] - law[0])
    assert changes[6] > 0.002
    assert octile_accuracy.octile_step(Cell({"octile": 7}), channels=5)["change"] < -0.002


def test_stepwise_em_as_written_in_a_loop():
    """The recursion of the sufficient statistics, written out for one replicate."""
    x, _ = _mixture.pixels(rng(10), (1, 500), _mixture.centres())
    start = _mixture.near_starts(rng(11), 1)
    mean, weight, variance = start.means[0], start.weights[0], 1.0
    s0, s1, square = weight, mean * weight[:, None], (mean**2).sum() / 3 + 4
    for t, part in enumerate(x[0].reshape(10, 50, 4)):
        logs = np.log(weight) - ((part[:, None] - mean) ** 2).sum(axis=-1) / (2 * variance)
        r, g = scipy.special.softmax(logs, axis=1), (t + 2) ** -0.6
        s0, s1 = (1 - g) * s0 + g * r.mean(axis=0), (1 - g) * s1 + g * r.T @ part / 50
        square = (1 - g) * square + g * (part**2).sum(axis=1).mean()
        mean, weight = s1 / s0[:, None], s0 / s0.sum()
        variance = (square - ((s1**2).sum(axis=1) / s0).sum()) / 4
    fitted = _online.one_pass(x, start)
    np.testing.assert_allclose(fitted.means[0], mean, atol=1e-4)  # the solver has a floor
    np.testing.assert_allclose(fitted.covariances[0], variance, atol=1e-4)


def test_batch_em_ends_where_scikit_learn_does():
    """Theirs has a variance for each class: near ours, since the classes have the same."""
    x, _ = _mixture.pixels(rng(12), (1, 4000), _mixture.centres())
    start = _mixture.near_starts(rng(13), 1)
    model = GaussianMixture(
        3, covariance_type="spherical", means_init=start.means[0], precisions_init=np.ones(3),
        weights_init=start.weights[0], tol=1e-8, max_iter=500,
    ).fit(x[0])  # fmt: skip
    np.testing.assert_allclose(online_em.many_rounds(x, start).means[0], model.means_, atol=0.02)


def test_the_ladder_takes_prefixes_of_one_pass(monkeypatch):
    monkeypatch.setattr(online_em, "LADDER", (100, 1000))
    outcome = online_em.error_ladder(Cell({"method": "stepwise"}), rng(14), 3)["error"]
    twin = rng(14)
    x, _ = _mixture.pixels(twin, (3, 1000), _mixture.centres())
    fitted = _online.one_pass(x[:, :100], _mixture.near_starts(twin, 3))
    error = np.sqrt(((fitted.means - _mixture.centres()) ** 2).reshape(3, -1).mean(axis=1))
    np.testing.assert_allclose(outcome[:, 0], error)
    assert outcome.shape == (3, 2)


def test_steps_and_what_they_violate():
    count = 100_000
    slow, fast = _online.slow_decay(count), _online.fast_decay(count)
    np.testing.assert_array_equal(slow, decaying_steps(count, 0.6))
    assert slow.sum() > 100 > 10 > (slow**2).sum()
    assert fast.sum() < 0.65  # pi^2 / 6 - 1
    assert (_online.constant(count) == 0.3).all()


def test_far_apart_classes_have_the_predicted_error():
    """A far-apart mixture knows its labels; its centres are weighted means of the batches."""
    count, size, far = 40, 400, 100.0
    twin = rng(15)
    x, _ = _mixture.pixels(twin, (size, 50 * count), _mixture.centres(corner=far))
    shift = _mixture.centres(corner=far) - _mixture.centres()
    start = _mixture.near_starts(twin, size)
    start = start.mapped(lambda part: part + shift if part.ndim == 3 else part)
    steps = np.full(count, 0.3)
    fitted = _online.one_pass(x, start, lambda _: steps)
    errors = ((fitted.means - _mixture.centres(corner=far)) ** 2).mean()
    assert errors == pytest.approx(theory.stepwise_error(steps, 50, (1 / 3,) * 3), rel=0.05)


def test_relative_errors_are_about_one():
    cell = Cell({"pixels": 2000, "steps": "constant 0.3"})
    outcome = online_em_level.final_error(cell, rng(16), 200)["relative_error"]
    assert np.median(outcome) == pytest.approx(online_em_level.typical(Cell({})), abs=0.12)
    smaller = online_em_level.final_error(cell, rng(16), 200, batch=25)["relative_error"]
    assert np.median(smaller) == pytest.approx(2 * online_em_level.typical(Cell({})), rel=0.15)
