"""Fang et al. (ICLR 2024): Gaussian processes solve equations of high frequency."""
