"""Estimators and optimisers, split by method: batched arrays in, arrays out."""
