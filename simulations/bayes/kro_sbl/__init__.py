"""He and Joseph (2024): sparse vectors seen through Kronecker products, by Bayesian learning."""
