"""Li, Rudner and Wilson (ICLR 2024): Bayesian neural networks as surrogates, beside Gaussians."""
