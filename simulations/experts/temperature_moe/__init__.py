"""How Nguyen, Akbarian & Ho (ICML 2024) is tried: a temperature in the gate of the experts."""
