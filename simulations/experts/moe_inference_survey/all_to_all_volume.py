"""Bytes that cross between devices when tokens travel to their experts and back."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from refutable.solvers.collectives import copies_between
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
    FalseTheory,
    Mean,
    Origin,
    Scope,
)

Ids = NDArray[np.int64]
Placement = Callable[[int, int], Ids]

TOKENS = 64
VECTOR = 4096 * 2
"""Bytes of one hidden vector: Mixtral's width at 16 bits."""
MEGABYTE = 10**6


def evenly(count: int, devices: int) -> Ids:
    """Place neighbours together, the same number on every device."""
    return np.arange(count) * devices // count


def half_on_one(count: int, devices: int) -> Ids:
    """Place half of all on the first device, the rest evenly on the others."""
    rest = np.arange(count - count // 2) * (devices - 1) // (count - count // 2)
    return np.concatenate([np.zeros(count // 2, dtype=np.int64), 1 + rest])


PLACEMENTS: dict[str, tuple[Placement, Placement]] = {
    "both even": (evenly, evenly),
    "tokens uneven": (half_on_one, evenly),
    "experts uneven": (evenly, half_on_one),
}
"""Of the tokens, and of the experts."""


def layer_traffic(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    at_home: float = 0.0,
    merged: bool = False,
    placement: tuple[Placement, Placement] | None = None,
) -> Columns:
    """Megabytes that cross between devices in the dispatch and the combine of one layer.

    Parameters
    ----------
    at_home : float
        Share of the tokens all of whose experts are on their own device.
    merged : bool
        Send one copy of a token to a device, however many of its experts are there.
    placement : pair of callables, optional
        Of tokens and of experts, instead of the cell's.
    """
    tokens, experts = placement or PLACEMENTS[cell.placement]
    homes = np.broadcast_to(tokens(TOKENS, cell.devices), (size, TOKENS))
    members = random_subsets(rng, size * TOKENS, cell.experts, cell.chosen)
    targets = experts(cell.experts, cell.devices)[members].reshape(size, TOKENS, cell.chosen)
    if at_home:
        stays = rng.random((size, TOKENS, 1)) < at_home
        targets = np.where(stays, homes[..., None], targets)
    if merged:
        targets = without_doubles(homes, targets)
    there = copies_between(homes, targets, cell.devices)
    back = np.swapaxes(there, -1, -2)
    return {"megabytes": VECTOR * (crossing(there) + crossing(back)) / MEGABYTE}


def without_doubles(homes: Ids, targets: Ids) -> Ids:
    """Send home, where nothing crosses, every copy but the first to a device."""
    ordered = np.sort(targets, axis=-1)
    again = np.diff(ordered, axis=-1, prepend=-1) == 0
    return np.where(again, homes[..., None], ordered)


def crossing(copies: Ids) -> Ids:
    """Count the copies off the diagonal."""
    return np.asarray(copies.sum(axis=(-2, -1)) - np.trace(copies, axis1=-2, axis2=-1))


def everything(cell: Cell) -> float:
    """Megabytes if no copy stayed at home: the factor 1 - 1/P dropped."""
    return float(2 * TOKENS * cell.chosen * VECTOR / MEGABYTE)


def predicted(cell: Cell) -> float:
    """Return the closed form in the cell, in megabytes."""
    return theory.all_to_all_bytes(TOKENS * cell.chosen, VECTOR, cell.devices) / MEGABYTE


def half_a_percent(cell: Cell) -> float:
    """Margin: half a percent of all copies."""
    return 0.005 * everything(cell)


def layers(devices: tuple[int, ...], *placements: str) -> Cells:
    """2 of 16 experts, and 6 of 64, on so many devices."""
    return Cells.of(
        *(
            {"experts": e, "chosen": k, "devices": p, "placement": where}
            for where in placements
            for e, k in ((16, 2), (64, 6))
            for p in devices
        )
    )


BOUNDS = (0, everything)
MOVED = Mean("megabytes", bounds=BOUNDS)

VOLUME = Claim(
    id="moe_inference_survey.all-to-all-volume",
    title="Of the copies of tokens one in P stays on its own device",
    source="Expert parallelism, all-to-all; standard formula, derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "With tokens and experts spread evenly over P devices and uniform routing, dispatch and "
        "combine of a layer move 2 T k d b (1 - 1/P) bytes on average."
    ),
    formula="2 T k d b (1 - 1/P)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Time, or the busiest device; systems that send one copy to a device whatever the number "
        "of experts there move less, as a control shows."
    ),
    assumptions=("one copy for each expert of a token", "all k-sets are equally likely"),
    notes=(f"A layer of {TOKENS} tokens, hidden vectors of 4096 numbers of two bytes.",),
    cells=ByEffort(
        smoke=layers((2, 8, 16), "both even"),
        standard=layers((2, 4, 8, 16), "both even"),
        full=layers((2, 4, 8, 16), "both even"),
    ),
    simulate=layer_traffic,
    expect=(MOVED.near(predicted, half_a_percent),),
    controls=(
        FalseTheory(
            "every copy crosses, to within 6 %",
            Mean("megabytes", bounds=BOUNDS, devices=16).near(
                everything, lambda c: 0.06 * everything(c)
            ),
        ),
        BrokenWorld(
            "one token in fifty finds its experts at home",
            change={"at_home": 1 / 50},
            at={"devices": 16},
        ),
        BrokenWorld(
            "one copy to a device, whatever the number of experts there",
            change={"merged": True},
            at={"experts": 16, "devices": 8},
        ),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16_384, full=65_536),
    figure=Axis(x="devices", label="devices P", log=True, curve=True),
)

ONE_EVEN = Claim(
    id="moe_inference_survey.volume-with-one-side-even",
    title="The volume stays the same as long as either tokens or experts are spread evenly",
    source="Expert parallelism with unequal placement; derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "The mean volume is the same if half of all tokens, or half of all experts, are on one "
        "device and the other kind is spread evenly: imbalance costs time, not bytes."
    ),
    formula="1 - sum_s a_s b_s = 1 - 1/P quad (a_s = 1/P thin or thin b_s = 1/P)",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Time: the busiest device gets or sends half of everything.",
    assumptions=("one copy for each expert of a token", "all k-sets are equally likely"),
    cells=ByEffort(
        smoke=layers((4,), "tokens uneven", "experts uneven"),
        standard=layers((2, 4, 8), "tokens uneven", "experts uneven"),
        full=layers((2, 4, 8), "tokens uneven", "experts uneven"),
    ),
    simulate=layer_traffic,
    expect=(MOVED.near(predicted, half_a_percent),),
    controls=(
        BrokenWorld(
            "tokens and experts crowd on the same device",
            change={"placement": (half_on_one, half_on_one)},
            at={"devices": 4, "placement": "tokens uneven"},
        ),
        BrokenWorld(
            "one token in fifty finds its experts at home",
            change={"at_home": 1 / 50},
            at={"devices": 4},
        ),
    ),
    block=512,
    cap=ByEffort(smoke=8192, standard=16_384, full=65_536),
)
