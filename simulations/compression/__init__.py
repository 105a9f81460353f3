"""Compression: how the claims are tried."""
