"""Tensors of a model as (name, shape, count, bits), and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from refutable.solvers.argument_checks import positive, refuse, whole_number


@dataclass(frozen=True)
class Tensor:
    """`count` tensors of one shape.

    Parameters
    ----------
    name
        Label, for example ``"layer.attention.query"``.
    shape
        Positive integers; ``()`` is a scalar.
    count
        How many tensors of this shape the model holds.
    bits
        Bits per entry in storage; a fraction such as ``Fraction(17, 4)`` spreads group scales
        over the entries.
    active
        How many of the copies one token is multiplied by (a table that is only looked up: 0). By
        default every chosen copy of a matrix and no copy of a vector, because biases and scales
        cost no multiply-add of a matrix product.
    chosen
        How many of the copies a router chooses for one token (top-2 of 8 experts: ``count=8``,
        ``chosen=2``). By default all: what is shared by all tokens.

    Raises
    ------
    ValueError
        If a dimension, count, bits, active or chosen is out of range, no number, or, where entries
        or copies are counted, no integer.
    """

    name: str
    shape: tuple[int, ...]
    count: int = 1
    bits: int | Fraction = 16
    active: int | None = None
    chosen: int | None = None

    def __post_init__(self) -> None:
        of = f" of {self.name!r}"
        if not isinstance(self.shape, tuple):
            refuse("shape" + of, self.shape, "a tuple of whole numbers")
        shape = tuple(whole_number("shape" + of, size) for size in self.shape)
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "count", whole_number("count" + of, self.count, 0))
        positive("bits" + of, self.bits)
        if self.active is not None:
            object.__setattr__(self, "active", whole_number("active" + of, self.active, 0))
        if self.chosen is not None:
            chosen = whole_number("chosen" + of, self.chosen, 0, self.count)
            object.__setattr__(self, "chosen", chosen)

    @property
    def parameters(self) -> int:
        """Entries of all copies."""
        return math.prod(self.shape) * self.count

    @property
    def activated(self) -> int:
        """Entries of the copies that one token meets."""
        return math.prod(self.shape) * (self.count if self.chosen is None else self.chosen)

    @property
    def bytes_stored(self) -> Fraction:
        """Bytes of all copies."""
        return Fraction(self.parameters) * Fraction(self.bits) / 8

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds that one token causes."""
        if self.active is None:
            return self.activated if len(self.shape) >= 2 else 0
        return math.prod(self.shape) * self.active


def linear(
    name: str,
    inputs: int,
    outputs: int,
    *,
    count: int = 1,
    bias: bool = True,
    active: int | None = None,
    bits: int | Fraction = 16,
) -> tuple[Tensor, ...]:
    """Weight (outputs x inputs) and, if asked for, bias (outputs,) of `count` linear maps."""
    weight = Tensor(f"{name}.weight", (outputs, inputs), count, bits, active)
    return (weight, Tensor(f"{name}.bias", (outputs,), count, bits)) if bias else (weight,)


def repeated(tensors: Iterable[Tensor], times: int) -> tuple[Tensor, ...]:
    """Repeat a block of tensors, each copy being active and chosen like the original."""
    times = whole_number("times", times, 0)
    return tuple(
        replace(
            t,
            count=t.count * times,
            active=None if t.active is None else t.active * times,
            chosen=None if t.chosen is None else t.chosen * times,
        )
        for t in tensors
    )


def experts(tensors: Iterable[Tensor], held: int, chosen: int) -> tuple[Tensor, ...]:
    """`held` copies of a network, of which a router chooses `chosen` for every token.

    Shared experts and the dense branch of a residual layer serve every token: they are no experts
    in this sense, but `repeated` like any other block. The router is a `linear` map of its own.

    Parameters
    ----------
    tensors
        One expert; what a router within it chooses stays chosen.
    held
        Experts E of the layer, at least 1.
    chosen
        Experts k of a token, from 0 to E.

    Raises
    ------
    ValueError
        If a number is out of range or no integer.
    """
    held = whole_number("held", held)
    chosen = whole_number("chosen", chosen, 0, held)
    return tuple(
        replace(
            t,
            count=t.count * held,
            active=None if t.active is None else t.active * chosen,
            chosen=(t.count if t.chosen is None else t.chosen) * chosen,
        )
        for t in tensors
    )


def parameters(tensors: Iterable[Tensor], prefix: str = "") -> int:
    """Entries of all tensors whose name starts with `prefix`."""
    return sum(t.parameters for t in tensors if t.name.startswith(prefix))


def activated(tensors: Iterable[Tensor], prefix: str = "") -> int:
    """Entries that one token meets: of experts the chosen ones, of all else everything.

    Routers, shared experts and residual branches count whole, because every token meets them.
    Embeddings and output heads count whole as well, as papers print activated sizes; to leave one
    out, leave its tensor out.
    """
    return sum(t.activated for t in tensors if t.name.startswith(prefix))


def bytes_stored(tensors: Iterable[Tensor], prefix: str = "") -> Fraction:
    """Bytes of all tensors whose name starts with `prefix`."""
    return sum((t.bytes_stored for t in tensors if t.name.startswith(prefix)), Fraction(0))


def multiply_adds(tensors: Iterable[Tensor], tokens: int = 1, prefix: str = "") -> int:
    """Multiply-adds of the matrix products of `tokens` tokens.

    Products of activations with each other (attention scores) are not weights and not counted.
    """
    return whole_number("tokens", tokens, 0) * sum(
        t.multiply_adds for t in tensors if t.name.startswith(prefix)
    )
