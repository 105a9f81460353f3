"""FactorLLM: the cut, the factor N/K, the pseudo-label of the released code and the savings."""
