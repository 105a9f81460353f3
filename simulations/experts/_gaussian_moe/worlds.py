"""The truths with their gates and the laws of x, and data drawn from them."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator
from refutable.solvers.gaussian_moe import Gate, Parameters, sample, scalar
from refutable.theory.experts.softmax_gmoe.atoms import EASY_TRUTH, PAPER_TRUTH, Atoms
from refutable.theory.experts.temperature_moe import TWO_TRUTH as TEMPERATURE_TRUTH
from refutable.theory.experts.topk_moe import BASE_TRUTH

from refutable import FloatArray


def parameters(truth: Atoms, tau: float = 1.0) -> Parameters:
    """Return the solver's parameters of a truth."""
    return scalar(truth.b0, truth.b1, truth.a, truth.c, truth.v, tau)


def as_atoms(fitted: Parameters) -> Atoms:
    """Return fitted parameters (scalar x) as atoms."""
    return Atoms(fitted.b0, fitted.b1[..., 0], fitted.a[..., 0], fitted.c, fitted.v)


def draw(
    rng: Generator, truth: Parameters, gate: Gate, shape: tuple[int, int],
    x_range: tuple[float, float],
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Draw x uniform on `x_range` and y from the model; both of shape (replicates, n)."""
    x = rng.uniform(*x_range, shape)
    return x, sample(rng, truth, gate, x)


@dataclass(frozen=True)
class World:
    """A truth, the gate it is drawn from, and the law of x (uniform on adjacent pieces)."""

    truth: Atoms
    gate: Gate
    pieces: tuple[tuple[float, float], ...]
    tau: float = 1.0

    @property
    def parameters(self) -> Parameters:
        """The truth in the solver's form."""
        return parameters(self.truth, self.tau)

    def draw(self, rng: Generator, size: int, n: int) -> tuple[FloatArray, FloatArray]:
        """Return x and y of `size` data sets."""
        ends = (self.pieces[0][0], self.pieces[-1][1])
        return draw(rng, self.parameters, self.gate, (size, n), ends)


HOT = Gate("sigmoid", free_temperature=True)
WORLDS = {
    "paper": World(PAPER_TRUTH, Gate(), ((0.0, 1.0),)),
    "easy": World(EASY_TRUTH, Gate(), ((-1.0, 1.0),)),
    # the ranking changes at x = 0, where the integrand of the information has a kink
    "top-2": World(BASE_TRUTH, Gate(top_k=2), ((-1.0, 0.0), (0.0, 1.0))),
    "linear": World(TEMPERATURE_TRUTH, Gate(free_temperature=True), ((-3.0, 3.0),), 0.7),
    "relu": World(TEMPERATURE_TRUTH, Gate("relu", free_temperature=True), ((-3.0, 3.0),), 0.5),
    "sigmoid": World(TEMPERATURE_TRUTH, HOT, ((-3.0, 3.0),), 0.1),
    "tanh": World(TEMPERATURE_TRUTH, Gate("tanh", free_temperature=True), ((-3.0, 3.0),), 0.3),
}
"""Worlds by name."""
