"""Ioannides, Chadha and Elkins (2024): attention by products of Gaussians."""
