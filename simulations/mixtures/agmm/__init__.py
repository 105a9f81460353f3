"""Wu et al. (TPAMI 2025): Gaussian mixtures of distances to class centres for label noise."""
