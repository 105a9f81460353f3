"""How a large mixture looks on the few frames that it was fitted to."""

from __future__ import annotations

from refutable.simulations.mixtures.voice_morphing._fits import (
    ASSUMED,
    TRUE_RATIO,
    four_and_eight,
)

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cells,
    Claim,
    FalseTheory,
    Origin,
    Quantile,
    Scope,
)

OVERSHOOT = Claim(
    id="voice_morphing.in-sample-overshoot",
    title="On the few frames it was fitted to, a large mixture seems to smooth too little",
    source="Derived here: over-fitting of the mapping",
    origin=Origin.DERIVED,
    basis=Basis.ABSTRACT,
    statement="With 60 frames and eight components the converted frames' share of variance is "
    "typically above the true $eta^2$ by 0.02 or more on the data themselves, while "
    "fresh frames are explained worse than with four components.",
    formula='(hat("Var") F_8)/(hat("Var") Y) >= eta^2 + 0.02, quad op("EV")_8 <= op("EV")_4',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about voices, or about mappings that are regularised.",
    assumptions=ASSUMED,
    notes=("Most of these fits end with a component on a few points, held up by the floor.",),
    cells=Cells(n=(60,)),
    simulate=four_and_eight,
    expect=(
        Quantile("sample_ratio_8", 0.5).at_least(TRUE_RATIO + 0.02),
        Quantile("last_gain", 0.5).at_most(0),
        Quantile("sample_ratio_4", 0.5).shown(),
        Quantile("explained_4", 0.5).shown(),
        Quantile("explained_8", 0.5).shown(),
    ),
    controls=(
        FalseTheory(
            "on the data it estimates the true one, to within 0.025",
            Quantile("sample_ratio_8", 0.5).near(TRUE_RATIO, 0.025),
        ),
        BrokenWorld(
            "0.2 is added to every variance", change={"floor": 0.2}, judged_by="sample_ratio_8"
        ),
        BrokenWorld("two components, then four", change={"numbers": (2, 4)}, judged_by="last_gain"),
    ),
    block=48,
    cap=ByEffort(smoke=960, standard=1920, full=3840),
)
