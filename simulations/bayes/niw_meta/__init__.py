"""Kim and Hospedales (ICLR 2024): a hierarchical Bayesian model for few-shot meta-learning."""
