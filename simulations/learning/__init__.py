"""Learning theory: how the claims are tried."""
