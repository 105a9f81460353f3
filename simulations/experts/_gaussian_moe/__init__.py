"""What the papers on Gaussian mixtures of experts share: worlds, efficiency, local moduli."""
