"""Diffusion models trained with slightly corrupted labels: laws, entropies and distances.

Chen, Han, Misra, Li, Hu, Zou, Sugiyama, Wang and Raj, "Slight Corruption in Pre-training Data
Makes Better Diffusion Models" (NeurIPS 2024). A class has n samples of N(mu, I) in d dimensions,
with empirical mean m and covariance S (divisor n). Its denoiser ``W x + V c`` is linear, one for
each time, and is trained exactly with the label code c replaced by ``c + gamma N(0, I)``; samples
follow the probability-flow ODE with the clean code.

The paper's Lemma 2 puts ``r^2 a |m|^2 I`` into the trained denoiser, a = gamma^2/(1 + gamma^2). The
normal equations give ``r^2 a m m'``, of rank one; what rests on the lemma is kept in both forms.
"""

from __future__ import annotations

from refutable import Paper

PAPER = Paper(
    key="slight_corruption",
    field="generative",
    title="Slight Corruption in Pre-training Data Makes Better Diffusion Models",
    authors=(
        "Hao Chen",
        "Yujin Han",
        "Diganta Misra",
        "Xiang Li",
        "Kai Hu",
        "Difan Zou",
        "Masashi Sugiyama",
        "Jindong Wang",
        "Bhiksha Raj",
    ),
    year=2024,
    venue="NeurIPS 2024",
    arxiv="2405.20494",
    read="the full text with its appendices, in a machine-converted copy",
    not_checked=(
        "FID and the other scores of LDM, DiT and LCM models: need large networks and image data",
        "conditional embedding perturbation (CEP), the method: the same",
        "guidance: the theory of the paper has none",
    ),
)
