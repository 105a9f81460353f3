"""MoSA: what splitting an adapter, training its modules apart and adding them amounts to."""
