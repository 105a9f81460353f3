"""Multiple-negatives losses of models/losses.py: least value, value at random, the plus variant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from refutable.simulations.experts._identities.gap import IDENTITY
from refutable.solvers.contrastive import (
    minimise_on_sphere,
    mnr_loss,
    normalise,
    self_similarity_targets,
    self_target_loss,
    simplex_vectors,
    symmetric_mnr_loss,
)
from refutable.theory.experts import moe_embeddings as theory

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
    Scope,
)


def orthonormal(count: int, dimension: int) -> FloatArray:
    """Vectors at right angles, in as many dimensions as there are of them."""
    del dimension
    return np.eye(count)


def least_loss(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    vertices: Callable[[int, int], FloatArray] = simplex_vectors,
) -> Columns:
    """MNR loss of unit vectors after one descent each, and that of the simplex."""
    found = [minimise_on_sphere(rng, cell.pairs, cell.dimension, 1.0, 1) for _ in range(size)]
    simplex = vertices(cell.pairs, max(cell.dimension, cell.pairs - 1))
    return {
        "found": np.array(found),
        "above_bound": np.array(found) - theory.mnr_lower_bound(cell.pairs),
        "simplex": np.full(size, float(mnr_loss(simplex, simplex))),
    }


BOUND = Claim(
    id="moe_embeddings.mnr-bound",
    title="The contrastive loss of unit vectors cannot go below a bound",
    source="MNR loss of models/losses.py with normalised embeddings, no temperature; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The MNR loss of unit vectors cannot go below a bound that the regular simplex "
    "attains; the simplex needs $d >= B - 1$.",
    formula="L >= log (1 + (B-1) e^(-B / ((B-1) tau)))",
    scope=Scope.AS_STATED,
    does_not_show="The loss of trained encoders; descent is a search, not a proof of the bound "
    "(the proof is with the formula).",
    cells=ByEffort(
        smoke=Cells(pairs=(8,), dimension=(4, 7)),
        standard=Cells.of(
            *({"pairs": b, "dimension": d} for b in (8, 16) for d in (4, 7, 16)),
        ),
        full=Cells.of(
            *({"pairs": b, "dimension": d} for b in (8, 16, 32) for d in (4, 7, 16, 32)),
        ),
    ),
    simulate=least_loss,
    expect=(
        Exact("above_bound").at_least(-IDENTITY),
        Exact("simplex").equals(lambda c: theory.mnr_lower_bound(c.pairs), IDENTITY),
        Exact("above_bound", pairs=8, dimension=(7, 16, 32)).at_most(1e-5),
        Exact("above_bound", dimension=4).at_least(1e-2),
    ),
    controls=(
        FalseTheory(
            "the naive bound of cosine -1 is reached",
            Exact("found").at_most(lambda c: theory.naive_bound(c.pairs) + 0.05),
        ),
        BrokenWorld(
            "one dimension less than the simplex needs",
            cells=Cells(pairs=(8,), dimension=(6,)),
            expect=(Exact("above_bound").at_most(1e-5),),
        ),
        BrokenWorld(
            "vectors at right angles in place of the simplex",
            change={"vertices": orthonormal},
            at={"pairs": 8, "dimension": 7},
            judged_by="simplex",
        ),
    ),
    notes=("Of 100 descents from random starts in 4 and in 7 dimensions each ends at one value.",),
    block=5,
    cap=20,
)


def random_pairs(cell: Cell, rng: np.random.Generator, size: int) -> Columns:
    """Loss of independent random unit vectors."""
    a, b = normalise(rng.standard_normal((2, size, cell.pairs, cell.dimension)))
    return {"excess": mnr_loss(a, b) - theory.random_loss(cell.pairs)}


RANDOM = Claim(
    id="moe_embeddings.mnr-at-random",
    title="Independent embeddings have a loss of the logarithm of the batch",
    source="MNR loss of models/losses.py with normalised embeddings; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="Independent embeddings in many dimensions have an MNR loss of log B.",
    formula="L -> log B",
    scope=Scope.AS_STATED,
    does_not_show="The loss of an untrained encoder, whose embeddings are far from independent.",
    cells=Cells(pairs=(32,), dimension=(4096,)),
    simulate=random_pairs,
    expect=(Exact("excess").within(-0.03, 0.03),),
    controls=(BrokenWorld("three dimensions", cells=Cells(pairs=(32,), dimension=(3,))),),
    block=8,
    cap=ByEffort(smoke=24, standard=64, full=256),
)


def plus_gap(cell: Cell, rng: np.random.Generator, size: int, normalised: bool = True) -> Columns:
    """Compare mnr_plus with the symmetric loss, and its targets with the identity."""
    a, b = rng.standard_normal((2, size, cell.pairs, cell.dimension))
    if normalised:
        a, b = normalise(a), normalise(b)
    targets = self_similarity_targets(a, b)
    return {
        "gap": np.abs(self_target_loss(a, b) - symmetric_mnr_loss(a, b)),
        "own_target": (targets == np.arange(a.shape[1])).mean(axis=1),
    }


PLUS = Claim(
    id="moe_embeddings.mnr-plus-is-symmetric-mnr",
    title="For normalised embeddings the plus loss is the symmetric loss",
    source="mnr_plus_loss of models/losses.py with normalize=True; derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="For normalised embeddings mnr_plus, whose targets are the argmax of the mean "
    "self-similarity, is the symmetric MNR loss: the diagonal, 1, is the largest entry.",
    formula='L_"plus" = 1/2 (L_(a b) + L_(b a))',
    scope=Scope.AS_STATED,
    does_not_show="Unnormalised embeddings, where the two differ in few dimensions (control).",
    cells=Cells(pairs=(32,), dimension=(8,)),
    simulate=plus_gap,
    expect=(Exact("gap").at_most(IDENTITY), Exact("own_target").equals(1.0)),
    controls=(
        BrokenWorld(
            "unnormalised embeddings in three dimensions",
            change={"normalised": False},
            cells=Cells(pairs=(32,), dimension=(3,)),
        ),
    ),
    block=64,
    cap=ByEffort(smoke=128, standard=512, full=4096),
)
