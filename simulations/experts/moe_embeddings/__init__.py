"""Mixture-of-experts embeddings: published F1 values, decoupling, upcycling, contrastive losses."""
