"""EM for Gaussian mixtures against scikit-learn, SciPy's densities, and loops over components."""

import numpy as np
import pytest
import scipy.stats
from refutable.solvers import mixture_em as em
from refutable.solvers.mixture_em import Mixture, Rule, Status
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

KINDS = ("full", "diag", "spherical", "tied")
CENTRES = np.array([[3.0, 0, 0], [0, 3, 0], [0, 0, 3]])


def data(rows, n, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    scale = np.array([[1.0, 0.5, 2.0], [0.7, 1.0, 1.0], [1.5, 1.0, 0.4]])
    label = rng.integers(0, 3, (rows, n))
    return CENTRES[label] + scale[label] * rng.standard_normal((rows, n, 3)) + shift


def starts(x, count, kind, seed=1, k=3):
    centres = em.kmeans_plus_plus(np.random.default_rng(seed), x, k, count)
    return em.mixture_at(x, centres, kind)


def precisions(kind, covariances):
    return np.linalg.inv(covariances) if kind in ("full", "tied") else 1 / covariances


def peer(x, start, at, **options):
    part = start[at]
    model = GaussianMixture(
        part.k,
        covariance_type=part.kind,
        weights_init=part.weights,
        means_init=part.means,
        precisions_init=precisions(part.kind, part.covariances),
        **options,
    )
    return model.fit(x)


@pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")
@pytest.mark.parametrize("floor", [1e-6, 0.3])
@pytest.mark.parametrize("iterations", [1, 25])
@pytest.mark.parametrize("kind", KINDS)
def test_same_start_same_likelihood_as_scikit_learn(kind, iterations, floor):
    x = data(2, 300)
    start = starts(x, 2, kind)
    ours = em.fit(x, start, rule=Rule(0.0, iterations), floor=floor)
    for at in np.ndindex(2, 2):
        theirs = peer(x[at[0]], start, at, tol=0.0, max_iter=iterations, reg_covar=floor)
        mine = ours.mixture[at]
        assert abs(ours.log_likelihood[at] - 300 * theirs.score(x[at[0]])) < 1e-9 * 300
        np.testing.assert_allclose(mine.weights, theirs.weights_, atol=1e-9)
        np.testing.assert_allclose(mine.means, theirs.means_, atol=1e-9)
        np.testing.assert_allclose(mine.covariances, theirs.covariances_, atol=1e-9)
        found = em.responsibilities(mine, x[at[0]])
        np.testing.assert_allclose(found, theirs.predict_proba(x[at[0]]), atol=1e-9)
        np.testing.assert_allclose(ours.bic[at], theirs.bic(x[at[0]]), rtol=1e-10)
        np.testing.assert_allclose(ours.aic[at], theirs.aic(x[at[0]]), rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_same_stop_as_scikit_learn(kind):
    x = data(1, 400, 3)
    start = starts(x, 1, kind)
    ours = em.fit(x, start, rule=Rule(1e-4, 500))
    theirs = peer(x[0], start, (0, 0), tol=1e-4, max_iter=500)
    assert ours.status[0, 0] == Status.CONVERGED
    # theirs compares the value before an M-step with the one before that, ours those around it
    assert theirs.n_iter_ - ours.iterations[0, 0] == 1


@pytest.mark.parametrize("kind", [*KINDS, "tied_spherical"])
def test_likelihood_never_falls_without_a_floor_and_ends_at_a_fixed_point(kind):
    x = data(2, 200, 4)
    start = starts(x, 2, kind)
    path = [em.fit(x, start, rule=Rule(0.0, t), floor=0.0).log_likelihood for t in range(1, 12)]
    assert (np.diff(path, axis=0) >= -1e-9).all()
    assert (path[-1] > path[0] + 1).any()
    done = em.fit(x, start, rule=Rule(1e-13, 5000), floor=0.0)
    again = em.fit(x, done.mixture, rule=Rule(0.0, 1), floor=0.0)
    assert (done.status == Status.CONVERGED).all()
    np.testing.assert_allclose(again.mixture.means, done.mixture.means, atol=1e-4)


def test_one_common_variance_is_the_mean_of_the_tied_covariance():
    x = data(1, 300, 5)
    start = starts(x, 1, "tied_spherical")
    same = Mixture(
        start.weights, start.means, np.eye(3) * start.covariances[..., None, None], "tied"
    )
    one = em.fit(x, start, rule=Rule(0.0, 1), floor=0.1)
    tied = em.fit(x, same, rule=Rule(0.0, 1), floor=0.1)
    trace = np.trace(tied.mixture.covariances, axis1=-2, axis2=-1)
    np.testing.assert_allclose(one.mixture.covariances, trace / 3, rtol=1e-12)
    np.testing.assert_allclose(one.mixture.means, tied.mixture.means, rtol=1e-12)


@pytest.mark.parametrize("hard", [False, True])
def test_a_batch_is_its_fits_one_by_one(hard):
    x = data(3, 150, 6)
    start = starts(x, 2, "full")
    together = em.fit(x, start, hard=hard)
    for at in np.ndindex(3, 2):
        alone = em.fit(x[at[0]], start[at], hard=hard)
        assert alone.log_likelihood[0] == together.log_likelihood[at]
        assert alone.iterations[0] == together.iterations[at]


@pytest.mark.parametrize("n", [255, 256, 257, 600])
@pytest.mark.parametrize("kind", ["full", "diag"])
def test_blocks_of_observations_meet(kind, n):
    x = data(1, n, 7)
    fitted = em.fit(x, starts(x, 1, kind), rule=Rule(0.0, 3))
    expected = em.log_density(fitted.mixture[0, 0], x[0]).sum()
    np.testing.assert_allclose(fitted.log_likelihood[0, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("kind", [*KINDS, "tied_spherical"])
def test_whole_weights_are_repeated_observations(kind, hard):
    x = data(1, 120, 8)
    weight = np.random.default_rng(9).integers(0, 4, 120)
    start = starts(x, 2, kind)
    weighted = em.fit(x, start, sample_weight=weight, hard=hard, rule=Rule(0.0, 9))
    repeated = em.fit(np.repeat(x[0], weight, axis=0), start, hard=hard, rule=Rule(0.0, 9))
    np.testing.assert_allclose(weighted.log_likelihood, repeated.log_likelihood, rtol=1e-11)
    np.testing.assert_allclose(weighted.objective, repeated.objective, rtol=1e-11)
    np.testing.assert_allclose(weighted.mixture.means, repeated.mixture.means, atol=1e-9)
    np.testing.assert_allclose(weighted.bic, repeated.bic, rtol=1e-11)


def test_a_far_origin_changes_nothing():
    near, far = data(1, 300, 10), data(1, 300, 10, shift=1e6)
    start = starts(near, 1, "full")
    moved = Mixture(start.weights, start.means + 1e6, start.covariances)
    a = em.fit(near, start, rule=Rule(0.0, 20)).log_likelihood
    b = em.fit(far, moved, rule=Rule(0.0, 20)).log_likelihood
    np.testing.assert_allclose(a, b, rtol=1e-8)  # the data themselves are rounded to 1e-10


def classification_em(x, mixture, rounds):
    """Hard EM in a loop over components, with the densities of SciPy."""
    weights, means, spread = mixture.weights, mixture.means, mixture.covariances
    values = []
    for _ in range(rounds + 1):
        joint = np.stack(
            [
                np.log(w) + scipy.stats.multivariate_normal(m, c).logpdf(x)
                for w, m, c in zip(weights, means, spread, strict=True)
            ]
        )
        values.append(joint.max(axis=0).sum())
        groups = [x[joint.argmax(axis=0) == i] for i in range(len(weights))]
        weights = [len(g) / len(x) for g in groups]
        means = [g.mean(axis=0) for g in groups]
        spread = [np.cov(g.T, bias=True) for g in groups]
    return values


def test_hard_em_is_classification_em():
    x = data(1, 300, 11)
    start = starts(x, 1, "full")
    expected = classification_em(x[0], start[0, 0], 6)
    found = [
        em.fit(x, start, hard=True, floor=0.0, rule=Rule(0.0, t)).objective[0, 0]
        for t in range(1, 7)
    ]
    np.testing.assert_allclose(found, expected[1:], rtol=1e-11)
    assert (np.diff(found) >= -1e-9).all()
    done = em.fit(x, start, hard=True, floor=0.0)
    assert done.status[0, 0] == Status.CONVERGED
    assert done.objective[0, 0] < done.log_likelihood[0, 0]
    soft = em.log_density(done.mixture[0, 0], x[0]).sum()
    np.testing.assert_allclose(done.log_likelihood[0, 0], soft, rtol=1e-12)


def test_statuses():
    x = data(1, 200, 12)
    start = starts(x, 1, "full")
    assert em.fit(x, start, rule=Rule(0.0, 2)).status[0, 0] == Status.UNFINISHED
    spike = np.array(x)
    spike[0, :20] = 50.0  # twenty equal points: a component shrinks on them
    centres = np.array([[[[0.0, 0, 0], [50, 50, 50]]]])
    near = em.mixture_at(spike, centres)
    assert em.fit(spike, near).status[0, 0] == Status.COLLAPSED
    assert em.fit(spike, near, floor=0.0).status[0, 0] in (Status.COLLAPSED, Status.DIVERGED)
    singular = Mixture(start.weights, start.means, 0 * start.covariances)
    assert em.fit(x, singular).status[0, 0] == Status.DIVERGED
    assert np.isnan(em.fit(x, singular).log_likelihood[0, 0])
    lost = em.fit_stepwise(x, singular, batch=100, steps=[1.0, 1.0], floor=0.0)
    assert lost.status[0, 0] == Status.DIVERGED
    away = em.mixture_at(x, np.array([[[[0.0, 0, 0], [1e4, 0, 0]]]]))
    assert em.fit(x, away).status[0, 0] == Status.EMPTY
    assert em.fit(x, away).mixture.means[0, 0, 1, 0] == 1e4
    once = em.fit_stepwise(x, away, batch=100, steps=[1.0, 1.0])
    assert once.status[0, 0] == Status.EMPTY
    assert once.mixture.means[0, 0, 1, 0] == 1e4
    steps = em.decaying_steps(4, 0.6)
    assert em.fit_stepwise(x, start, batch=50, steps=steps).status[0, 0] == Status.PASSED


def test_the_best_start_is_no_nan():
    x = data(1, 60, 13)
    start = starts(x, 3, "full", k=2)
    spread = np.array(start.covariances)
    spread[0, 0] = 0.0
    parts = (start.weights, start.means, spread)
    fitted = em.fit(x, Mixture(*parts), floor=0.0, rule=Rule(0.0, 3))
    assert np.isnan(fitted.objective[0, 0])
    assert fitted.best().objective[0] == np.nanmax(fitted.objective)
    assert fitted.best().mixture.batch == (1,)


# Stepwise EM


def stepwise(x, mixture, batch, gammas, floor):
    """The recursion as it is written down, for spherical components with one variance."""
    d, k = x.shape[1], mixture.k
    pi, mu, v = mixture.weights, mixture.means, float(mixture.covariances)
    s0, s1 = pi, pi[:, None] * mu
    sq = (s0 * (mu**2).sum(axis=1)).sum() + d * v
    for t, g in enumerate(gammas):
        part = x[t * batch : (t + 1) * batch]
        log = np.log(pi) - cdist(part, mu, "sqeuclidean") / (2 * v)
        r = np.exp(log - log.max(axis=1, keepdims=True))
        r /= r.sum(axis=1, keepdims=True)
        s0 = (1 - g) * s0 + g * r.mean(axis=0)
        s1 = (1 - g) * s1 + g * r.T @ part / len(part)
        sq = (1 - g) * sq + g * (part**2).sum(axis=1).mean()
        mu, pi = s1 / s0[:, None], s0 / s0.sum()
        v = (sq - ((s1**2).sum(axis=1) / s0).sum()) / d + floor
    assert mu.shape == (k, d)
    return pi, mu, v


def test_stepwise_em_is_the_recursion_of_cappe_and_moulines():
    x = data(2, 510, 14)  # the last batch is a smaller one
    start = starts(x, 2, "tied_spherical")
    gammas = em.decaying_steps(11, 0.6)
    found = em.fit_stepwise(x, start, batch=50, steps=gammas, floor=1e-3)
    for at in np.ndindex(2, 2):
        pi, mu, v = stepwise(x[at[0]], start[at], 50, gammas, 1e-3)
        np.testing.assert_allclose(found.mixture.weights[at], pi, rtol=1e-9)
        np.testing.assert_allclose(found.mixture.means[at], mu, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(found.mixture.covariances[at], v, rtol=1e-9)
        total = em.log_density(found.mixture[at], x[at[0]]).sum()
        np.testing.assert_allclose(found.log_likelihood[at], total, rtol=1e-12)


@pytest.mark.parametrize("kind", [*KINDS, "tied_spherical"])
def test_one_whole_batch_with_step_one_is_one_iteration_of_em(kind):
    x = data(2, 130, 15, shift=100.0)
    start = starts(x, 2, kind)
    weight = np.random.default_rng(16).random(130)
    step = em.fit_stepwise(x, start, batch=130, steps=[1.0], sample_weight=weight)
    whole = em.fit(x, start, rule=Rule(0.0, 1), sample_weight=weight)
    np.testing.assert_allclose(step.log_likelihood, whole.log_likelihood, rtol=1e-9)
    np.testing.assert_allclose(step.mixture.covariances, whole.mixture.covariances, rtol=1e-7)


@pytest.mark.parametrize("kind", [*KINDS, "tied_spherical"])
def test_steps_of_zero_leave_the_start(kind):
    x = data(1, 100, 17)
    start = starts(x, 1, kind)
    still = em.fit_stepwise(x, start, batch=25, steps=np.zeros(4), floor=0.0)
    np.testing.assert_allclose(still.mixture.means, start.means, rtol=1e-9)
    np.testing.assert_allclose(still.mixture.covariances, start.covariances, rtol=1e-9, atol=1e-9)


def test_decaying_steps():
    np.testing.assert_allclose(em.decaying_steps(3, 0.5, 4.0), [4**-0.5, 5**-0.5, 6**-0.5])


# Densities and draws


@pytest.mark.parametrize("kind", [*KINDS, "tied_spherical"])
def test_densities_are_those_of_scipy(kind):
    x = data(1, 20, 18)
    mixture = em.fit(data(1, 90, 19), starts(data(1, 90, 19), 1, kind), rule=Rule(0.0, 2)).mixture
    one = mixture[0, 0]
    spread = one.expanded()
    full = spread if kind in ("full", "tied") else spread[:, :, None] * np.eye(3)
    terms = [
        w * scipy.stats.multivariate_normal(m, c).pdf(x[0])
        for w, m, c in zip(one.weights, one.means, full, strict=True)
    ]
    np.testing.assert_allclose(np.exp(em.log_density(one, x[0])), np.sum(terms, axis=0))
    np.testing.assert_allclose(np.exp(em.log_joint(one, x[0])).T, terms)
    np.testing.assert_allclose(em.responsibilities(one, x[0]).T, terms / np.sum(terms, axis=0))


@pytest.mark.parametrize("kind", ["full", "diag"])
def test_draws_have_the_moments_of_their_component(kind):
    root = np.array([[[1.0, 0], [0.5, 0.7]], [[0.2, 0], [-0.3, 1.5]]])
    spread = root @ np.swapaxes(root, 1, 2)
    spread = spread if kind == "full" else np.einsum("kpp->kp", spread)
    mixture = Mixture(np.array([0.3, 0.7]), np.array([[1.0, 2], [-3, 0]]), spread, kind)
    x, label = em.sample(np.random.default_rng(20), mixture, 20_000, 2)
    assert x.shape == (2, 20_000, 2)
    assert abs((label == 1).mean() - 0.7) < 4 * np.sqrt(0.21 / 40_000)
    for i in range(2):
        own = x[label == i]
        full = np.cov(own.T)
        np.testing.assert_allclose(own.mean(axis=0), mixture.means[i], atol=0.06)
        expected = spread[i] if kind == "full" else np.diag(spread[i])
        np.testing.assert_allclose(full, expected, atol=0.12)


# Starts


def test_centres_are_drawn_in_proportion_to_squared_distances():
    x = np.tile(np.array([[0.0], [1.0], [3.0]]), (1, 1, 1))
    drawn = em.kmeans_plus_plus(np.random.default_rng(21), x, 2, 40_000)[0, :, :, 0]
    chance = {(0, 1): 1 / 10, (0, 3): 9 / 10, (1, 0): 1 / 5, (1, 3): 4 / 5, (3, 0): 9 / 13}
    for (first, second), share in chance.items():
        mask = drawn[:, 0] == first
        assert abs(mask.mean() - 1 / 3) < 0.012
        assert abs((drawn[mask, 1] == second).mean() - share) < 0.016


def test_all_points_become_centres_before_one_is_taken_twice():
    x = data(2, 7, 22)
    centres = em.kmeans_plus_plus(np.random.default_rng(23), x, 7, 5)
    for at in np.ndindex(2, 5):
        np.testing.assert_array_equal(np.sort(centres[at], axis=0), np.sort(x[at[0]], axis=0))
    same = em.kmeans_plus_plus(np.random.default_rng(24), np.ones((5, 2)), 3)
    assert (same == 1).all()


def test_nearest_centres():
    x = data(2, 50, 25)
    centres = em.kmeans_plus_plus(np.random.default_rng(26), x, 4, 3)
    for r, s in np.ndindex(2, 3):
        expected = cdist(x[r], centres[r, s]).argmin(axis=1)
        np.testing.assert_array_equal(em.nearest(x, centres)[r, s], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_start_of_labels_is_the_m_step_of_scikit_learn(kind):
    x = data(1, 90, 27)
    label = em.nearest(x, em.kmeans_plus_plus(np.random.default_rng(28), x, 3))
    start = em.mixture_of_labels(x, label, 3, kind)
    model = GaussianMixture(3, covariance_type=kind)
    model._initialize(x[0], np.eye(3)[label[0, 0]])
    np.testing.assert_allclose(start.weights[0, 0], model.weights_)
    np.testing.assert_allclose(start.means[0, 0], model.means_)
    np.testing.assert_allclose(start.covariances[0, 0], model.covariances_)


@pytest.mark.parametrize("kind", [*KINDS, "tied_spherical"])
def test_a_start_at_centres_has_the_spread_about_them(kind):
    x = data(1, 80, 29)
    centres = em.kmeans_plus_plus(np.random.default_rng(30), x, 3)
    apart = x[0] - centres[0, 0][cdist(x[0], centres[0, 0]).argmin(axis=1)]
    spread = em.mixture_at(x, centres, kind, floor=0.5)[0, 0].expanded()
    expected = apart.T @ apart / 80 + 0.5 * np.eye(3)
    if kind in ("full", "tied"):
        np.testing.assert_allclose(spread, np.tile(expected, (3, 1, 1)))
    else:
        variance = np.diag(expected) if kind == "diag" else np.full(3, np.trace(expected) / 3)
        np.testing.assert_allclose(spread, np.tile(variance, (3, 1)))


# Refusals

X, ONE = data(1, 20, 31), Mixture(np.ones(1), np.zeros((1, 3)), np.eye(3)[None])
FEW = Mixture(np.full((1, 2), 0.5), np.zeros((1, 2, 3)), np.ones((1, 2)), "spherical")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Mixture(np.ones(1), np.zeros((1, 3)), np.eye(2)[None]), "^covariances has shape"),
        (lambda: Mixture(np.ones(2), np.zeros((2, 3)), np.ones(2), "spherical"), "^weights does"),
        (lambda: Mixture(np.ones(1), np.zeros((1, 1)), -np.ones(1), "spherical"), "^covariances"),
        (lambda: Mixture(np.ones(1), np.zeros((1, 2)), [[[1, 0.5], [0, 1]]]), "not symmetric"),
        (lambda: Mixture(np.ones(1), np.zeros((1, 2)), np.eye(2), "round"), "^kind"),
        (lambda: em.fit(X[0, 0], ONE), "^x has 1 axes"),
        (lambda: em.fit(np.zeros((0, 3)), ONE), "^x is empty"),
        (lambda: em.fit(np.full((4, 3), np.nan), ONE), "^x has NaN"),
        (lambda: em.fit(X[..., :2], ONE), "^start has shape"),
        (lambda: em.fit(X, FEW.broadcast((2, 1))), "^start has shape"),
        (lambda: em.fit(X, ONE, floor=-1.0), "^floor"),
        (lambda: em.fit(X, ONE, sample_weight=np.zeros(20)), "^sample_weight is"),
        (lambda: em.fit(X, ONE, sample_weight=np.ones(19)), "^sample_weight has shape"),
        (lambda: em.fit(X, ONE, rule=Rule(-1.0)), "^tolerance"),
        (lambda: em.fit(X, ONE).best(), "^start has one start"),
        (lambda: em.fit_stepwise(X, ONE, batch=21, steps=[1.0]), "^batch"),
        (lambda: em.fit_stepwise(X, ONE, batch=9, steps=[1.0, 0.5]), "^steps has shape"),
        (lambda: em.fit_stepwise(X, ONE, batch=10, steps=[1.0, 1.5]), "^steps holds"),
        (
            lambda: em.fit_stepwise(
                X, ONE, batch=10, steps=[1, 1], sample_weight=[0] * 10 + [1] * 10
            ),
            "^sample_weight leaves a batch",
        ),
        (lambda: em.decaying_steps(3, 0.5, 0.5), "^offset"),
        (lambda: em.kmeans_plus_plus(np.random.default_rng(0), X, 21), "^k="),
        (lambda: em.mixture_of_labels(X, np.zeros((1, 1, 20), int), 2), "^labels leaves"),
        (lambda: em.mixture_of_labels(X, np.zeros((1, 1, 19), int), 1), "^labels has shape"),
        (lambda: em.nearest(X, np.zeros((1, 1, 2, 2))), "^centres has shape"),
        (lambda: em.log_density(ONE, X[0, :, :2]), "^x has shape"),
        (
            lambda: em.log_density(
                Mixture(np.ones(1), np.zeros((1, 3)), np.zeros((1, 3, 3))), X[0]
            ),
            "^mixture has a singular",
        ),
        (lambda: em.sample(np.random.default_rng(0), FEW, 3), "^mixture has shape|^mixture"),
        (lambda: ONE[0], "^at"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
