"""Chadha et al. (2012): why conversion by a Gaussian mixture smooths, and what undoing it costs."""
