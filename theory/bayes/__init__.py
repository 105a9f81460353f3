"""Bayesian methods: what the papers claim."""
