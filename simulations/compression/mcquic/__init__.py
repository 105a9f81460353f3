"""McQuic: code rate, gain of a joint prior, vector quantisers, Gumbel choices and gradients."""
