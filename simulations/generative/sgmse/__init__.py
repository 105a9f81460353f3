"""Richter et al. (2023): enhancing speech by a diffusion that starts at the noisy recording."""
