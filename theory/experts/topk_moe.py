"""Top-K sparse softmax gating: regions, the cardinality condition, and the truths of the checks.

Nguyen, Akbarian, Yan & Ho, "Statistical Perspective of Top-K Sparse Softmax Gating Mixture of
Experts" (ICLR 2024). The gate keeps the K largest b1'x (the intercept takes no part in the
ranking) and is a softmax of b1'x + b0 over those.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from refutable.theory.experts.softmax_gmoe.atoms import Atoms, atoms

from refutable import Paper

PAPER = Paper(
    key="topk_moe",
    field="experts",
    title="Statistical Perspective of Top-K Sparse Softmax Gating Mixture of Experts",
    authors=("Huy Nguyen", "Pedram Akbarian", "Fanqi Yan", "Nhat Ho"),
    year=2024,
    venue="ICLR 2024",
    arxiv="2309.13850",
    code=None,
    read=(
        "Abstract and reviews; the body could not be read, so every theorem's wording is recalled. "
        "The code and results of the parent paper (arXiv 2305.03288) stand in for its own."
    ),
    not_checked=(
        "Proposition 1 on the number of selected experts in its exact wording: it could not be "
        "read; what is checked are facts that decide the recalled universal statement.",
        "The over-specified rates: no fit of a top-K gate shows $n^(-1/8)$. Inside one region the "
        "moduli of two copies are those of the dense gate, which the parent paper's claims try; "
        "over all regions a copy is kept elsewhere, which is tried instead.",
        "Figure 3: the settings of the runs are known second hand only.",
    ),
)

BASE_TRUTH = atoms(
    (0.4, -0.3, 0), (-2, 2, 0), (1.5, 0.5, -1), (-1, 2, 0.3), (0.3, 0.35, 0.4)
)  # fmt: skip
"""k* = 3, K = 2, x in [-1, 1]; the middle expert comes last because the last gate is pinned."""
TWO_TRUTH = atoms((0, 0), (-1, 1), (1.5, 0.5), (-1, 2), (0.3, 0.35))
"""k* = 2, for K = 1."""
FOUR_TRUTH = atoms(
    (0.3, 0, 0.2, -0.3), (-2, -1, 1, 2), (1.5, -1, 0.5, -0.5), (-1, 0.6, 2, 0.2),
    (0.3, 0.4, 0.35, 0.3),
)  # fmt: skip
"""k* = 4, for K = 2."""


def selected(b1: ArrayLike, x: ArrayLike, k: int) -> NDArray[np.bool_]:
    """Return which of the experts are among the k largest b1'x, shape (..., experts).

    Parameters
    ----------
    b1 : array_like, shape (experts, d)
    x : array_like, shape (..., d)
    k : int
    """
    score = np.asarray(x, dtype=np.float64) @ np.asarray(b1, dtype=np.float64).T
    order = np.argsort(-score, axis=-1, kind="stable")
    chosen = np.zeros(score.shape, dtype=np.bool_)
    np.put_along_axis(chosen, order[..., :k], True, axis=-1)
    return chosen


def stable_radius(b1: ArrayLike) -> float:
    """Return the size below which a perturbation of scalar slopes leaves every region as it is.

    In one dimension the ranking at x depends on the sign of x only, so that regions change when
    two slopes change places: half of the smallest gap (Lemma 1, as recalled, for d = 1).

    Raises
    ------
    ValueError
        If the slopes are not scalar or there are fewer than two.
    """
    slope = np.sort(np.asarray(b1, dtype=np.float64).ravel())
    if np.ndim(b1) > 2 or (np.ndim(b1) == 2 and np.shape(b1)[1] != 1) or len(slope) < 2:
        raise ValueError(f"b1 has shape {np.shape(b1)}: give at least two scalar slopes")
    return float(np.diff(slope).min() / 2)


def needed_experts(cells: ArrayLike, k: int) -> int:
    """Return the recalled threshold: the largest total size of k Voronoi cells.

    Parameters
    ----------
    cells : array_like of int
        Sizes of the Voronoi cells of the true atoms.
    k : int
        Experts the true gate keeps.
    """
    return int(np.sort(np.asarray(cells))[::-1][:k].sum())


def clone(truth: Atoms, expert: int, shift: float, log_weight: float, clones: int = 2) -> Atoms:
    """Return the truth with one expert replaced by copies at b1 + shift * (-1, ..., 1).

    Parameters
    ----------
    truth : Atoms
    expert : int
    shift : float
    log_weight : float
        Added to b0 of each copy (0: each keeps the full weight; -log 2: halves).
    clones : int
    """
    keep = np.repeat(np.arange(len(truth.b0)), np.where(np.arange(len(truth.b0)) == expert,
                                                        clones, 1))  # fmt: skip
    copies = keep == expert
    b0, b1 = truth.b0[keep].copy(), truth.b1[keep].copy()
    b0[copies] += log_weight
    b1[copies] += shift * np.linspace(-1, 1, clones)
    return Atoms(b0, b1, truth.a[keep], truth.c[keep], truth.v[keep])
