"""Zhuang, Chen and Yang (ICML 2023): likelihood-adjusted semidefinite programs for clustering."""
