"""The experiments on Fisher merging against other libraries, loops and sums by hand."""

import numpy as np
import pytest
from refutable.simulations.bayes.fisher_merging import (
    _precisions,
    guarantee,
    logistic_clients,
    pairs,
    pooled_regression,
    product_mode,
)
from refutable.theory.bayes import fisher_merging as theory
from sklearn.linear_model import LinearRegression, LogisticRegression

from refutable import Cell


def rng(seed=0):
    return np.random.default_rng(seed)


def test_precisions_are_definite_and_as_alike_as_is_said():
    apart = _precisions.draw_precisions(rng(), 5, 3, 4)
    assert np.linalg.eigvalsh(apart).min() > 0
    near = _precisions.draw_precisions(rng(), 5, 3, 4, alike=0.75)
    assert near[:, 2] == pytest.approx(0.25 * apart[:, 2] + 0.75 * apart[:, 0])
    assert _precisions.diagonals(apart)[2, 1, 3] == apart[2, 1, 3, 3]


def test_climbing_ends_where_the_gradient_vanishes():
    precisions = _precisions.draw_precisions(rng(1), 200, 3, 4)
    means, weights = rng(2).standard_normal((200, 3, 4)), np.array([0.5, 1.0, 0.7])
    top = product_mode.climb(means, precisions, weights)
    slope = product_mode.slope_at(top, means, precisions, weights)
    assert np.abs(slope).max() < 1e-9
    heights = [
        -0.5 * sum(w * (t - m) @ f @ (t - m) for w, m, f in zip(weights, *law, strict=True))
        for law in ((means[0], precisions[0]),)
        for t in (top[0], top[0] + 1e-3, top[0] - 1e-3)
    ]
    assert heights[0] > max(heights[1:])


def test_the_gradient_is_that_of_the_log_densities():
    precisions = _precisions.draw_precisions(rng(3), 1, 3, 4)
    means, weights, theta = rng(4).standard_normal((1, 3, 4)), np.array([0.5, 1.0, 0.7]), np.ones(4)

    def height(t):
        apart = t - means[0]
        return -0.5 * weights @ np.einsum("mi,mij,mj->m", apart, precisions[0], apart)

    wanted = [(height(theta + e) - height(theta - e)) / 2e-5 for e in 1e-5 * np.eye(4)]
    found = product_mode.slope_at(theta[None], means, precisions, weights)[0]
    assert found == pytest.approx(wanted, rel=1e-6)


def test_modes_are_close_and_wrong_weights_are_not():
    cell = Cell({"models": 3})
    assert max(v.max() for v in product_mode.modes(cell, rng(5), 200).values()) < 1e-11
    inverse = product_mode.modes(cell, rng(5), 20, inverse=1.0)
    assert min(inverse["full"].min(), inverse["diagonal"].min()) > 1e-4
    assert inverse["equal"].max() < 1e-11
    assert product_mode.modes(cell, rng(5), 20, tilt=1.0)["equal"].min() > 1e-2


def test_least_squares_is_that_of_scikit_learn():
    x = rng(6).standard_normal((2, 20, 4))
    y = rng(7).standard_normal((2, 20))
    found = pooled_regression.least_squares(x, y)
    peer = LinearRegression(fit_intercept=False).fit(x[1], y[1])
    assert found[1] == pytest.approx(peer.coef_)


def test_designs_are_orthogonal_or_not():
    x = pooled_regression.designs(rng(8), 2, "orthogonal", 0.0)
    gram = np.swapaxes(x, -1, -2) @ x
    off = gram - _precisions.diagonals(gram)[..., None] * np.eye(4)
    assert np.abs(off).max() < 1e-12
    assert np.ptp(_precisions.diagonals(gram)) > 1
    leaning = pooled_regression.designs(rng(8), 2, "orthogonal", 0.5)
    assert np.abs(np.swapaxes(leaning, -1, -2) @ leaning - gram).max() > 0.1


def test_gaps_of_merged_regressions():
    general, orthogonal = (Cell({"design": d}) for d in ("general", "orthogonal"))
    found = pooled_regression.gaps(general, rng(9), 50)
    assert found["full"].max() < 1e-12
    assert found["diagonal"].min() > 1e-4
    shrunk = pooled_regression.gaps(general, rng(9), 50, shrunk=1.0)
    assert shrunk["full"] == pytest.approx(found["diagonal"])
    assert pooled_regression.gaps(orthogonal, rng(9), 50)["diagonal"].max() < 1e-12
    assert pooled_regression.gaps(orthogonal, rng(9), 9, leaning=0.5)["diagonal"].min() > 1e-4


def test_gains_are_ratios_of_variances_along_some_direction():
    found = guarantee.gains(Cell({"alike": 0.0}), rng(10), 3)["least"]
    precisions = _precisions.draw_precisions(rng(10), 3, 3, 6)
    for row in range(3):
        plain = sum(np.linalg.inv(f) for f in precisions[row]) / 9
        ratios = np.linalg.eigvals(precisions[row].sum(axis=0) @ plain)
        assert found[row] == pytest.approx(ratios.real.min())
    same = Cell({"alike": 1.0})
    assert guarantee.gains(same, rng(11), 9)["least"] == pytest.approx(np.ones(9))
    assert guarantee.gains(same, rng(11), 9, heavier=0.5)["least"].max() < 0.99
    assert guarantee.gains(Cell({"alike": 0.0}), rng(11), 9, diagonal=True)["least"].min() < 1


def test_usual_designs_compare_two_risks():
    cell = Cell({"rho": 0.9, "spread": 0.0})
    found = guarantee.usual(cell, rng(12), 40)
    precisions = guarantee.fishers(rng(12), 40, 0.9, 0.0)
    one = precisions[7]
    shares = [np.diag(f) / sum(np.diag(g) for g in one) for f in one]
    diagonal = sum(
        (one.sum(axis=0) * np.outer(w, w) * np.linalg.inv(f)).sum()
        for w, f in zip(shares, one, strict=True)
    )
    plain = sum((one.sum(axis=0) * np.linalg.inv(f)).sum() for f in one) / 9
    assert found["ratio"][7] == pytest.approx(diagonal / plain)
    assert found["lower"].tolist() == (found["ratio"] < 1).tolist()
    assert 5 < found["lower"].sum() < 35
    other = guarantee.usual(cell, rng(12), 40, foreign=0.5)["ratio"]
    assert np.abs(other / found["ratio"] - 1).max() > 1e-3


def test_losses_of_pairs_have_mean_one_and_the_variance_that_is_declared():
    for pair in theory.PAIRS:
        cell = Cell({"pair": pair})
        found = pairs.merge_losses(cell, rng(13), 3000)
        for kind in pairs.SHARES:
            assert found[kind].mean() == pytest.approx(1, abs=0.015)
            declared = pairs._mean(kind).variance_at_most(cell)
            assert found[kind].var() == pytest.approx(declared, rel=0.15)
    lopsided = pairs.merge_losses(Cell({"pair": "lopsided"}), rng(14), 3000)
    assert lopsided["worse"].mean() == pytest.approx(0.814, abs=0.03)
    assert lopsided["ratio"][0] == pytest.approx(84.015 / 32.661, rel=1e-4)


def test_firmer_and_dropped_change_what_they_say():
    cell = Cell({"pair": "lopsided"})
    firmer = pairs.merge_losses(cell, rng(15), 1000, firmer=0.01)
    assert firmer["diagonal"].mean() < 0.75
    dropped = pairs.merge_losses(cell, rng(15), 1000, dropped=1.0)
    assert dropped["ratio"][0] < 1
    assert dropped["diagonal"] == pytest.approx(
        dropped["full"] * pairs._risk(*_lopsided(), "full") / pairs._risk(*_lopsided(), "diagonal")
    )


def _lopsided():
    return theory.pair_curvature("lopsided"), theory.PAIRS["lopsided"]


CELL = Cell({"n": 40, "rho": 0.5, "spread": 0.5})


def test_merged_clients_are_those_of_scikit_learn():
    found = logistic_clients.merges(CELL, rng(16), 2)
    x, y = logistic_clients.draw_clients(CELL, rng(16), 2)

    def fit(x, y):
        peer = LogisticRegression(C=1e3, fit_intercept=False, tol=1e-12, max_iter=10_000)
        return peer.fit(x, y).coef_[0]

    for row in range(2):
        fits = np.stack([fit(x[row, i], y[row, i]) for i in range(3)])
        fishers = []
        for b, design in zip(fits, x[row], strict=True):
            p = 1 / (1 + np.exp(-design @ b))
            fishers.append(design.T @ np.diag(p * (1 - p)) @ design)
        d = np.stack([np.diag(f) for f in fishers])
        unit = d / np.linalg.norm(d, axis=1, keepdims=True)
        merged = {
            "full": np.linalg.solve(
                sum(fishers), sum(f @ b for f, b in zip(fishers, fits, strict=True))
            ),
            "diagonal": (d * fits).sum(axis=0) / d.sum(axis=0),
            "released": (unit * fits).sum(axis=0) / unit.sum(axis=0),
            "plain": fits.mean(axis=0),
        }
        all_x, all_y = x[row].reshape(-1, 6), y[row].ravel()

        def nll(b, all_x=all_x, all_y=all_y):
            z = all_x @ b
            return (np.logaddexp(0, z) - all_y * z).sum()

        excess = {k: nll(b) - nll(fit(all_x, all_y)) for k, b in merged.items()}
        for k, value in excess.items():
            assert found[k][row] == pytest.approx(value, rel=1e-3, abs=1e-3)
            if k != "plain":
                assert found[f"{k}_wins"][row] == (value < excess["plain"])


def test_other_fishers_are_the_next_clients_or_flipped():
    plainly = logistic_clients.merges(CELL, rng(17), 20)
    for change in ({"foreign": 0.5}, {"shuffled": True}):
        other = logistic_clients.merges(CELL, rng(17), 20, **change)
        assert (other["diagonal"] != plainly["diagonal"]).all()
        assert other["plain"] == pytest.approx(plainly["plain"])
    flipped = logistic_clients.merges(CELL, rng(17), 20, flipped=True)
    assert flipped["diagonal"] == pytest.approx(plainly["diagonal"])
    assert np.median(flipped["full"]) > 1.5 * np.median(plainly["full"])


def test_features_have_the_scales_and_correlations_that_are_said():
    x, y = logistic_clients.draw_clients(Cell({"n": 9, "rho": 0.5, "spread": 0.3}), rng(18), 3000)
    within = x[:, 0, :, 0].std(axis=1, ddof=1)
    assert np.log(within).var() == pytest.approx(0.09 + 1 / 16, rel=0.15)
    equal, _ = logistic_clients.draw_clients(
        Cell({"n": 9, "rho": 0.5, "spread": 0.0}), rng(18), 400
    )
    assert np.corrcoef(equal.reshape(-1, 6).T)[0, 1] == pytest.approx(0.5, abs=0.03)
    assert 0.4 < y.mean() < 0.6
