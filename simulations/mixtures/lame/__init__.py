"""LAME (CVPR 2022): soft labels of a batch, smoothed over a graph of its features."""
