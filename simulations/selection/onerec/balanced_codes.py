"""Codebooks for OneRec: Algorithm 1 beside plain k-means, their balance, price and order."""

import numpy as np
from refutable.solvers.balanced_kmeans import (
    UNASSIGNED,
    absorb_in_turn,
    code_entropy,
    mean_distortion,
    nearest_labels,
    optimal_balanced_labels,
)
from scipy.stats import spearmanr
from sklearn.cluster import KMeans


def items(rng, n):
    """Half N(3, 0.3^2 I) and half N(0, 1.5^2 I) in eight dimensions."""
    tight = 3.0 + 0.3 * rng.standard_normal((n // 2, 8))
    return np.concatenate([tight, 1.5 * rng.standard_normal((n - n // 2, 8))])


def plain_kmeans(points, start):
    """Run k-means without constraint from the same start."""
    return KMeans(len(start), n_init=1, init=start, max_iter=300).fit(points)


def start(cell, rng):
    """Draw items, and K of them as first centroids."""
    points = items(rng, cell.n)
    return points, points[rng.choice(cell.n, cell.codes, replace=False)]


def codebook(cell, rng):
    """Run Algorithm 1 and plain k-means from one random start."""
    points, first = start(cell, rng)
    return points, absorb_in_turn(points, first, remainder=True), plain_kmeans(points, first)


def stacked(rows):
    """Turn a list of records into columns."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def one_balance(cell, rng):
    """Sizes and entropies of one codebook."""
    _, ours, plain = codebook(cell, rng)
    sizes = np.bincount(ours.labels[ours.labels != UNASSIGNED], minlength=cell.codes)
    most = np.log2(cell.codes)
    return {
        "unassigned": int((ours.labels == UNASSIGNED).sum()),
        "size_spread": int(np.ptp(sizes)),
        "entropy_gap": most - code_entropy(ours.labels, cell.codes),
        "plain_entropy_gap": most - code_entropy(plain.labels_, cell.codes),
        "converged": float(ours.converged),
    }


def balance(cell, rng, size):
    """Sizes and entropies of `size` codebooks."""
    return stacked([one_balance(cell, rng) for _ in range(size)])


def one_price(cell, rng):
    """Distortions of Algorithm 1, of other assignments to its centroids, and of k-means."""
    points, ours, plain = codebook(cell, rng)
    centres = ours.centroids
    absorbed = mean_distortion(points, centres, ours.labels)
    balanced = mean_distortion(points, centres, optimal_balanced_labels(points, centres))
    nearest = mean_distortion(points, centres, nearest_labels(points, centres))
    return {
        "over_balanced": absorbed / balanced - 1,
        "balanced_over_nearest": balanced / nearest - 1,
        "over_kmeans": absorbed / (plain.inertia_ / cell.n) - 1,
    }


def price(cell, rng, size):
    """Distortions of `size` codebooks."""
    return stacked([one_price(cell, rng) for _ in range(size)])


def order_correlation(points, labels, centroids):
    """Rank correlation of a cluster's turn with its distortion, among the dearer half."""
    gaps = ((points - centroids[labels]) ** 2).sum(axis=1)
    sizes = np.bincount(labels, minlength=len(centroids))
    costs = np.bincount(labels, gaps, minlength=len(centroids)) / np.maximum(sizes, 1)
    dear = np.flatnonzero(costs > np.median(costs))
    return float(spearmanr(dear, costs[dear]).statistic)


def turns(cell, rng, size):
    """Correlation of turn and distortion under Algorithm 1."""
    starts = (start(cell, rng) for _ in range(size))
    books = ((points, absorb_in_turn(points, first)) for points, first in starts)
    found = [order_correlation(points, ours.labels, ours.centroids) for points, ours in books]
    return {"order_correlation": np.array(found), "grows": np.array(found) > 0}


def plain_turns(cell, rng, size):
    """Correlation of index and distortion under plain k-means."""
    starts = (start(cell, rng) for _ in range(size))
    books = ((points, plain_kmeans(points, first)) for points, first in starts)
    found = [order_correlation(points, km.labels_, km.cluster_centers_) for points, km in books]
    return {"order_correlation": np.array(found), "grows": np.array(found) > 0}
