"""Selection and ranking: how the claims are tried."""
