"""How Nguyen, Akbarian, Yan & Ho (ICLR 2024) is tried: a top-K gate over the experts."""
