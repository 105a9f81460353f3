"""How many experts a batch of tokens touches when every token picks k of E at random."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.moe_layer import distinct_experts
from refutable.solvers.subsets import random_subsets
from refutable.theory.experts import moe_inference_survey as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    Mean,
    Origin,
    Scope,
)

Ids = NDArray[np.int64]
Routing = Callable[[Cell, np.random.Generator, int], Ids]


def picks(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Draw k different experts for each token: (size, B, k)."""
    members = random_subsets(rng, size * cell.batch, cell.experts, cell.chosen)
    return members.reshape(size, cell.batch, cell.chosen)


def picks_with_repeats(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Let a token pick the same expert more than once."""
    return rng.integers(0, cell.experts, (size, cell.batch, cell.chosen))


def picks_of_twins(cell: Cell, rng: np.random.Generator, size: int) -> Ids:
    """Let the second token pick what the first one picks."""
    ids = picks(cell, rng, size)
    ids[:, 1] = ids[:, 0]
    return ids


def touched(cell: Cell, rng: np.random.Generator, size: int, routing: Routing = picks) -> Columns:
    """Count the different experts of a batch."""
    return {"distinct": distinct_experts(routing(cell, rng, size), cell.experts)}


def predicted(cell: Cell) -> float:
    """Return the closed form in the cell."""
    return theory.expected_distinct(cell.experts, cell.chosen, cell.batch)


def without_sharing(cell: Cell) -> float:
    """Return k B: no two tokens share an expert."""
    return float(cell.chosen * cell.batch)


def several(cell: Cell) -> bool:
    """Whether there is more than one token, whose experts may be the same."""
    return bool(cell.batch > 1)


def batches(*tokens: int) -> Cells:
    """Mixtral's 2 of 8 experts, and 6 of 64, at these batch sizes."""
    layers = ((8, 2), (64, 6))
    return Cells.of(*({"experts": e, "chosen": k, "batch": b} for e, k in layers for b in tokens))


DISTINCT = Mean(
    "distinct",
    bounds=(lambda c: c.chosen, lambda c: min(c.experts, c.chosen * c.batch)),
    where=several,
)


def half_a_percent(cell: Cell) -> float:
    """Margin: half a percent of the prediction."""
    return 0.005 * predicted(cell)


COVERAGE = Claim(
    id="moe_inference_survey.expert-coverage",
    title="A small batch already touches most experts",
    source="Batched inference with sparse activation; standard formula, derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "A batch of B tokens, each of which picks k of E experts at random, touches $E (1 - (1 - "
        "k/E)^B)$ of them on average: sparse activation saves memory traffic only while the batch "
        "is small."
    ),
    formula='"mean of" D = E (1 - (1 - k/E)^B)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "What trained routers do: their tokens are neither uniform nor independent, which leaves "
        "more experts untouched. Time or bandwidth."
    ),
    assumptions=("tokens pick independently of each other", "all k-sets are equally likely"),
    notes=(
        "With 2 of 8 experts, 8 tokens touch 7.20 of them; with 6 of 64, 32 tokens touch 61.3. "
        "Half of all experts is passed at 3 and at 8 tokens.",
    ),
    cells=ByEffort(
        smoke=batches(1, 2, 8, 32),
        standard=batches(1, 2, 4, 8, 16, 32),
        full=batches(1, 2, 4, 8, 16, 32),
    ),
    simulate=touched,
    expect=(
        Exact("distinct", batch=1).equals(lambda c: c.chosen),
        DISTINCT.near(predicted, half_a_percent),
    ),
    controls=(
        # two tokens of 6 of 64 experts share 0.56 of an expert: kB is too high by 4.9 %
        FalseTheory(
            "as many as k B, to within 4.3 %",
            Mean("distinct", bounds=DISTINCT.bounds, experts=64, batch=2).near(
                without_sharing, lambda c: 0.043 * without_sharing(c)
            ),
        ),
        BrokenWorld(
            "one token may pick an expert twice",
            change={"routing": picks_with_repeats},
            at={"batch": 1},
        ),
        BrokenWorld(
            "every token may pick an expert twice",
            change={"routing": picks_with_repeats},
            at={"experts": 8, "batch": 8},
        ),
        BrokenWorld(
            "two tokens of the batch need the same experts",
            change={"routing": picks_of_twins},
            at={"experts": 8, "batch": 8},
        ),
    ),
    block=2048,
    cap=ByEffort(smoke=131_072, standard=131_072, full=262_144),
    figure=Axis(x="batch", label="tokens B", log=True, curve=True),
)
