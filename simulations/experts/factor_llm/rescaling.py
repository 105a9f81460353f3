"""The factor N/K on the sum of K experts: for random subsets, and for the best routing there is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.experts._identities.gap import IDENTITY
from refutable.simulations.experts.factor_llm._routers import WIDTH, grid, routing_errors
from refutable.solvers.subsets import (
    sampling_error,
    subset_indicators,
    subset_sum_errors,
    with_replacement_error,
)
from refutable.theory.experts import factor_llm as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FalseTheory,
    FloatArray,
    Origin,
    Quantile,
    Scope,
)


def subset_error(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    formula: Callable[[FloatArray, int], FloatArray] = sampling_error,
) -> Columns:
    """Error of random subsets of experts by formula and by enumeration."""
    experts = rng.standard_normal((size, cell.n, WIDTH)) + 0.3  # a mean, so that centring matters
    chosen = subset_indicators(cell.n, cell.k)
    enumerated = subset_sum_errors(experts, chosen, cell.n / cell.k).mean(axis=-1)
    orthogonal = formula(np.eye(cell.n), cell.k) / cell.n
    return {
        "gap": np.abs(formula(experts, cell.k) / enumerated - 1),
        "orthogonal": np.full(size, orthogonal),
    }


SUBSETS = Claim(
    id="factor_llm.random-subset-error",
    title="Random experts, rescaled, err by the finite-population variance",
    source="Output of the student, new_model_KD.py; Cochran, Sampling Techniques, theorem 2.2",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="A uniform K-subset of the experts, rescaled by $N/K$, is off by the "
    "finite-population variance; for orthogonal experts of equal norm and $K = N/2$ that "
    "is as bad as a zero output.",
    formula="EE norm(hat(y) - y)^2 = N^2/K (1 - K/N) 1/(N-1) sum_i norm(e_i - overline(e))^2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The error of a trained router, which need not choose at random.",
    cells=ByEffort(
        smoke=Cells(n=(4,), k=(1, 2, 3)),
        standard=Cells(n=(4, 8), k=(1, 2, 3)),
        full=Cells(n=(4,), k=(1, 2, 3)) + Cells(n=(6, 8), k=(1, 2, 3, 4)),
    ),
    simulate=subset_error,
    expect=(
        Exact("gap").at_most(IDENTITY),
        Exact("orthogonal").near(lambda c: theory.orthogonal_random_error(c.n, c.k), 1e-12),
    ),
    controls=(
        BrokenWorld(
            "draws with replacement", change={"formula": with_replacement_error}, at={"k": (2, 3)}
        ),
    ),
    block=64,
    cap=ByEffort(smoke=64, standard=256, full=1024),
)

RESCALING = Claim(
    id="factor_llm.rescaling-dominates",
    title="The rescaling, not the routing, dominates the error before training",
    source="Output of the student, down_proj * (N // k), new_model_KD.py",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="When each token excites one expert, in a typical random network (the median), the "
    "factor $N/K$ ruins even the best subset at $K = N/2$: it saves less than a tenth of a zero "
    "output's error, while the K experts closest to the teacher, unscaled, save over nine tenths.",
    formula="min_S norm(N/K sum_(i in S) e_i - t)^2 >= 9/10 norm(t)^2",
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The student after fine-tuning, which can absorb a wrong scale; this is before "
    "it. The output is that of the released code. Nine tenths were chosen after a pilot.",
    cells=grid(2, ("structured",)),
    simulate=routing_errors,
    expect=(
        Quantile("best").at_least(0.9),
        Quantile("closest_unscaled").at_most(0.1),
        Quantile("best_unscaled").shown(),
    ),
    controls=(
        FalseTheory("the best subset saves less than a twentieth", Quantile("best").at_least(0.95)),
        BrokenWorld("tokens that excite no expert in particular", cells=grid(2, ("unstructured",))),
    ),
    block=16,
    cap=ByEffort(smoke=480, standard=960, full=1920),
)
