r"""Softmax gating in a Gaussian mixture of experts: losses, exponents and exact identities.

Nguyen, Nguyen & Ho, "Demystifying Softmax Gating Function in Gaussian Mixture of Experts"
(NeurIPS 2023). The model is

.. math:: p_G(y|x) = \sum_i \frac{\exp(b_{1i}x + b_{0i})}{\sum_l \exp(b_{1l}x + b_{0l})}
          N(y; a_i x + c_i, v_i),

with v the *variance* (the papers write b for the intercept called c here). Everything below is for
a scalar x; parameters are arrays whose last axis runs over the experts.
"""

from __future__ import annotations

from refutable import Paper

PAPER = Paper(
    key="softmax_gmoe",
    field="experts",
    title="Demystifying Softmax Gating Function in Gaussian Mixture of Experts",
    authors=("Huy Nguyen", "TrungTin Nguyen", "Nhat Ho"),
    year=2023,
    venue="NeurIPS 2023",
    arxiv="2305.03288",
    code="https://github.com/Trung-TinNGUYEN/CRPE-SGaME",
    read=(
        "The authors' repository (losses, exponents, truths, stopping rule and stored results); "
        "the wording of the theorems is recalled, not read."
    ),
    not_checked=(
        "The $n^(-1/8)$ rate of a plain three-expert fit: with free weights half of the fits "
        "collapse and the rate does not show for n up to 100,000; the symmetric split shows it.",
        "Whether the slope of the published over-specified runs depends on the first sample size "
        "that is kept: a claim on it was withdrawn, because it held only with small gaps cut off.",
        "Three fitted experts in one cell by maximum likelihood $(n^(-1/12))$: far beyond any n.",
    ),
)
