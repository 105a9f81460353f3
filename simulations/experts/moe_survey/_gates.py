"""Router outputs that bring the load-balancing loss near its greatest lower bound."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import numpy as np
from refutable.theory.experts import moe_survey as theory

from refutable import Cells, FloatArray

MARGIN = 4e-7
"""Lead of the first choice: probabilities .5000001 and .4999999 for two choices."""
NEVER = -40.0
"""Output of an expert that is not wanted: its probability is 4e-18, below rounding."""
TOKENS_PER_UNIT = 25
"""With it 100 tokens for two experts, 75 and 25."""


def pairs(*of: tuple[int, int]) -> Cells:
    """Return cells of E experts and k choices."""
    return Cells.of(*({"experts": n, "chosen": k} for n, k in of))


def helpers(shares: tuple[Fraction, ...], own: int) -> list[int]:
    """Return the other experts between which a token splits its gate: the least used ones.

    As many as make the mean share over them and its own expert least.
    """
    others = sorted((j for j in range(len(shares)) if j != own), key=lambda j: shares[j])
    sums = accumulate((shares[j] for j in others), initial=shares[own])
    means = [total / (s + 1) for s, total in enumerate(sums)]
    return others[: means.index(min(means))]


def hiding_outputs(n: int, choices: int, margin: float = MARGIN) -> FloatArray:
    """Router outputs (T, N) whose top-k gates nearly reach the greatest lower bound.

    Parameters
    ----------
    n : int
        Experts N.
    choices : int
        Entries of the gates for which the loss is least.
    margin : float
        By how much a token's own expert leads.
    """
    shares = theory.least_loss_shares(n, choices)
    live = [i for i, share in enumerate(shares) if share]
    unit = min(share for share in shares if share)
    rows = []
    for own in live:
        row = np.full(n, NEVER)
        row[helpers(shares, own)[: choices - 1]] = 0.0
        row[own] = margin
        rows += [row] * (int(shares[own] / unit) * TOKENS_PER_UNIT)
    return np.array(rows)
