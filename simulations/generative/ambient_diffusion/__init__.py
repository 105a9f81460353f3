"""Daras et al. (ICLR 2025): how many noisy samples replace a clean one, by the law of k atoms."""
