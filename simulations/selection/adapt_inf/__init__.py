"""Adapt-infinity: cluster budgets, choice of scorer, deduplication, image grounding."""
