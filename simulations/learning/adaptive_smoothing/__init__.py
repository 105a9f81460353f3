"""How the claims about mixtures of an accurate and a robust classifier are tried."""
