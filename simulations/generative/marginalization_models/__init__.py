"""Generative marginalization models (ICML 2024): all marginals of a discrete law."""
