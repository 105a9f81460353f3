"""Whether the mean image-grounding score is the mutual information of text and image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from refutable.theory.selection import adapt_inf as theory

from refutable import (
    Basis,
    BrokenWorld,
    ByEffort,
    Cell,
    Cells,
    Claim,
    Columns,
    Exact,
    FloatArray,
    Origin,
    Scope,
)

Tokens = NDArray[np.int64]

IDENTITY = 1e-10
"""Rounding of sums in double precision, with room."""


def perplexity(probability: FloatArray, tokens: Tokens) -> FloatArray:
    """Return p(text)^(-1/tokens)."""
    return np.asarray(probability ** (-1.0 / tokens))


def mean_log_grounding(
    joint: FloatArray, model: FloatArray, tokens: Tokens, weights: Tokens
) -> float:
    """Average weight times log IG over a joint law, from the perplexities themselves."""
    grounding = perplexity(joint.sum(axis=0), tokens) / perplexity(model, tokens)
    return float((joint * weights * np.log(grounding)).sum())


def laws(cell: Cell, rng: np.random.Generator) -> tuple[FloatArray, Tokens, FloatArray]:
    """Draw a joint law of images and texts, text lengths, and another conditional law."""
    joint = rng.dirichlet(np.full(cell.images * cell.texts, 0.5)) + 1e-6
    joint = (joint / joint.sum()).reshape(cell.images, cell.texts)
    tokens = rng.integers(1, 9, cell.texts)
    return joint, tokens, rng.dirichlet(np.full(cell.texts, 5.0), size=cell.images)


def grounding(
    cell: Cell,
    rng: np.random.Generator,
    size: int,
    shuffled: bool = False,
    by_length: bool = True,
) -> Columns:
    """Mean log grounding under the true or a shuffled conditional, and under a random model.

    With `shuffled` the model sees another image than the one the text belongs to; without
    `by_length` the factor |z| is left out.
    """
    values, gaps, model_gaps = [], [], []
    for _ in range(size):
        joint, tokens, other = laws(cell, rng)
        weights = tokens if by_length else np.ones_like(tokens)
        true = theory.conditional(joint)
        seen = np.roll(true, 1, axis=0) if shuffled else true
        value = mean_log_grounding(joint, seen, tokens, weights)
        values.append(value)
        gaps.append(abs(value - theory.mutual_information(joint)))
        predicted = theory.mean_log_grounding(joint, other)
        model_gaps.append(abs(mean_log_grounding(joint, other, tokens, weights) - predicted))
    return {"value": np.array(values), "gap": np.array(gaps), "model_gap": np.array(model_gaps)}


GROUNDING = Claim(
    id="adapt_inf.image-grounding-mi",
    title="The mean image-grounding score is a mutual information",
    source="Image grounding score IG = PPL(text)/PPL(text | image); derived",
    origin=Origin.DERIVED,
    basis=Basis.CODE,
    statement="The mean of $abs(z)$ log IG is the mutual information of text and image for the "
    "true conditional law, and less by the mean divergence for any other model.",
    formula='EE[abs(z) log "IG"] = I("text"; "image") - EE "KL"(p || q)',
    scope=Scope.MECHANISM_ONLY,
    does_not_show="The score without the factor $abs(z)$, which the release uses to rank single "
    "samples; a language model's own error in p(text).",
    assumptions=("the perplexity of the text alone comes from its true marginal law",),
    cells=ByEffort(
        smoke=Cells(images=(5,), texts=(7,)),
        standard=Cells(images=(5,), texts=(7,)),
        full=Cells(images=(5, 50), texts=(7, 70)),
    ),
    simulate=grounding,
    expect=(
        Exact("gap").at_most(IDENTITY),
        Exact("model_gap").at_most(IDENTITY),
        Exact("value").at_least(0.0),
    ),
    controls=(
        BrokenWorld(
            "a model that sees another image", change={"shuffled": True}, judged_by="value"
        ),
        BrokenWorld(
            "without the factor |z|", change={"by_length": False}, judged_by=("gap", "model_gap")
        ),
    ),
    block=64,
    cap=ByEffort(smoke=64, standard=256, full=1024),
)
