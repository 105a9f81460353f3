"""QMoE: its code on independent weights, its sizes, its solver and its share of zeros."""
