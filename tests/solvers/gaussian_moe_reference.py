"""A readable EM for one data set with a scalar covariate: the peer the batched solver is held to.

One fit at a time, NumPy and SciPy only, written for reading; the same algorithm (closed-form
experts, one Newton step of the gate per iteration, halved until the likelihood does not fall).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp


@dataclass
class Experts:
    """Gate (k, 2) with its last row 0, expert (k, 2) as intercept and slope, variance (k,)."""

    gate: np.ndarray
    expert: np.ndarray
    v: np.ndarray


def log_terms(model, features, y):
    """Return log gate weights and log joint densities, each (n, k)."""
    logits = features @ model.gate.T
    log_gate = logits - logsumexp(logits, axis=1, keepdims=True)
    residual = y[:, None] - features @ model.expert.T
    log_normal = -0.5 * (residual**2 / model.v + np.log(2 * np.pi * model.v))
    return log_gate, log_gate + log_normal


def total(terms):
    """Return the log-likelihood."""
    return logsumexp(terms[1], axis=1).sum()


def responsibilities(terms):
    log_gate, log_joint = terms
    return np.exp(log_gate), np.exp(log_joint - logsumexp(log_joint, axis=1, keepdims=True))


def expert_step(t, features, y):
    """Weighted least squares and weighted variance of every expert."""
    expert, v = [], []
    for weight in t.T:
        square = features.T @ (features * weight[:, None])
        coefficients = np.linalg.solve(square, features.T @ (weight * y))
        expert.append(coefficients)
        v.append(weight @ (y - features @ coefficients) ** 2 / weight.sum())
    return np.array(expert), np.array(v)


def gate_step(g, t, features):
    """One Newton step of the multinomial logistic regression of t on x."""
    k = g.shape[1]
    gradient = ((t - g)[:, :-1].T @ features).ravel()
    curvature = np.zeros((2 * (k - 1), 2 * (k - 1)))
    for i in range(k - 1):
        for j in range(k - 1):
            weight = g[:, i] * ((i == j) - g[:, j])
            block = features.T @ (features * weight[:, None])
            curvature[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = block
    step = np.linalg.solve(curvature, gradient).reshape(k - 1, 2)
    return np.vstack([step, np.zeros(2)])


def em(x, y, start, tolerance=1e-8, iterations=2000):
    """Return the fitted model, its log-likelihood, and the number of iterations."""
    features = np.column_stack([np.ones_like(x), x])
    model, terms = start, log_terms(start, features, y)
    done = 0
    while done < iterations:
        done += 1
        g, t = responsibilities(terms)
        expert, v = expert_step(t, features, y)
        step, length, value = gate_step(g, t, features), 1.0, total(terms)
        new = Experts(model.gate + step, expert, v)
        terms = log_terms(new, features, y)
        while total(terms) < value and length > 1e-3:
            length /= 2
            new = Experts(model.gate + length * step, expert, v)
            terms = log_terms(new, features, y)
        model = new
        if total(terms) - value <= tolerance:
            break
    return model, total(terms), done
