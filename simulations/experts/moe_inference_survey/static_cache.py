"""What a cache that keeps the most popular experts for good has over LRU, and when nothing."""

from __future__ import annotations

from refutable.simulations.experts.moe_inference_survey._requests import (
    DIFFERENCE,
    RATIO,
    caches,
    hit_ratios,
    law,
)
from refutable.theory.experts import moe_inference_survey as theory

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Claim,
    FalseTheory,
    Mean,
    Origin,
    Scope,
)

MARGIN = 0.005


def mass(cell: Cell) -> float:
    """Popularity of the experts that are kept."""
    return theory.static_hit_ratio(law(cell), cell.slots)


EXPONENTS = (0.6, 1.0, 1.4)
HALF_OF_EIGHT = {"experts": 8, "slots": 4}

STATIC = Claim(
    id="moe_inference_survey.static-cache-hit",
    title="Without correlation in time, keeping the most popular experts beats LRU",
    source="Offloading with a fixed set of cached experts; derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "Under independent requests a cache that keeps the most popular experts for good hits as "
        "often as they are asked for, and LRU does not hit more often."
    ),
    formula='"hit"("static") = sum_(i <= C) p_((i)) >= "hit"("LRU")',
    scope=Scope.MECHANISM_ONLY,
    does_not_show=(
        "Which is better for real routers: where requests repeat often enough LRU is ahead, as a "
        "control shows, and popularity that drifts hurts the static cache."
    ),
    assumptions=("independent requests", "one expert per request", "known popularity"),
    notes=(
        "Of half of eight experts with exponent 0.6 the static cache hits 0.664, LRU 0.562; LRU "
        "is ahead as soon as 23 % of the requests repeat the last one.",
    ),
    cells=ByEffort(
        smoke=caches((8, 32), (0.6, 1.4), parts=(2,)),
        standard=caches((8, 128), (0.6, 1.4)),
        full=caches((8, 32, 128), EXPONENTS),
    ),
    simulate=hit_ratios,
    expect=(
        Mean("static", bounds=RATIO).near(mass, MARGIN),
        Mean("static_minus_lru", bounds=DIFFERENCE).at_least(0),
    ),
    controls=(
        BrokenWorld(
            "the fifth in popularity kept in place of the fourth",
            change={"skipped": 1},
            at={"exponent": 1.4, **HALF_OF_EIGHT},
            judged_by="static",
        ),
        BrokenWorld(
            "three requests in ten repeat the last",
            change={"repeats": 0.3},
            at={"exponent": 0.6, **HALF_OF_EIGHT},
            judged_by="static_minus_lru",
        ),
        FalseTheory(
            "ahead of LRU by 0.11 with half of eight experts",
            Mean("static_minus_lru", bounds=DIFFERENCE, exponent=0.6, **HALF_OF_EIGHT).at_least(
                0.11
            ),
        ),
    ),
    block=1024,
    cap=ByEffort(smoke=8192, standard=16_384, full=65_536),
    figure=Axis(x="slots", label="experts in the cache C", log=True),
)


def share(cell: Cell) -> float:
    """Share of the experts that is cached."""
    return float(cell.slots / cell.experts)


UNIFORM = Claim(
    id="moe_inference_survey.uniform-cache-hit",
    title="If all experts are equally popular, a cache hits as often as it is large",
    source="The limit of balanced routing; derived here",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement=(
        "Under uniform popularity a cache hits a share $C/E$ of the independent requests, whether "
        "it keeps fixed experts or the most recent ones: balanced routing leaves it nothing to "
        "learn."
    ),
    formula='"hit"("static") = "hit"("LRU") = C/E',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Routers that are balanced over a long time and correlated over a short one.",
    assumptions=("independent requests", "one expert per request"),
    cells=ByEffort(
        smoke=caches((8, 32), (0.0,), parts=(4, 2)),
        standard=caches((8, 32, 128), (0.0,)),
        full=caches((8, 32, 128), (0.0,)),
    ),
    simulate=hit_ratios,
    expect=(
        Mean("lru", bounds=RATIO).near(share, MARGIN),
        Mean("static", bounds=RATIO).near(share, MARGIN),
    ),
    controls=(
        BrokenWorld(
            "one request in fifty repeats the last",
            change={"repeats": 0.02},
            at=HALF_OF_EIGHT,
            judged_by="lru",
        ),
        BrokenWorld(
            "a popularity of exponent 0.05",
            change={"steeper": 0.05},
            at=HALF_OF_EIGHT,
            judged_by="static",
        ),
    ),
    block=1024,
    cap=ByEffort(smoke=8192, standard=16_384, full=65_536),
    figure=Axis(x="slots", label="experts in the cache C", log=True, curve=True),
)
