"""Mixtures of experts: how the claims are tried."""
