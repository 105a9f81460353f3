"""How often the divisor of a fresh head is at its least value: weights do not sum to one then."""

from __future__ import annotations

from numpy.random import Generator
from refutable.simulations.bayes.gaam._block import LENGTH, fresh_scales, head
from refutable.theory.bayes import gaam as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    FalseTheory,
    Origin,
    Probability,
    Scope,
)


def sums(
    cell: Cell, rng: Generator, size: int, floor: float = theory.FLOOR, moved: float = 0.0
) -> Columns:
    """Whether the weights of fresh heads sum to less than one.

    Parameters
    ----------
    cell : Cell
        With ``gaussians``.
    floor : float
        Least divisor.
    moved : float
        Deviation of the offsets, which begin at 0.

    Returns
    -------
    dict of ndarray, shape (size,)
        ``short``: they do, by more than rounding.
    """
    x = rng.standard_normal((size, LENGTH))
    offsets = moved * rng.standard_normal((size, cell.gaussians))
    found = head(x, offsets, fresh_scales(rng, size, cell.gaussians), floor)
    return {"short": found.sum(axis=-1) < 1 - 1e-9}


def _at_least(cell: Cell) -> float:
    return theory.clamped_at_least(cell.gaussians, LENGTH)


CLAMP = Claim(
    id="gaam.clamped-normaliser",
    title="With many Gaussians the weights of a fresh attention head do not sum to one",
    source="the divisor of the released block, at least 1e-8",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The released block divides by the sum of the products or, where that is less, by "
    "1e-8. With 64 places a fresh head of five Gaussians hardly ever meets that floor, in at most "
    "1 case of 100; with 20 it does in more than 17 % of cases, with 30 in more than 81 %.",
    formula='"P"(sum_t w_t < 1) >= 1 - Phi((log(10^8 T) - K / 2 log 2 pi) / sqrt(K))',
    scope=Scope.AS_STATED,
    does_not_show="Heads after training; that anyone uses so many Gaussians: the example of the "
    "repository has 5, the paper 4.",
    assumptions=("64 standard normal inputs; offsets 0 and scales $exp(N(0, 1))$, as released",),
    notes=(
        "The floor is met by 0.005 % of fresh heads with 10 Gaussians, 3.5 % with 15, 34 % with 20 "
        "and 93 % with 30; by 7 % of heads with five Gaussians and standard normal offsets.",
    ),
    cells=ByEffort(
        smoke=Cells(gaussians=(5, 20, 30)),
        standard=Cells(gaussians=(5, 20, 30)),
        full=Cells(gaussians=(5, 20, 30, 40)),
    ),
    simulate=sums,
    expect=(
        Probability("short", gaussians=5).at_most(0.01),
        Probability("short", gaussians=(20, 30, 40)).at_least(_at_least),
    ),
    controls=(
        BrokenWorld(
            "five Gaussians with standard normal offsets",
            change={"moved": 1.0},
            at={"gaussians": 5},
        ),
        BrokenWorld("a floor of 1e-10", change={"floor": 1e-10}, at={"gaussians": 30}),
        FalseTheory(
            "a quarter at most with 20 Gaussians",
            Probability("short", gaussians=20).at_most(0.25),
        ),
    ),
    block=256,
    cap=ByEffort(smoke=8192, standard=16_384, full=65_536),
    figure=Axis(x="gaussians", label="Gaussians of the head"),
)
