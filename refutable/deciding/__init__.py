"""How a claim is decided: kernels, checks, trial, ledger and planning."""
