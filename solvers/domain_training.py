"""Full-batch training of one linear head per domain on a shared one-layer trunk.

The model of domain k is ``heads[k] @ tanh(trunk @ x)``; the loss is half the mean squared error of
the domain (mean over points, sum over outputs). `assignment` routes each domain to a head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from refutable.solvers.argument_checks import (
    Floats,
    Ints,
    finite_array,
    positive,
    refuse,
    whole_array,
    whole_number,
)


@dataclass(frozen=True)
class DomainModel:
    """Trunk (D, D) and heads (K, D, D)."""

    trunk: Floats
    heads: Floats

    def __post_init__(self) -> None:
        heads = finite_array("heads", self.heads, ndim=3)
        finite_array("trunk", self.trunk, shape=(heads.shape[2], heads.shape[2]))


@dataclass(frozen=True)
class DomainData:
    """Inputs and targets, both of shape (K, n, D), one block per domain."""

    inputs: Floats
    targets: Floats

    def __post_init__(self) -> None:
        inputs = finite_array("inputs", self.inputs, ndim=3)
        finite_array("targets", self.targets, shape=inputs.shape)


def domain_losses(model: DomainModel, data: DomainData) -> Floats:
    """Mean squared error of each domain per output, shape (K,): what `train_jointly` lowers."""
    features = np.tanh(data.inputs @ model.trunk.T)
    errors = features @ np.swapaxes(model.heads, -1, -2) - data.targets
    return np.asarray((errors**2).mean(axis=(1, 2)))


def _gradients(trunk: Floats, data: DomainData, heads: Floats) -> tuple[Floats, Floats]:
    count = data.inputs.shape[1]
    features = np.tanh(data.inputs @ trunk.T)
    errors = (features @ np.swapaxes(heads, -1, -2) - data.targets) / count
    of_heads = np.swapaxes(errors, -1, -2) @ features
    back = (errors @ heads) * (1 - features**2)
    return of_heads, np.swapaxes(back, -1, -2) @ data.inputs


def _plan(steps: int, domains: int, route: ArrayLike | None) -> Ints:
    """Return the head of every domain at every step, shape (steps, K)."""
    if route is None:
        return np.tile(np.arange(domains), (steps, 1))
    return whole_array("route", route, 0, domains - 1, shape=(steps, domains))


def train_jointly(
    start: DomainModel,
    data: DomainData,
    steps: int = 400,
    rate: float = 0.05,
    train_trunk: bool = False,
    route: ArrayLike | None = None,
) -> DomainModel:
    """Gradient descent on the sum of all domain losses.

    Parameters
    ----------
    start : DomainModel
        Starting weights.
    data : DomainData
        All domains.
    steps, rate : optional
        Number and size of the steps.
    train_trunk : bool, optional
        Also train the trunk, on the gradient summed over domains.
    route : int array, shape (steps, K), optional
        Head used by each domain at each step; its own (enforced routing) if None.

    Returns
    -------
    trained : DomainModel
    """
    positive("rate", rate)
    plan = _plan(whole_number("steps", steps), len(start.heads), route)
    if len(start.heads) != len(data.inputs):
        refuse("start", start.heads, f"one head for each of the {len(data.inputs)} domains")
    trunk, heads = start.trunk.copy(), start.heads.copy()
    for used in plan:
        of_heads, of_trunk = _gradients(trunk, data, heads[used])
        np.subtract.at(heads, used, rate * of_heads)
        if train_trunk:
            trunk = trunk - rate * of_trunk.sum(axis=0)
    return DomainModel(trunk, heads)


def train_separately(
    start: DomainModel,
    data: DomainData,
    steps: int = 400,
    rate: float = 0.05,
    train_trunk: bool = False,
) -> tuple[DomainModel, ...]:
    """Train each domain alone, with a trunk of its own; one model of a single head per domain."""
    return tuple(
        train_jointly(
            DomainModel(start.trunk, start.heads[k : k + 1]),
            DomainData(data.inputs[k : k + 1], data.targets[k : k + 1]),
            steps,
            rate,
            train_trunk,
        )
        for k in range(len(start.heads))
    )
