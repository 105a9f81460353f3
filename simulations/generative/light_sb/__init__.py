"""Korotin, Gushchin and Burnaev (ICLR 2024): Schroedinger bridges by a mixture as potential."""
