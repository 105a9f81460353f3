"""Selection and ranking: what the papers claim."""
