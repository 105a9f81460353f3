"""Generative models: how the claims are tried."""
