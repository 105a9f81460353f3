"""The tester-learner for halfspaces as a scikit-learn estimator whose `fit` accepts or rejects."""

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import Floats, below, inside, one_of, positive
from refutable.solvers.halfspace.noise import halfspace_labels
from refutable.solvers.halfspace.sample_size import times_as_many
from refutable.solvers.halfspace.sphere_sgd import Schedule, learn_direction
from refutable.solvers.halfspace.verdict import Rejected, RejectedWarning, certify, rejection
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class TesterLearner(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Tester-learner for origin-centred halfspaces under Massart noise.

    The explicit-constant variant of Algorithm 1 of Gollakota, Klivans, Stavropoulos and Vasilyan
    (2024): learn a direction on one half of the sample by projected SGD on the sphere, certify it
    on the other half, and accept only if the excess error over the best halfspace is certified to
    be at most `epsilon` on that half, whatever the marginal.

    Parameters
    ----------
    epsilon : float
        Accepted excess error, in (0, 1).
    noise_rate : float
        Massart rate: every label is flipped with a probability of at most this, in [0, 1/2). A
        promise about the labels that no sample can confirm; only the marginal is tested.
    sigma : float
        Target bandwidth, positive; about ``epsilon (1 - 2 noise_rate) / 2``.
    delta : float
        Probability that the label noise breaks the certificate, in (0, 1).
    widest : float
        First bandwidth of the learner; halved down to `sigma`.
    steps, batch, polish : int
        Steps per bandwidth, rows of a batch, full-sample steps at the end.
    start : array_like, shape (d,), optional
        Unit vector from which the learner sets out, the first axis if omitted.
    on_reject : {"warn", "raise", "predict"}
        What `predict` does after a rejection: predict with a `RejectedWarning`, raise `Rejected`,
        or predict in silence.
    random_state : int, RandomState instance or None
        Splits the sample and draws the batches.

    Attributes
    ----------
    accepted_ : bool
        The verdict.
    reason_ : str
        Why.
    points_wanted_ : float
        About how many points a sample of this kind would need: `n` if it is,
        infinity if no number would do.
    certificate_ : Certificate
        Moments, angle and excess on the held-out half.
    coef_ : ndarray, shape (1, d)
        The certified unit direction.
    candidates_ : ndarray, shape (c, d)
        Start, end of every bandwidth, polished end.
    classes_ : ndarray, shape (2,)
        The two classes; the second is the positive side.
    n_features_in_ : int
        d.
    """

    def __init__(
        self,
        epsilon: float = 0.25,
        noise_rate: float = 0.1,
        sigma: float = 0.1,
        *,
        delta: float = 0.01,
        widest: float = 2.0,
        steps: int = 80,
        batch: int = 20_000,
        polish: int = 30,
        start: ArrayLike | None = None,
        on_reject: str = "warn",
        random_state: Any = None,
    ) -> None:
        self.epsilon = epsilon
        self.noise_rate = noise_rate
        self.sigma = sigma
        self.delta = delta
        self.widest = widest
        self.steps = steps
        self.batch = batch
        self.polish = polish
        self.start = start
        self.on_reject = on_reject
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn on one half, certify on the other, and record the verdict.

        Parameters
        ----------
        X : array_like, shape (n, d)
            Points, ``n >= 4`` and ``d >= 2``.
        y : array_like, shape (n,)
            Labels of exactly two classes.

        Returns
        -------
        TesterLearner
            Itself; see `accepted_`, `reason_` and `certificate_`.

        Raises
        ------
        ValueError
            For bad shapes, NaN, one class only or more than two, or parameters out of range.
        """
        self._check_parameters()
        array, labels = self._check_data(X, y)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        learn, test = np.array_split(rng.permutation(len(array)), 2)
        x, signs = array.take(learn, axis=0), labels.take(learn)
        schedule = Schedule(self.sigma, self.widest, self.steps, self.batch, self.polish)
        path = learn_direction(x, signs, schedule, rng, self.start)
        w = _better_sign(x, signs, path.end)
        self.candidates_ = path.candidates
        self.coef_ = w[None, :]
        held_out, asked = array.take(test, axis=0), self._asked()
        self.certificate_ = certify(held_out, labels.take(test), w, sigma=self.sigma, **asked)
        self.accepted_ = self.certificate_.accepted
        self.reason_ = self.certificate_.reason
        times = 1.0
        if not self.accepted_:
            times = times_as_many(held_out, w, self.certificate_.moments, **asked)
        self.points_wanted_ = len(array) * times
        return self

    def _asked(self) -> dict[str, float]:
        return {"eta": self.noise_rate, "epsilon": self.epsilon, "delta": self.delta}

    def _wanted(self) -> str:
        """Return in a sentence how many points it would take."""
        if not np.isfinite(self.points_wanted_):
            return "No number of points of this kind would be enough."
        return f"About {self.points_wanted_:,.2g} points of this kind would be enough."

    def decision_function(self, X: ArrayLike) -> Floats:
        """Signed distances ``<w, x>``, shape (n,).

        Parameters
        ----------
        X : array_like, shape (n, d)
            Points.

        Returns
        -------
        ndarray, shape (n,)
            Positive on the side of ``classes_[1]``.

        Raises
        ------
        Rejected
            If the sample was rejected and ``on_reject`` is "raise".
        """
        check_is_fitted(self)
        if not self.accepted_ and self.on_reject == "raise":
            raise Rejected(self.certificate_, self._wanted())
        if not self.accepted_ and self.on_reject == "warn":
            told = rejection(self.certificate_, self._wanted())
            warnings.warn(told, RejectedWarning, stacklevel=2)
        return np.asarray(validate_data(self, X, dtype=float, reset=False) @ self.coef_[0])

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Predicted classes, shape (n,); a point on the boundary goes to ``classes_[1]``.

        Parameters
        ----------
        X : array_like, shape (n, d)
            Points.

        Returns
        -------
        ndarray, shape (n,)
            Members of ``classes_``.

        Raises
        ------
        Rejected
            If the sample was rejected and ``on_reject`` is "raise".
        """
        positive_side = self.decision_function(X) >= 0
        return np.asarray(self.classes_[positive_side.astype(int)])

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that there are two classes."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _check_parameters(self) -> None:
        inside("epsilon", self.epsilon, 0, 1)
        below("noise_rate", self.noise_rate, 0, 0.5)
        positive("sigma", self.sigma)
        inside("delta", self.delta, 0, 1)
        one_of("on_reject", self.on_reject, ("warn", "raise", "predict"))

    def _check_data(self, X: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        array, target = validate_data(
            self, X, y, dtype=float, order="C", ensure_min_samples=4, ensure_min_features=2
        )
        check_classification_targets(target)
        self.classes_ = np.unique(target)
        if len(self.classes_) > 2:
            raise ValueError(
                "Only binary classification is supported: y must hold exactly two classes, "
                f"got {len(self.classes_)}"
            )
        if len(self.classes_) < 2:
            raise ValueError("y must hold exactly two classes, got one class only")
        return array, np.where(target == self.classes_[1], 1.0, -1.0)


def _better_sign(x: Floats, y: Floats, w: Floats) -> Floats:
    """Return w or -w, whichever errs less on the sample."""
    return w if (halfspace_labels(x, w) == y).mean() >= 0.5 else -w
