"""OneRec: what iterated DPO converges to, what balanced codes cost, and the text's percentages."""
