"""Jiang et al. (ICML 2023): unnormalised models by compositional optimisation, beside NCE."""
