"""Slight Corruption (NeurIPS 2024): linear diffusion models trained with corrupted labels."""
