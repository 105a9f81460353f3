"""Generative models: what the papers claim."""
