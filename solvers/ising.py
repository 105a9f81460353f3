"""The Ising model on a torus by its transfer matrix, half a row at a time, with two derivatives.

Spins s, -1 or 1, have weight ``exp(t (K sum_edges s_i s_j + b sum_i s_i))``, t = 1. The weights
sum to ``tr T^L``, T the matrix from row to row (Kramers and Wannier 1941). T is never formed: the
halves of a row are passed on one after the other, with the first two derivatives in t. The trace
needs one row of every kind up to rotation: 108 of 1024 for ten spins.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from refutable.solvers.argument_checks import Floats, Ints, finite, one_of, whole_number

WIDEST = 12
"""Spins in a row: 352 kinds of rows, 4096 states and three derivatives are 35 MB."""

BOUNDARIES = ("periodic", "open")


@dataclass(frozen=True)
class IsingModel:
    """What the sum over all configurations says at t = 1.

    Attributes
    ----------
    spins : int
    log_partition : float
        log Z, Z the sum of the weights.
    mean_log_weight : float
        Expected logarithm of the weight: the first derivative of log Z in t.
    variance_log_weight : float
        Its variance: the second derivative.
    """

    spins: int
    log_partition: float
    mean_log_weight: float
    variance_log_weight: float

    @property
    def entropy(self) -> float:
        """In nats."""
        return self.log_partition - self.mean_log_weight

    @property
    def bits_per_spin(self) -> float:
        """Entropy in bits, divided by the number of spins."""
        return self.entropy / (self.spins * log(2))


def ising_torus(
    width: int, length: int, coupling: float, field: float, boundary: str = "periodic"
) -> IsingModel:
    """Sum over all configurations of `length` rows of `width` spins, each row a ring.

    Parameters
    ----------
    width : int
        3 to 12: on a ring of two every edge would count twice.
    length : int
        At least 3, for the same reason.
    coupling, field : float
        K and b.
    boundary : {"periodic", "open"}
        Whether the last row is tied to the first.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    width = whole_number("width", width, 3, WIDEST)
    length = whole_number("length", length, 3)
    coupling, field = finite("coupling", coupling), finite("field", field)
    if one_of("boundary", boundary, BOUNDARIES) == "open":
        return _open(width, length, coupling, field)
    kinds, counts = rotation_classes(width)
    place = np.arange(len(kinds))
    jets = np.zeros((3, 2**width, len(kinds)))
    jets[0, kinds, place] = 1.0
    energy, ties = _row_energy(width, coupling, field), _halves(width, coupling)
    scale = 0.0
    for _ in range(length):
        jets, more = _scaled(_weighted(_bonded(jets, ties), energy))
        scale += more
    return _model(width * length, jets[:, kinds, place] @ counts, scale)


def _open(width: int, length: int, coupling: float, field: float) -> IsingModel:
    energy, ties = _row_energy(width, coupling, field), _halves(width, coupling)
    start = np.zeros((3, 2**width, 1))
    start[0] = 1.0
    jets, scale = _scaled(_weighted(start, energy))
    for _ in range(length - 1):
        jets, more = _scaled(_weighted(_bonded(jets, ties), energy))
        scale += more
    return _model(width * length, jets.sum(axis=(1, 2)), scale)


def rotation_classes(width: int) -> tuple[Ints, Floats]:
    """Bit patterns of a ring that no rotation turns into a smaller one, and how many each has.

    Parameters
    ----------
    width : int
        Bits, 1 to 12.

    Returns
    -------
    kinds : int64 array, shape (N,)
        The least pattern of every class.
    counts : array, shape (N,)
        Patterns of the class; together 2^width.
    """
    width = whole_number("width", width, 1, WIDEST)
    patterns = np.arange(2**width, dtype=np.int64)
    turned = [(patterns >> j | patterns << width - j) & 2**width - 1 for j in range(width)]
    kinds, counts = np.unique(np.min(turned, axis=0), return_counts=True)
    return kinds, counts.astype(np.float64)


def _spins(width: int) -> Ints:
    """Rows of spins, shape (2^width, width)."""
    return np.asarray(1 - 2 * (np.arange(2**width)[:, None] >> np.arange(width) & 1))


def _row_energy(width: int, coupling: float, field: float) -> Floats:
    """Logarithm of a row's own weight at t = 1, shape (2^width,)."""
    spins = _spins(width)
    around = (spins * np.roll(spins, 1, axis=1)).sum(axis=1)
    return np.asarray(coupling * around + field * spins.sum(axis=1))


def _tie(count: int, coupling: float) -> Floats:
    """Matrix that ties `count` spins to those below: values and derivatives, 3 2^count each way."""
    spins = _spins(count)
    energy = coupling * (spins @ spins.T)
    none, one = np.zeros(energy.shape), np.ones(energy.shape)
    # exp(t E) on a value and its two derivatives, at t = 1.
    lower = np.block([[one, none, none], [energy, one, none], [energy**2, 2 * energy, one]])
    return np.asarray(np.tile(np.exp(energy), (3, 3)) * lower)


def _halves(width: int, coupling: float) -> tuple[Floats, Floats]:
    """Ties of the upper and of the lower half of a row's bits."""
    return _tie(width - width // 2, coupling), _tie(width // 2, coupling)


def _bonded(jets: Floats, ties: tuple[Floats, Floats]) -> Floats:
    """Tie a row to the one below it, half of the spins at a time: (3, 2^width, N) to the same."""
    shape = jets.shape
    for tie in ties:
        # The upper half of the bits stands first; then the halves change places.
        upper = len(tie) // 3
        tied = (tie @ jets.reshape(3 * upper, -1)).reshape(3, upper, -1, shape[-1])
        jets = np.swapaxes(tied, 1, 2)
    return np.ascontiguousarray(jets).reshape(shape)


def _weighted(jets: Floats, energy: Floats) -> Floats:
    """Multiply by a row's own weight."""
    e = energy[:, None]
    value, first, second = jets
    raised = np.stack([value, first + e * value, second + 2 * e * first + e**2 * value])
    return np.asarray(np.exp(e) * raised)


def _scaled(jets: Floats) -> tuple[Floats, float]:
    """Divide by the largest value, and return its logarithm too: weights grow like e^length."""
    largest = float(jets[0].max())
    return jets / largest, log(largest)


def _model(spins: int, sums: Floats, scale: float) -> IsingModel:
    total, first, second = (float(one) for one in sums)
    mean = first / total
    return IsingModel(spins, log(total) + scale, mean, second / total - mean**2)
