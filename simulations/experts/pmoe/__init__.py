"""PMoE: what the router learns, how noisy its gradient is, and what one mode cannot do."""
