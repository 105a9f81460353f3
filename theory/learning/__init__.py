"""Learning theory: what the papers claim."""
