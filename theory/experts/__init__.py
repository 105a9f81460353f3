"""Mixtures of experts: what the papers claim."""
