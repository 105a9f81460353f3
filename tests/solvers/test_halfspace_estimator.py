"""The tester-learner as an estimator: verdicts, reasons, conventions, memory."""

import pickle
import tracemalloc

import numpy as np
import pytest
from refutable.solvers import halfspace as hs
from refutable.solvers.halfspace import Rejected, halfspace_labels, sample_marginal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict
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
    settings["on_reject"] = "raise"
    return hs.TesterLearner(**settings | changes, random_state=0)


@parametrize_with_checks(
    [hs.TesterLearner(), hs.TesterLearner(on_reject="predict", steps=10, sigma=0.5)]
)
@pytest.mark.filterwarnings("ignore::refutable.solvers.halfspace.RejectedWarning")
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


def test_a_rejection_survives_its_pickle():
    x, y = noisy("hypercube", 2000)
    model = learner().fit(x, y)
    with pytest.raises(Rejected) as caught:
        model.predict(x)
    back = pickle.loads(pickle.dumps(caught.value))
    assert str(back) == str(caught.value)
    assert back.certificate == caught.value.certificate


def test_scikit_learn_tools_take_it_with_its_defaults():
    x, y = noisy("gaussian", 3000)
    search = GridSearchCV(hs.TesterLearner(random_state=0), {"sigma": [0.1, 0.4]}, cv=2)
    with pytest.warns(hs.RejectedWarning, match="no guarantee holds"):
        search.fit(x, y)
    assert np.all(search.cv_results_["mean_test_score"] > 0.9)
    with pytest.raises(Rejected, match="points of this kind"):
        cross_val_predict(learner(epsilon=0.01), x, y, cv=2, n_jobs=2)


IDEAL = {"epsilon": 0.25, "noise_rate": 0.1, "sigma": 0.1, "batch": 4000, "steps": 40}


def ideal(n, seed=0):
    """Return points of N(0, I_4) with a tenth of the labels flipped."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 4))
    flip = rng.random(n) < 0.1
    return x, halfspace_labels(x, np.eye(4)[1]) * np.where(flip, -1, 1)


def test_a_rejection_says_how_many_points_would_be_enough():
    rejected = learner(**IDEAL).fit(*ideal(100_000))
    assert not rejected.accepted_
    wanted = int(rejected.points_wanted_)
    assert 150_000 < wanted < 400_000  # 150,000 are rejected, 200,000 accepted
    enough = learner(**IDEAL).fit(*ideal(wanted))
    assert enough.accepted_
    assert enough.points_wanted_ == wanted
    with pytest.raises(Rejected, match=r"About [\d,.e+]+ points of this kind would be enough"):
        rejected.predict(np.eye(4))


def test_a_rejection_says_that_no_number_would_do():
    x, y = noisy("hypercube", 4000)
    model = learner(epsilon=0.05).fit(x, y)
    assert model.points_wanted_ == np.inf
    with pytest.raises(Rejected, match="No number of points of this kind"):
        model.predict(x)
