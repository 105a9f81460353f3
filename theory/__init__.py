"""Closed forms: what each paper claims and what theory predicts."""
