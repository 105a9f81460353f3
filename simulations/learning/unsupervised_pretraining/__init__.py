"""Ge, Tang, Fan and Jin (ICLR 2024): when unsupervised pretraining pays."""
