"""Bayesian methods: how the claims are tried."""
