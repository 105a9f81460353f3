"""Matena and Raffel (NeurIPS 2022): merging models by their Fisher information."""
