"""SCMoE: what contrasting two routings of one model does, when it helps, and printed accuracies."""
