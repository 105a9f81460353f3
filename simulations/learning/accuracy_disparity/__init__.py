"""How the claims about robust rules and the accuracy gap between classes are tried."""
