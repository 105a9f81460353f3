"""Batches of a classifier that knows shifted prototypes, and LAME on graphs of their features.

A hundred unit prototypes in 64 dimensions; a sample is its prototype plus N(0, I/64), normalised;
the classifier has logits 12 times the inner product with prototypes that are off by N(0, I/64).
Prototypes, shift and batch are drawn anew in every replicate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import NDArray
from refutable.solvers.affinity import gaussian_affinity, neighbour_affinity
from refutable.solvers.gaussian_mixture import random_directions
from refutable.solvers.mean_field import mean_field
from refutable.theory.mixtures import lame as theory

from refutable import FloatArray

CLASSES = 100
DIM = 64
BATCH = 64
SHARPNESS = 12.0
NEIGHBOURS = 5
STEPS = 100
SETTLED = 1e-4
"""Largest change at which a run stops; 1e-6 gave the same accuracies in 320 batches of each kind.
The code stops when its energy changes by 1e-8 of itself, which is no stricter."""


@dataclass(frozen=True)
class Batches:
    """What the classifier says of some batches.

    Attributes
    ----------
    labels : int array, shape (size, BATCH)
    features : array, shape (size, BATCH, DIM)
    log_q : array, shape (size, BATCH, CLASSES)
    """

    labels: NDArray[np.int64]
    features: FloatArray
    log_q: FloatArray

    def accuracy(self, scores: FloatArray) -> FloatArray:
        """Share of the samples whose largest score is that of their class, shape (size,)."""
        return np.asarray((scores.argmax(axis=-1) == self.labels).mean(axis=1))

    def gain(self, affinity: FloatArray) -> FloatArray:
        """Accuracy after at most a hundred updates less that of the classifier, shape (size,)."""
        smoothed = mean_field(self.log_q, affinity, STEPS, SETTLED).assignment
        return np.asarray(self.accuracy(smoothed) - self.accuracy(self.log_q))


def draw_batches(rng: Generator, size: int, classes: int) -> Batches:
    """Draw batches that hold at most `classes` classes, chosen at random."""
    prototypes = _units(rng, size, CLASSES)
    known = prototypes + _noise(rng, size, CLASSES)
    chosen = np.argsort(rng.random((size, CLASSES)), axis=1)[:, :classes]
    labels = np.take_along_axis(chosen, rng.integers(classes, size=(size, BATCH)), axis=1)
    features = np.take_along_axis(prototypes, labels[..., None], axis=1)
    features += _noise(rng, size, BATCH)
    features /= np.linalg.norm(features, axis=-1, keepdims=True)
    logits = SHARPNESS * features @ np.swapaxes(known, 1, 2)
    return Batches(labels, features, theory.log_prior(scipy.special.softmax(logits, axis=-1)))


def _units(rng: Generator, size: int, count: int) -> FloatArray:
    return random_directions(rng, size * count, DIM).reshape(size, count, DIM)


def _noise(rng: Generator, size: int, count: int) -> FloatArray:
    return np.asarray(rng.standard_normal((size, count, DIM)) / np.sqrt(DIM))


Graph = Callable[[Generator, Batches], FloatArray]
"""Draws W, shape (size, BATCH, BATCH)."""


def nearest(rng: Generator, batches: Batches) -> FloatArray:
    """Five nearest neighbours by the features, as the code has it."""
    del rng
    return neighbour_affinity(batches.features, NEIGHBOURS)


def arbitrary(rng: Generator, batches: Batches) -> FloatArray:
    """Five nearest neighbours by random features that know nothing of the samples."""
    return neighbour_affinity(_units(rng, len(batches.labels), BATCH), NEIGHBOURS)


def wide(rng: Generator, batches: Batches) -> FloatArray:
    """Gaussian affinities of the code, of which the fifth smallest distance is the width."""
    del rng
    return gaussian_affinity(batches.features, NEIGHBOURS - 1)


def unlike(rng: Generator, batches: Batches) -> FloatArray:
    """Five random samples of other classes; fewer where there are not as many."""
    size = len(batches.labels)
    same = batches.labels[:, :, None] == batches.labels[:, None, :]
    order = np.where(same, 2.0, rng.random((size, BATCH, BATCH)))
    kept = np.argpartition(order, NEIGHBOURS, axis=-1)[..., :NEIGHBOURS]
    affinity = np.zeros_like(order)
    np.put_along_axis(affinity, kept, 1.0, axis=-1)
    return np.where(same, 0.0, affinity)
