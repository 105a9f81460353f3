"""How Nguyen, Nguyen & Ho (NeurIPS 2023) is tried: softmax-gated Gaussian experts."""
