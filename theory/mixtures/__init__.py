"""Mixtures and clustering: what the papers claim."""
