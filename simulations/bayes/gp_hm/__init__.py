"""Fang et al. (ICLR 2024): differential equations of high frequency solved by Gaussian processes."""
