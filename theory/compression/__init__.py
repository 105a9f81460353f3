"""Compression: what the papers claim."""
