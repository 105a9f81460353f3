"""Zheng, Wu and Li (NeurIPS 2023): what generative augmentation does to the generalisation gap."""
