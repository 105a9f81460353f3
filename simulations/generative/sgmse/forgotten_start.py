"""Whether it matters where sampling starts once the corrector is on."""

from __future__ import annotations

from itertools import combinations

from refutable.simulations.generative.sgmse._sampler import ASSUMED, SPEECH, Sampler, output
from refutable.theory.generative import sgmse as theory
from refutable.theory.generative.sgmse import Start

from refutable import (
    Axis,
    Basis,
    BrokenWorld,
    Cell,
    Cells,
    Claim,
    Exact,
    FalseTheory,
    Origin,
    Scope,
    Values,
)

STARTS: tuple[Start, ...] = ("mixture", "noise", "exact")


def disagreement(cell: Cell, snr: float = 0.5) -> Values:
    """Return the largest Wasserstein-2 distance of the outputs from two starts, in units of s_0."""
    laws = [output(Sampler(cell.steps, snr), start) for start in STARTS]
    apart = (theory.distance(a, b) for a, b in combinations(laws, 2))
    return {"disagreement": max(apart) / SPEECH.sd}


FORGETS = Claim(
    id="sgmse.corrector-forgets-the-start",
    title="With the corrector it does not matter where sampling starts",
    source="The sampler, as in the released code; derived here",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="With one corrector step at each level, $r = 0.5$, and ten steps or more, the "
    "outputs from the recording, from zero and from the right law agree to a thousandth "
    "of $s_0$.",
    formula='max W_2 (P_N^"start", P_N^"start\'") <= 0.001 s_0 "for" N >= 10',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="Nothing about learned scores, which are asked far from where they were trained "
    "when the start is wrong.",
    assumptions=ASSUMED,
    cells=Cells(steps=(5, 7, 10, 15, 20, 30)),
    compute=disagreement,
    expect=(
        Exact("disagreement", where=lambda cell: cell.steps >= 10).at_most(1e-3),
        Exact("disagreement", steps=(5, 7)).shown(),
    ),
    controls=(
        FalseTheory("five steps do", Exact("disagreement", steps=5).at_most(1e-3)),
        BrokenWorld("a corrector with $r = 0.3$", change={"snr": 0.3}),
        BrokenWorld("no corrector", change={"snr": 0.0}),
    ),
    figure=Axis(x="steps", label="steps N", log=True),
)
