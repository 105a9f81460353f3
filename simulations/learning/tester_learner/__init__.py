"""How the claims about tester-learners for halfspaces are tried."""
