"""Mixtures and clustering: how the claims are tried."""
