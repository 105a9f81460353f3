"""The tester-learner as an estimator: verdicts, reasons, conventions, memory."""

import tracemalloc

import numpy as np
import pytest
from refutable.solvers import halfspace as hs
from refutable.solvers.halfspace import Rejected, halfspace_labels, sample_marginal
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

W_STAR = np.array([0.0, 0.6, 0.8])


def noisy(marginal: str, n: int = 60_000, eta: float = 0.05, seed: int = 0):
    rng = np.random.default_rng(seed)
    x = sample_marginal(marginal, rng, n, W_STAR)
    flip = rng.random(n) < eta
    return x, halfspace_labels(x, W_STAR) * np.where(flip, -1, 1)


def learner(**changes) -> hs.TesterLearner:
    settings = {"epsilon": 0.45, "noise_rate": 0.05, "sigma": 0.15, "batch": 4000, "steps": 40}
    return hs.TesterLearner(**settings | changes, random_state=0)


@parametrize_with_checks(
    [hs.TesterLearner(on_reject="predict", steps=10, sigma=0.5, random_state=0)]
)
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


def test_accepts_a_gaussian_and_predicts():
    x, y = noisy("gaussian")
    model = learner().fit(x, y)
    assert model.accepted_
    assert "at most epsilon" in model.reason_
    assert (model.predict(x) != halfspace_labels(x, W_STAR)).mean() < 0.01
    assert model.score(x, y) > 0.94
    assert model.coef_.shape == (1, 3)


@pytest.mark.parametrize(
    ("marginal", "reason"),
    [
        ("hypercube", "empty band|no angle certificate|above epsilon"),
        ("clusters", "empty band|no angle certificate|above epsilon"),
        ("far_wedge", "above epsilon|no angle"),
    ],
)
def test_rejects_with_a_reason(marginal, reason):
    x, y = noisy(marginal)
    model = learner(epsilon=0.2).fit(x, y)
    assert not model.accepted_
    with pytest.raises(Rejected, match=reason) as caught:
        model.predict(x)
    assert caught.value.certificate.excess > 0.2


def test_predicts_after_a_rejection_if_asked():
    x, y = noisy("hypercube", 2000)
    model = learner(on_reject="predict").fit(x, y)
    assert not model.accepted_
    assert set(model.predict(x)) <= {-1.0, 1.0}


def test_classes_may_be_words():
    x, y = noisy("gaussian", 20_000)
    words = np.where(y > 0, "yes", "no")
    model = learner(on_reject="predict").fit(x, words)
    numbers = learner(on_reject="predict").fit(x, y)
    assert model.classes_.tolist() == ["no", "yes"]
    assert (model.predict(x) == np.where(numbers.predict(x) > 0, "yes", "no")).all()


def test_conventions():
    x, y = noisy("gaussian", 8000)
    model = learner(on_reject="predict")
    fitted = clone(model).fit(x, y)
    assert fitted.get_params() == model.get_params()
    assert fitted.n_features_in_ == 3
    np.testing.assert_array_equal(clone(model).fit(x, y).coef_, fitted.coef_)
    pipeline = make_pipeline(FunctionTransformer(), clone(model)).fit(x, y)
    np.testing.assert_array_equal(pipeline.predict(x), fitted.predict(x))
    with pytest.raises(ValueError, match="3 features"):
        fitted.predict(x[:, :2])


X, Y = noisy("gaussian", 400)
BAD = {
    "one class": (learner(), X, np.ones(400), "exactly two classes"),
    "three classes": (learner(), X, np.arange(400) % 3, "exactly two classes"),
    "nan": (learner(), np.where(X > 2, np.nan, X), Y, "NaN"),
    "shapes": (learner(), X, Y[:10], "inconsistent"),
    "one feature": (learner(), X[:, :1], Y, "minimum of 2"),
    "flat": (learner(), X[:, 0], Y, "2D"),
    "real targets": (learner(), X, X[:, 0], "continuous"),
    "noise rate": (learner(noise_rate=0.5), X, Y, "noise_rate"),
    "negative noise": (learner(noise_rate=-0.1), X, Y, "noise_rate"),
    "epsilon": (learner(epsilon=1.0), X, Y, "epsilon"),
    "sigma": (learner(sigma=0), X, Y, "sigma"),
    "delta": (learner(delta=0), X, Y, "delta"),
    "start": (learner(start=[1, 1, 0]), X, Y, r"^start\b"),
    "on_reject": (learner(on_reject="shrug"), X, Y, "on_reject"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named(name):
    model, x, y, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        model.fit(x, y)


@pytest.mark.slow
def test_a_million_points_fit_in_two_gigabytes():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1_000_000, 10))
    y = halfspace_labels(x, np.eye(10)[3]) * np.where(rng.random(len(x)) < 0.1, -1, 1)
    tracemalloc.start()
    try:
        model = hs.TesterLearner(0.25, 0.1, 0.1, random_state=0).fit(x, y)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert model.accepted_
    assert peak + x.nbytes + y.nbytes < 2e9
