"""Mueller et al. (ICLR 2022): networks fitted to draws from a prior predict as Bayes does."""
