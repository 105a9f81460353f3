"""How the claims about answers to adaptive queries are tried."""
