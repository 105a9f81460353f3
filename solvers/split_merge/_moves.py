"""Rounds of split and merge moves on one data set, compiled.

Points are taken relative to the prior's mean, so that a group with sum s and second moments Q has
``Psi* = Psi + Q - s s^T / (kappa + N)``.
"""

import math
from typing import Any

import numpy as np
from refutable.solvers._compiling import compiled
from refutable.solvers.split_merge._lloyd import (
    Array,
    lloyd,
    squared_distance,
    two_means,
)


@compiled()
def moments(x: Array, labels: Array, k: int) -> tuple[Array, Array, Array]:
    """Return count (k,), sum (k, d) and second moments (k, d, d), the lower half, of k groups."""
    n, d = x.shape
    counts, sums, seconds = np.zeros(k, np.int64), np.zeros((k, d)), np.zeros((k, d, d))
    for i in range(n):
        j = labels[i]
        counts[j] += 1
        for p in range(d):
            sums[j, p] += x[i, p]
            for q in range(p + 1):
                seconds[j, p, q] += x[i, p] * x[i, q]
    return counts, sums, seconds


@compiled()
def log_evidence(count: int, total: Array, second: Array, law: Array, log: Array) -> float:
    """Return ``log Gamma(N) + log h`` of a group with these moments, by a Cholesky factor.

    ``log[N]`` holds all that depends on the count alone.
    """
    kappa, nu, scale = law
    d, half = total.shape[0], 0.0
    root = np.empty((d, d))
    for p in range(d):
        for q in range(p + 1):
            left = second[p, q] - total[p] * total[q] / (kappa + count)
            if p == q:
                left += scale
            for r in range(q):
                left -= root[p, r] * root[q, r]
            root[p, q] = math.sqrt(left) if p == q else left / root[q, q]
        half += math.log(root[p, p])
    return float(log[count] - (nu + count) * half)


@compiled()
def split_score(sides: tuple[Array, Array, Array], law: Array, log: Array) -> float:
    """Return log H_s at concentration 1 of two groups, given the moments of both."""
    counts, sums, seconds = sides
    score = -log_evidence(
        counts[0] + counts[1], sums[0] + sums[1], seconds[0] + seconds[1], law, log
    )
    for s in range(2):
        score += log_evidence(counts[s], sums[s], seconds[s], law, log)
    return float(score)


@compiled()
def taken(rng: Any, score: float, floor: float) -> bool:
    """Say whether a move of this log score is made; a floor below 0 stands for min(1, H)."""
    if score > 0:
        return True
    chance = math.exp(score) if floor < 0 else floor
    return bool(chance > rng.random())


@compiled()
def members_of(x: Array, labels: Array, group: int) -> tuple[Array, Array]:
    """Return the points of a group, and where they stand among all."""
    count = 0
    for label in labels:
        if label == group:
            count += 1
    part, members, at = np.empty((count, x.shape[1])), np.empty(count, np.int64), 0
    for i in range(x.shape[0]):
        if labels[i] == group:
            members[at] = i
            for q in range(x.shape[1]):
                part[at, q] = x[i, q]
            at += 1
    return part, members


@compiled()
def split_round(
    rng: Any, x: Array, labels: Array, k: int, sizes: Array, law: Array, log: Array, rule: Array
) -> tuple[int, Array]:
    """Propose to split every group, in place; return how many there are now, and which are new."""
    floor, log_alpha = rule
    fresh, now = np.zeros(2 * k, np.bool_), k
    for j in range(k):
        part, members = members_of(x, labels, j)
        if part.shape[0] < sizes[0]:
            continue
        side = two_means(rng, part, sizes[2])
        sides = moments(part, side, 2)
        if min(sides[0][0], sides[0][1]) < sizes[1]:
            continue
        if taken(rng, log_alpha + split_score(sides, law, log), floor):
            for i in range(part.shape[0]):
                if side[i] == 1:
                    labels[members[i]] = now
            fresh[j] = fresh[now] = True
            now += 1
    return now, fresh


@compiled()
def nearest_free(centres: Array, done: Array, group: int, k: int) -> int:
    """Return the group with the nearest centre, neither of them `done`; -1 if there is none."""
    best, at = np.inf, -1
    for i in range(k):
        if i != group and not done[i] and not done[group]:
            far = squared_distance(centres, i, centres, group)
            if far < best:
                best, at = far, i
    return at


@compiled()
def merge_round(
    rng: Any, x: Array, labels: Array, k: int, done: Array, law: Array, log: Array, rule: Array
) -> bool:
    """Propose to merge every group not `done` with the nearest such one; say if any was merged."""
    floor, log_alpha = rule
    counts, sums, seconds = moments(x, labels, k)
    centres, merged = sums / counts.reshape(-1, 1), False
    for j in range(k):
        at = nearest_free(centres, done, j, k)
        if at < 0:
            continue
        pair = np.array([j, at])
        score = split_score((counts[pair], sums[pair], seconds[pair]), law, log)
        if taken(rng, -score - log_alpha, floor):
            for i in range(x.shape[0]):
                if labels[i] == at:
                    labels[i] = j
            done[j] = done[at] = merged = True
    return merged


@compiled()
def compact(labels: Array, k: int) -> int:
    """Renumber the groups that have points 0, 1, ..., in place; return how many there are."""
    name, now = np.full(k, -1, np.int64), 0
    for i in range(labels.shape[0]):
        if name[labels[i]] < 0:
            name[labels[i]] = now
            now += 1
        labels[i] = name[labels[i]]
    return now


@compiled()
def all_rounds(
    rng: Any,
    x: Array,
    labels: Array,
    found: Array,
    sizes: Array,
    law: Array,
    log: Array,
    rule: Array,
) -> None:
    """Run the rounds of every data set in place; `found` gets the number of groups after each.

    ``sizes`` holds least group, least side, most steps of k-means and whether new groups may merge;
    ``law`` kappa, nu and the prior's scale; ``rule`` floor and log concentration.
    """
    for r in range(len(x)):
        stands = lloyd(x[r], labels[r], found[r, 0], sizes[2])
        k = compact(labels[r], found[r, 0])
        found[r, 0] = k
        for t in range(1, found.shape[1]):
            now, fresh = split_round(rng, x[r], labels[r], k, sizes, law, log, rule)
            if sizes[3] == 1:
                fresh[:] = False
            merged = merge_round(rng, x[r], labels[r], now, fresh, law, log, rule)
            if now > k or merged or not stands:  # else k-means would only stand still
                now = compact(labels[r], now)
                stands = lloyd(x[r], labels[r], now, sizes[2])
                k = compact(labels[r], now)
            found[r, t] = k
