"""AdaptiveMix: what its penalty on mixed features shrinks, and what it leaves alone."""
