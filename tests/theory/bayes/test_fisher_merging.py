"""Costs of merges by sampling-free second routes: least squares, whitened sums, enumeration."""

import numpy as np
import pytest
from refutable.theory.bayes import fisher_merging as theory
from scipy import linalg, optimize, stats


def precisions(models=3, p=4, seed=0):
    a = np.random.default_rng(seed).standard_normal((models, p, p))
    return a @ np.swapaxes(a, -1, -2) + 0.1 * np.eye(p)


@pytest.mark.parametrize("kind", ["full", "diagonal", "plain"])
def test_shares_sum_to_the_identity(kind):
    shares = getattr(theory, f"{kind}_shares")(precisions())
    assert shares.sum(axis=0) == pytest.approx(np.eye(4), abs=1e-12)


def test_shares_weigh_as_they_are_said_to():
    given = precisions()
    full, diagonal = theory.full_shares(given), theory.diagonal_shares(given)
    assert full[1] == pytest.approx(linalg.inv(given.sum(axis=0)) @ given[1])
    wanted = np.diag(given[1]) / sum(np.diag(f) for f in given)
    assert diagonal[1] == pytest.approx(np.diag(wanted))
    batch = np.stack([given, precisions(seed=1)])
    assert theory.full_shares(batch)[0] == pytest.approx(full)
    assert theory.diagonal_shares(batch)[0] == pytest.approx(diagonal)
    assert theory.plain_shares(batch).shape == batch.shape


@pytest.mark.parametrize("kind", ["full", "diagonal", "plain"])
def test_the_covariance_of_a_merge_is_that_of_a_linear_map(kind):
    """Stack the estimates: their covariance is block diagonal, the merge one wide matrix."""
    given = precisions()
    shares = getattr(theory, f"{kind}_shares")(given)
    wide = np.hstack(list(shares))
    wanted = wide @ linalg.block_diag(*(linalg.inv(f) for f in given)) @ wide.T
    assert theory.merge_covariance(shares, given) == pytest.approx(wanted)


def test_full_shares_give_the_inverse_of_the_sum():
    given = precisions()
    found = theory.merge_covariance(theory.full_shares(given), given)
    assert found == pytest.approx(linalg.inv(given.sum(axis=0)))


def test_mean_and_variance_of_a_quadratic_form():
    """By its law: a sum of weighted chi-squared variables."""
    given = precisions()
    h, c = given[0], linalg.inv(given[1])
    weights = linalg.eigvalsh(h, given[1])
    assert float(theory.risk(h, c)) == pytest.approx(weights @ np.full(4, stats.chi2.mean(1)))
    wanted = weights**2 @ np.full(4, stats.chi2.var(1))
    assert float(theory.risk_variance(h, c)) == pytest.approx(wanted)


def test_the_least_ratio_is_the_least_ratio_of_variances():
    given = precisions()
    plain = theory.merge_covariance(theory.plain_shares(given), given)
    best = linalg.inv(given.sum(axis=0))

    def ratio(a):
        return (a @ plain @ a) / (a @ best @ a)

    starts = np.random.default_rng(2).standard_normal((8, 4))
    lowest = min(optimize.minimize(ratio, a, tol=1e-10).fun for a in starts)
    found = float(theory.least_ratio(plain, best))
    assert found == pytest.approx(lowest, rel=1e-5)
    assert float(theory.least_ratio(best, best)) == pytest.approx(1)


RISKS = {
    "lopsided": (2.0, 84.0, 32.7),
    "one of them": (0.048, 0.227, 0.158),
    "mirrored": (2.0, 20.5, 20.5),
}


@pytest.mark.parametrize("pair", RISKS)
def test_risks_of_the_pairs(pair):
    """Entry by entry, in two dimensions, with inverses written out."""
    h, given = theory.pair_curvature(pair), theory.PAIRS[pair]
    inverses = [
        np.array([[f[1, 1], -f[0, 1]], [-f[0, 1], f[0, 0]]])
        / (f[0, 0] * f[1, 1] - f[0, 1] * f[1, 0])
        for f in given
    ]
    shares = [np.diag(f) / (np.diag(given[0]) + np.diag(given[1])) for f in given]
    diagonal = sum(
        h[i, j] * w[i] * w[j] * v[i, j]
        for w, v in zip(shares, inverses, strict=True)
        for i in range(2)
        for j in range(2)
    )
    plain = sum((h * v).sum() for v in inverses) / 4
    found = [
        float(theory.risk(h, theory.merge_covariance(shares_of(given), given)))
        for shares_of in (theory.full_shares, theory.diagonal_shares, theory.plain_shares)
    ]
    assert found[1:] == pytest.approx([diagonal, plain])
    assert found == pytest.approx(RISKS[pair], rel=0.02)
